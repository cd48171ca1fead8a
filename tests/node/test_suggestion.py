"""Suggested mappings: usual headers are understood, what is uncertain is left to the unit."""

import pytest

from fenhe_client.sheets.headers import Header, plain
from fenhe_node.mapping.model import Mapping, check_mapping
from fenhe_node.mapping.suggestion import Columns, suggest
from tests.node.lists import SCHEMAS


def suggested(
    *texts: str, kind: str = "instrument", under: dict[str, list[str]] | None = None
) -> Mapping:
    headers = tuple(Header(i, text, plain(text)[0]) for i, text in enumerate(texts))
    seen = {h.column: frozenset((under or {}).get(h.name, [])) for h in headers}
    mapping = suggest(Columns(headers, seen), SCHEMAS.kind(kind))
    check_mapping(mapping, SCHEMAS.kind(kind), "suggestion")
    return mapping


def fields(mapping: Mapping) -> dict[str, str]:
    return {rule.header: rule.fields[0] for rule in mapping.columns if rule.fields}


def test_a_plain_list() -> None:
    mapping = suggested(
        "序号", "设备编号", "设备名称", "型号", "规格", "厂家", "原值(元)", "购置日期", "放置地点",
        "负责人", "电话", "使用单位", "现状",
    )  # fmt: skip
    assert fields(mapping) == {
        "设备编号": "id",
        "设备名称": "name_zh",
        "型号": "model",
        "规格": "technical_specification",
        "厂家": "manufacturer",
        "原值": "value_yuan",
        "购置日期": "booked_on",
        "放置地点": "location.street",
        "负责人": "contact_person.name",
        "电话": "service_office.landline",
        "使用单位": "department",
        "现状": "status",
    }
    assert mapping.persons == ("负责人",)
    assert mapping.fixed == {}


def test_the_units_own_number_is_the_id_and_the_platforms_is_kept_aside() -> None:
    both = fields(suggested("仪器编号", "所在单位仪器编号", "仪器设备名称"))
    assert both["所在单位仪器编号"] == "id"
    assert both["仪器编号"] == "nrii_no"
    assert fields(suggested("仪器编号", "仪器名称"))["仪器编号"] == "id"


def test_an_asset_number_is_the_id_only_where_there_is_no_other() -> None:
    assert fields(suggested("资产编号", "名称"))["资产编号"] == "id"
    both = fields(suggested("资产编号", "设备编号", "名称"))
    assert both == {"资产编号": "asset_register_no", "设备编号": "id", "名称": "name_zh"}


def test_a_status_that_no_column_tells_is_fixed_and_visible() -> None:
    assert suggested("编号", "名称").fixed == {"status": "normal"}


def test_words_for_the_status_that_occur_are_written_down() -> None:
    mapping = suggested("编号", "名称", "状态", under={"状态": ["在用", "正常", "待查"]})
    rule = mapping.rule("状态")
    assert rule is not None
    assert rule.values == {"在用": "normal"}


@pytest.mark.parametrize(
    ("header", "unit"),
    [("原值（万元）", "万元"), ("原值（单位万元、保留小数点后两位）", "万元"), ("原值/元", "元")],
)
def test_the_unit_of_money_is_read_from_the_header(header: str, unit: str) -> None:
    rule = suggested("编号", "名称", header).columns[2]
    assert (rule.fields, rule.unit) == (("value_yuan",), unit)


def test_a_value_without_its_unit_is_left_to_the_unit_to_say() -> None:
    rule = suggested("编号", "名称", "原值").columns[2]
    assert rule.fields == ()
    assert "单位" in rule.ignore


def test_file_names_are_no_photos() -> None:
    named = suggested("编号", "名称", "图片", under={"图片": ["a.jpg"]}).columns[2]
    linked = suggested("编号", "名称", "图片", under={"图片": ["https://u1.example/a.jpg"]})
    assert named.fields == ()
    assert linked.columns[2].fields == ("photo",)


@pytest.mark.parametrize("header", ["保管人", "机主姓名", "身份证号", "操作员", "微信"])
def test_columns_about_persons_are_never_sent(header: str) -> None:
    mapping = suggested("编号", "名称", "联系人", header)
    assert header in mapping.persons
    assert mapping.columns[3].fields in ((), ("contact_person.name",))


def test_a_record_of_services() -> None:
    mapping = suggested(
        "记录编号", "仪器编号", "开始时间", "结束时间", "有效机时(小时)", "服务金额", "用户类型",
        "申请人", "申请人电话", "课题名称",
        kind="service_record",
    )  # fmt: skip
    assert fields(mapping) == {
        "记录编号": "id",
        "仪器编号": "instrument",
        "开始时间": "started_at",
        "结束时间": "ended_at",
        "有效机时": "effective_minutes",
        "服务金额": "amount_fen",
        "用户类型": "user_class",
        "申请人": "applicant",
        "申请人电话": "phone",
        "课题名称": "project_name",
    }
    assert mapping.persons == ("申请人",)
    assert mapping.fixed == {"capture": "imported"}
