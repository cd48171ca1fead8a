from typing import Any

import pytest

from fenhe_protocol.schema import SchemaSet, Violation
from tests.protocol.contract import SET, envelope, faults, instrument


def the_fault(kind: str, tier: str, value: dict[str, Any]) -> Violation:
    (violation,) = SET.violations(kind, tier, value)
    return violation


@pytest.mark.parametrize(
    ("members", "zh", "en"),
    [
        (
            {"value_yuan": "35万"},
            '原值：应为不小于 0 的整数，单位：元，例如 3200000；实为 "35万"',
            'Value: expected an integer of 0 or more, in yuan, such as 3200000; found "35万"',
        ),
        (
            {"accepted_on": "2025-02-30"},
            "安装使用验收日期：应为真实存在的日期，写作 年-月-日，例如 2026-09-01；"
            '实为 "2025-02-30"',
            "Accepted on: expected a real date, written year-month-day, such as 2026-09-01;"
            ' found "2025-02-30"',
        ),
        (
            {"general_or_special": "通用"},
            '仪器设备类别：应为下列之一：通用（general）、专用（special）；实为 "通用"',
            "General or special: expected one of general (general), special (special);"
            ' found "通用"',
        ),
        (
            {"model": "x" * 201},
            "规格型号：应为文字，最多 200 个字，例如 EX-400；实为 201 个字 characters",
            "Model: expected text of at most 200 characters, such as EX-400;"
            " found 201 个字 characters",
        ),
        (
            {"subjects": []},
            "主要学科领域：应为1 至 4 项的列表，每项为3 位数字的一级学科代码"
            "（清单里写名称也行，如 化学）；实为 0 项 items",
            "Subjects: expected a list of 1 to 4, each a first-level subject code of 3 digits"
            " (a list may give its name); found 0 项 items",
        ),
        (
            {"class_code": "999999"},
            "设备分类编码：应为国家平台仪器分类代码表里的 6 位代码，例如 010601；"
            '分不清的填 990000；实为 "999999"',
            "Class code: expected one of the national platform's classes of instruments,"
            ' such as 010601; 990000 where it fits nowhere; found "999999"',
        ),
        (
            {"imported_duty_free": "是"},
            '是否在海关监管年限内：应为是或否（true 或 false）；实为 "是"',
            'Imported duty-free, under customs supervision: expected true or false; found "是"',
        ),
        (
            {"customs": {"declaration_no": "2.23E+17"}},
            '进口报关单编号：应为18 位数字，例如 000020261000000001；实为 "2.23E+17"',
            'Declaration number: expected 18 digits, such as 000020261000000001; found "2.23E+17"',
        ),
        (
            {"location": "太原"},
            '安放地址：应为一组内容；实为 "太原"',
            'Location: expected an object; found "太原"',
        ),
    ],
)
def test_a_person_reads_what_was_expected_and_what_was_found(
    members: dict[str, Any], zh: str, en: str
) -> None:
    violation = the_fault("instrument", "full", instrument(**members))
    assert (violation.zh, violation.en) == (zh, en)


def test_a_missing_member_and_one_too_many_are_named_by_their_titles() -> None:
    missing = the_fault("instrument", "pub", envelope())
    assert missing.title_zh == "仪器设备名称"
    assert missing.found == "无 nothing"
    stray = the_fault("instrument", "pub", instrument(value_yuan=5))
    assert stray.zh == "原值：应为空（此项属于另一级）；实为 有内容 a value"


def test_a_long_value_is_cut_in_the_sentence() -> None:
    assert len(the_fault("instrument", "pub", instrument(photo="x" * 400)).found) == 80


def test_violations_come_in_the_order_of_the_fields() -> None:
    value = instrument(status="broken", name_en=1, id="A 1")
    assert [path for path, _ in faults("instrument", "pub", value)] == ["id", "name_en", "status"]


def test_a_kind_tells_what_tables_and_forms_need() -> None:
    kind = SET.kind("instrument")
    assert (kind.log, kind.nrii_type, kind.title_zh) == ("catalogue", 4, "科学仪器设备")
    assert kind.fields[3].name == "name_zh"
    status = kind.field("status")
    assert (status.type, status.tier, status.required) == ("code", "pub", True)
    assert status.labels["awaiting_scrap"].zh == "待报废"
    value = kind.field("value_yuan")
    assert (value.tier, value.unit_zh, value.unit_en, value.minimum) == ("hub", "元", "yuan", 0)
    assert kind.field("location.city").nrii == ("4.city",)
    assert kind.field("name_zh").max_length == 200
    assert kind.field("accepted_on").type == "date"
    assert kind.field("class_code").table == "instrument-classes"
    assert kind.field("contact_person").tier == "node"
    assert kind.field("contact_person").sealable
    assert kind.field("contact_person.name").person
    with pytest.raises(KeyError):
        kind.field("location.planet")


def test_lists_and_objects_open_into_their_columns() -> None:
    location = SET.kind("instrument").field("location")
    assert [leaf.path for leaf in location.leaves] == [
        "location.province",
        "location.city",
        "location.county",
        "location.street",
    ]
    lines = SET.kind("fee_standard").field("lines")
    assert lines.item is not None
    assert SET.kind("fee_standard").field("lines[].charge_unit").labels["sample"].zh == "样"
    way = SET.kind("service_record").field("way")
    assert way.labels[3].zh == "委托共享"


def test_the_platforms_own_codes_stand_beside_ours() -> None:
    user_class = SET.kind("service_record").field("user_class")
    assert {label.nrii for label in user_class.labels.values()} == {"120", "130"}


def test_the_schemas_are_read_once() -> None:
    assert SchemaSet.load() is SchemaSet.load()
