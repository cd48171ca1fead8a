"""Mapping files: written out they read back the same; what is wrong in them is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.mapping.file import parse_mapping, read_mapping
from fenhe_node.mapping.made import MadeId, Span
from fenhe_node.mapping.model import ColumnRule, Mapping, check_mapping
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.staging.judging import check_fixed
from fenhe_protocol.errors import SetupError
from tests.node.lists import SCHEMAS

LEAST = "kind: instrument\ncolumns:\n  编号: id\n"
KIND = SCHEMAS.kind("instrument")
SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "mappings"


def wrong(text: str) -> SetupError:
    with pytest.raises(SetupError) as caught:
        mapping = parse_mapping(text, "m.yaml")
        check_mapping(mapping, SCHEMAS.kind(mapping.kind), "m.yaml")
    return caught.value


def test_the_least_mapping() -> None:
    mapping = parse_mapping(LEAST, "m.yaml")
    assert mapping.columns == (ColumnRule("编号", ("id",)),)
    check_mapping(mapping, KIND, "m.yaml")


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        (LEAST + "colour: red\n", "mapping.unknown", "colour"),
        (LEAST + "  原值: {field: value_yuan, unti: 万元}\n", "mapping.unknown", "unti"),
        ("columns:\n  编号: id\n", "mapping.missing", "kind"),
        ("kind: instrument\n", "mapping.missing", "columns"),
        (LEAST + "  原值: {unit: 万元}\n", "mapping.missing", "原值"),
        (LEAST + "  原值: {field: value_yuan, unit: 美元}\n", "mapping.value", "unit"),
        (LEAST + "  原值: {field: value_yuan, round: up}\n", "mapping.value", "round"),
        (LEAST + "  原值: {field: valeu_yuan}\n", "mapping.value", "原值"),
        (LEAST + "  安放地址: location\n", "mapping.value", "安放地址"),
        (LEAST + "  备注: ext.node.remark\n", "mapping.value", "备注"),
        (LEAST + "  原值: {field: value_yuan, ignore: why}\n", "mapping.value", "原值"),
        (LEAST + "  座机: {field: model, mobile: phone}\n", "mapping.value", "座机"),
        (LEAST + "fixed: {state: normal}\n", "mapping.value", "fixed"),
        (LEAST + "  联系人: model\npersons: [联系人]\n", "mapping.value", "persons"),
        (LEAST + "vanished: {delete: lost}\nsource: a\n", "mapping.value", "vanished"),
        (LEAST + "vanished: {delete: scrapped}\n", "mapping.value", "vanished"),
        (LEAST + "vanished: remove\n", "mapping.value", "vanished"),
        ("kind: instrument\ncolumns:\n  名称: name_zh\n", "mapping.value", "columns"),
        (LEAST + "  编号: name_zh\n", "mapping.yaml", "m.yaml"),
        ("kind: [\n", "mapping.yaml", "m.yaml"),
        ("- kind\n", "mapping.value", "m.yaml"),
        (LEAST + "header_row: two\n", "mapping.value", "header_row"),
        (LEAST + "delimiter: ';;'\n", "mapping.value", "delimiter"),
        (LEAST + "delimiter: '\"'\n", "mapping.value", "delimiter"),
        (LEAST + "  日期: {field: accepted_on, format: '%Y %Y'}\n", "mapping.value", "format"),
        (LEAST + "  日期: {field: accepted_on, format: '%'}\n", "mapping.value", "format"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, where: str) -> None:
    error = wrong(text)
    assert error.code == code
    assert where in error.where


def test_keys_are_text_as_written() -> None:
    text = LEAST + "  共享: {field: imported_duty_free, values: {是: true, no: false, 1: true}}\n"
    rule = parse_mapping(text, "m.yaml").rule("共享")
    assert rule is not None
    assert rule.values == {"是": True, "no": False, "1": True}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
RULES = st.builds(
    ColumnRule,
    header=NAMES,
    fields=st.sampled_from([("name_zh",), ("name_zh", "name_en"), ("value_yuan",)]),
    values=st.dictionaries(NAMES, st.one_of(st.none(), st.booleans(), NAMES), max_size=3),
    unit=st.sampled_from(["", "万元"]),
    round=st.sampled_from(["", "half_up"]),
    format=st.sampled_from(["", "%d.%m.%Y"]),
    split=st.sampled_from(["", "+;"]),
    unit_in=st.sampled_from(["", "计量单位"]),
    zone=st.sampled_from(["", "UTC", "-05:00"]),
    prefix=st.sampled_from(["", "nemo-"]),
)


@given(
    st.lists(RULES, min_size=1, max_size=4, unique_by=lambda rule: rule.header),
    st.dictionaries(st.sampled_from(["status", "model"]), NAMES),
    st.lists(NAMES, max_size=2),
    st.booleans(),
)
def test_a_mapping_written_out_reads_back_the_same(
    rules: list[ColumnRule], fixed: dict[str, str], persons: list[str], deletes: bool
) -> None:
    mapping = Mapping(
        "instrument",
        tuple(rules),
        fixed,
        source="清单" if deletes else "",
        header_row=2,
        persons=tuple(persons),
        skip_where={"状态": ("已报废", "外借")},
        only_where={"类别": ("预约",)} if deletes else {},
        wait_for=("结束",) if deletes else (),
        id_of=MadeId(("仪器", "开始"), "日历-") if deletes else None,
        minutes=Span("开始", "结束") if deletes else None,
        vanished="scrapped" if deletes else "",
        empty=("/",),
    )
    assert parse_mapping(render_mapping(mapping, KIND), "m.yaml") == mapping


def test_a_fixed_value_that_the_contract_refuses_is_the_mappings_fault() -> None:
    mapping = parse_mapping(LEAST + "fixed: {status: fine, location.city: 太原市}\n", "m.yaml")
    with pytest.raises(SetupError) as caught:
        check_fixed(mapping, SCHEMAS, "m.yaml")
    assert caught.value.where == "m.yaml · fixed · status"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_the_mappings_that_ship_are_good(path: Path) -> None:
    mapping = read_mapping(path)
    check_mapping(mapping, SCHEMAS.kind(mapping.kind), path.name)
    check_fixed(mapping, SCHEMAS, path.name)


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"mapping\.unreadable"):
        read_mapping(tmp_path / "none.yaml")
