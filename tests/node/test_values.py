"""Cells to values: what is certain is read exactly, what Excel damaged is refused by name."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.numbers import decimal_text
from fenhe_client.sheets.table import Cell, CellType
from fenhe_node.mapping.codes import read_charge
from fenhe_node.mapping.model import EMPTY_WORDS, ColumnRule, target
from fenhe_node.mapping.texts import IdColumn, judge_ids
from fenhe_node.mapping.values import read_cell
from tests.node.lists import SCHEMAS

NO_IDS = IdColumn(text_once=False, width=0)


def text(value: str) -> Cell:
    return Cell(value, CellType.TEXT)


def number(value: float | int, form: str = "General") -> Cell:
    return Cell(decimal_text(value), CellType.NUMBER, form)


def read(
    cell: Cell, path: str, kind: str = "instrument", ids: IdColumn = NO_IDS, **rule: Any
) -> Any:
    found = read_cell(
        cell,
        ColumnRule("列", (path,), **rule),
        path,
        target(SCHEMAS.kind(kind), path),
        empty=EMPTY_WORDS,
        ids=ids,
    )
    return found.get(path, dict(found) or None)


def refused(cell: Cell, path: str, kind: str = "instrument", **options: Any) -> str:
    with pytest.raises(Damage) as caught:
        read(cell, path, kind, **options)
    assert caught.value.zh and caught.value.en
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "path", "rule", "value"),
    [
        (number(67.81), "value_yuan", {"unit": "万元"}, 678100),
        (number(0.29), "value_yuan", {"unit": "万元"}, 2900),
        (number(0.1 + 0.2), "value_yuan", {"unit": "万元"}, 3000),
        (text("1,234.56"), "value_yuan", {"unit": "万元"}, 12345600),
        (text("678123.45"), "value_yuan", {"unit": "元", "round": "half_up"}, 678123),
        (text("678123.50"), "value_yuan", {"unit": "元", "round": "down"}, 678123),
        (number(1234.5), "declared_run_minutes", {"unit": "小时"}, 74070),
        (text("2016/1/2"), "booked_on", {}, "2016-01-02"),
        (text("2016年1月2日"), "booked_on", {}, "2016-01-02"),
        (text("20160102"), "booked_on", {}, "2016-01-02"),
        (number(20160102), "booked_on", {}, "2016-01-02"),
        (text("2016-01-02 10:30:00.123"), "booked_on", {}, "2016-01-02"),
        (text("02.01.2016"), "booked_on", {"format": "%d.%m.%Y"}, "2016-01-02"),
        (Cell("2016-01-02T00:00:00", CellType.DATE), "booked_on", {}, "2016-01-02"),
        (text("正常"), "status", {}, "normal"),
        (text("normal"), "status", {}, "normal"),
        (text("在用"), "status", {"values": {"在用": "normal"}}, "normal"),
        (text("不详"), "status", {"values": {"不详": None}}, None),
        (text("是"), "imported_duty_free", {}, True),
        (Cell("FALSE", CellType.BOOLEAN), "imported_duty_free", {}, False),
        (text("数学，力学、林学"), "subjects", {}, ["110", "130", "220"]),
        (text("150+140"), "subjects", {"split": "+"}, ["150", "140"]),
        (text("中央财政资金,其他资金"), "funds", {}, ["central", "other"]),
        (text("透射电镜"), "class_code", {}, "010101"),
        (text(" 扫描\u200b电镜\n EVO  10 "), "model", {}, "扫描电镜 EVO 10"),
        (number(6490), "model", {}, "6490"),
        (number(20150012, "00000000000"), "asset_register_no", {}, "00020150012"),
        (text("无"), "function", {}, None),
        (text("/"), "booked_on", {}, None),
        (text("0351-0000000"), "service_office.landline", {}, "0351-0000000"),
    ],
)
def test_what_is_certain_is_read(cell: Cell, path: str, rule: dict[str, Any], value: Any) -> None:
    assert read(cell, path, **rule) == value


@pytest.mark.parametrize(
    ("cell", "path", "code"),
    [
        (text("2.23E+17"), "customs.declaration_no", "cell.scientific"),
        (text("2.23e+17"), "asset_register_no", "cell.scientific"),
        (number(2.23020231234567890e17), "customs.declaration_no", "cell.scientific"),
        (number(223020231234567890), "customs.declaration_no", "cell.scientific"),
        (number(1.5e20), "value_yuan", "cell.scientific"),
        (text("42370"), "booked_on", "cell.date-serial"),
        (number(42370), "booked_on", "cell.date-serial"),
        (number(42370.5), "booked_on", "cell.date-serial"),
        (Cell("1900-01-01T00:00:00", CellType.DATE), "booked_on", "cell.date-1900"),
        (text("1899-12-30"), "booked_on", "cell.date-1900"),
        (text("2016-02-30"), "booked_on", "value.date"),
        (text("2016-01"), "booked_on", "value.date"),
        (text("16-01-02"), "booked_on", "value.date"),
        (text("01/02/2016"), "booked_on", "value.date"),
        (text("２０１６-01-02"), "booked_on", "cell.full-width"),
        (text("３５"), "value_yuan", "cell.full-width"),
        (text("35万"), "value_yuan", "value.number"),
        (text("约35"), "value_yuan", "value.number"),
        (text("35,5"), "value_yuan", "value.number"),
        (Cell("2016-01-02T00:00:00", CellType.DATE), "value_yuan", "value.number"),
        (text("0.00005"), "value_yuan", "value.fraction"),
        (Cell("#N/A", CellType.ERROR), "name_zh", "cell.error"),
        (text("#REF!"), "name_zh", "cell.error"),
        (text("########"), "booked_on", "cell.error"),
        (Cell("", CellType.FORMULA), "name_zh", "cell.formula"),
        (text("ï¿½"), "name_zh", "cell.garbled"),
        (text("锟斤拷"), "name_zh", "cell.garbled"),
        (text("a\x07b"), "name_zh", "cell.control"),
        (text("a\u202eb"), "name_zh", "cell.control"),
        (Cell("2026-03-04T00:00:00", CellType.DATE), "model", "cell.date-for-text"),
        (number(10601), "class_code", "cell.leading-zero"),
        (text("30006"), "service_office.postcode", "cell.leading-zero"),
        (number(0.5, "0%"), "model", "cell.number-shown"),
        (text("好"), "status", "value.code"),
        (text("也许"), "imported_duty_free", "value.boolean"),
        (text("数学,占星术"), "subjects", None),
    ],
)
def test_what_is_damaged_or_wrong_is_refused(cell: Cell, path: str, code: str | None) -> None:
    rule: dict[str, Any] = {"unit": "万元"} if path == "value_yuan" else {}
    if code is None:  # the code table is the schema's to judge
        assert read(cell, path, **rule) == ["110", "占星术"]
    else:
        assert refused(cell, path, **rule) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (text("2016-01-02"), "value.date"),
        (text("31.02.2016"), "value.date"),
        (text("02.01.1900"), "cell.date-1900"),
    ],
)
def test_a_date_not_of_the_columns_form_is_refused(cell: Cell, code: str) -> None:
    assert refused(cell, "booked_on", format="%d.%m.%Y") == code


def test_a_time_of_day_is_no_date() -> None:
    assert refused(Cell("10:30:00", CellType.DATE), "booked_on") == "value.date"


def test_a_number_with_another_unit_beside_it_is_refused_without_advice_to_write_it() -> None:
    with pytest.raises(Damage) as caught:
        read(text("35元"), "value_yuan", unit="万元")
    assert "write" not in caught.value.en


@pytest.mark.parametrize("written", ["13812345678", "+8613812345678", "13,812,345,678"])
@pytest.mark.parametrize("path", ["value_yuan", "declared_run_minutes"])
def test_a_mobile_in_a_column_of_numbers_is_refused_unquoted(written: str, path: str) -> None:
    with pytest.raises(Damage) as caught:
        read(text(written), path, unit={"value_yuan": "万元"}.get(path, "小时"))
    assert (caught.value.code, caught.value.quote) == ("privacy.mobile", False)


def test_the_message_tells_what_to_write() -> None:
    with pytest.raises(Damage) as caught:
        read(text("35万"), "value_yuan", unit="万元")
    assert "写 35" in caught.value.zh
    assert "write 35" in caught.value.en


@given(st.integers(0, 10**9))
def test_ten_thousands_with_two_decimals_become_whole_yuan(hundreds: int) -> None:
    written = f"{hundreds // 100}.{hundreds % 100:02d}"
    assert read(text(written), "value_yuan", unit="万元") == hundreds * 100
    assert read(number(float(written)), "value_yuan", unit="万元") == hundreds * 100


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**12))
def test_a_float_is_written_as_it_was_typed(typed: Decimal) -> None:
    assert Decimal(decimal_text(float(typed))) == typed


@pytest.mark.parametrize(
    ("cells", "cell", "code"),
    [
        ([], text("20150012.0"), "cell.decimal-id"),
        ([], number(20150012.5), "cell.decimal-id"),
        ([], number(20150012, "0.0"), "cell.number-shown"),
        ([], number(2.01500123456789e17), "cell.scientific"),
        ([text("A-1"), text("A-2")], number(20150012), "cell.number-id"),
        ([text("20150001")], number(20150012), "cell.number-id"),
        ([text("00123"), text("00456")], text("789"), "cell.leading-zero"),
        ([], text("Ａ-1"), "cell.full-width"),
    ],
)
def test_an_id_that_is_uncertain_is_refused(cells: list[Cell], cell: Cell, code: str) -> None:
    ids = judge_ids([*cells, cell])
    with pytest.raises(Damage) as caught:
        read(cell, "id", ids=ids)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cells", "cell", "value"),
    [
        ([number(20150013)], number(20150012), "20150012"),
        ([number(20150013), number(20150014), text("2015001A")], number(20150012), "20150012"),
        ([text("00123")], number(45, "00000"), "00045"),
        ([text("00123")], text("00045"), "00045"),
        ([], text("/"), "/"),
    ],
)
def test_an_id_that_is_certain_is_read(cells: list[Cell], cell: Cell, value: str) -> None:
    assert read(cell, "id", ids=judge_ids([*cells, cell])) == value


@pytest.mark.parametrize("written", ["13800000000", "013800000000", "0351-0000000/13800000000"])
def test_a_mobile_never_lands_in_the_office_line(written: str) -> None:
    found = read(text(written), "service_office.landline", mobile="contact_person.phone")
    assert found == {"contact_person.phone": written}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("元/样", {"charge_unit": "sample"}),
        ("样", {"charge_unit": "sample"}),
        ("元/30天", {"charge_unit": "day", "charge_quantity": 30}),
        ("元/30min", {"charge_unit": "minute", "charge_quantity": 30}),
        ("元/组分/样", {"charge_unit": "component"}),
        ("元/元素", {"charge_unit": "element"}),
        ("小时", {"charge_unit": "hour"}),
    ],
)
def test_units_of_charge_as_units_write_them(written: str, found: dict[str, Any]) -> None:
    path = "lines.charge_unit"
    got = read_cell(
        text(written),
        ColumnRule("列", (path,)),
        path,
        target(SCHEMAS.kind("fee_standard"), path),
    )
    assert got == {f"lines.{name}": value for name, value in found.items()}


def test_a_moment_is_kept_to_the_hour() -> None:
    found = read(text("2026/7/1 9:42"), "started_at", "service_record")
    assert found == "2026-07-01T09:00:00+08:00"


def test_a_quantity_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(Damage, match=r"value\.charge"):
        read_charge("元/" + "3" * 5002 + "天")


@pytest.mark.parametrize("digits", ["3" * 5002, f"1.{'0' * 40}1", f"-{'9' * 23}"])
def test_a_number_longer_than_any_that_is_exact_is_refused(digits: str) -> None:
    assert refused(text(digits), "value_yuan", unit="万元") == "value.number"


def test_zeros_in_front_make_no_number_long() -> None:
    assert read(text("0" * 40 + "35.5"), "value_yuan", unit="万元") == 355000
