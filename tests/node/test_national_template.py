"""The national platform's equipment.xls as it is: two header rows, groups, guidance, numbers."""

from pathlib import Path
from typing import Any

import pytest
import xlrd
import xlwt
from openpyxl import load_workbook

from fenhe_node.importing.annotation import annotate
from fenhe_node.preview import preview
from fenhe_node.store import Store
from tests.node.lists import DATA, SCHEMAS, UNIT, codes, record, sums_agree, take

TEMPLATE = DATA / "nrii" / "templates" / "equipment.xls"

pytestmark = pytest.mark.skipif(
    not TEMPLATE.is_file(), reason="the national platform's templates are not here (shared/data)"
)

# Column by letter, so that a test reads like the form.
COLUMNS: dict[str, Any] = {
    "A": "NRII-0001",
    "B": "S2015001",
    "C": "核磁共振波谱仪",
    "D": "NMR spectrometer",
    "E": "附属于国家重点实验室",
    "F": "示例国家重点实验室",
    "G": "化学学院",
    "H": "010601",
    "I": "购置",
    "J": "否",
    "K": 67.81,
    "L": "德国",
    "M": "示例仪器公司",
    "N": "2015-07-14",
    "O": "通用",
    "P": "EX-400",
    "Q": "磁场强度 9.4 T",
    "R": "测定有机化合物的结构",
    "S": "化学，物理学",
    "T": "中央财政资金，单位自有资金",
    "U": "氢谱、碳谱测定",
    "V": "nmr.jpg",
    "W": 1234.5,
    "X": "提前一个工作日预约",
    "Y": "校外 300 元/小时",
    "Z": "https://u1.example/booking/1",
    "AA": "山西省",
    "AB": "太原市",
    "AC": "小店区",
    "AD": "示例路 1 号",
    "AE": 400,
    "AF": "示例甲",
    "AG": "0351-0000000",
    "AH": "person@example.org",
    "AI": "太原市示例路 1 号",
    "AJ": "030006",
}


def letters(width: int) -> list[str]:
    return [chr(65 + i) if i < 26 else "A" + chr(65 + i - 26) for i in range(width)]


def fill(path: Path, *rows: dict[str, Any]) -> Path:
    """Fill a copy of the template, its headers read from the real file."""
    with xlrd.open_workbook(TEMPLATE, formatting_info=True) as template:
        form = template.sheet_by_index(0)
        book = xlwt.Workbook()
        page = book.add_sheet(form.name)
        for top, bottom, left, right in form.merged_cells:
            page.write_merge(top, bottom - 1, left, right - 1, form.cell_value(top, left))
        for column in range(form.ncols):
            page.write(1, column, form.cell_value(1, column))
        places = {letter: column for column, letter in enumerate(letters(form.ncols))}
    for number, row in enumerate(rows, start=2):
        for letter, value in row.items():
            page.write(number, places[letter], value)
    book.save(str(path))
    return path


def test_a_whole_row_becomes_a_whole_record(store: Store, tmp_path: Path) -> None:
    report = take(store, fill(tmp_path / "equipment.xls", COLUMNS))
    assert report.problems == ()
    assert report.new == ("S2015001",)
    assert record(store, "S2015001") == {
        "unit": UNIT,
        "kind": "instrument",
        "id": "S2015001",
        "nrii_no": "NRII-0001",
        "name_zh": "核磁共振波谱仪",
        "name_en": "NMR spectrometer",
        "carrier": {"type": "state_key_laboratory", "name": "示例国家重点实验室"},
        "department": "化学学院",
        "class_code": "010601",
        "acquisition": "purchased",
        "imported_duty_free": False,
        "value_yuan": 678100,
        "value_band": "from_50",
        "origin_country": "德国",
        "manufacturer": "示例仪器公司",
        "booked_on": "2015-07-14",
        "general_or_special": "general",
        "model": "EX-400",
        "technical_specification": "磁场强度 9.4 T",
        "function": "测定有机化合物的结构",
        "subjects": ["150", "140"],
        "funds": ["central", "own"],
        "service_content": "氢谱、碳谱测定",
        "declared_run_minutes": 74070,
        "declared_service_minutes": 24000,
        "user_notice": "提前一个工作日预约",
        "fee_text": "校外 300 元/小时",
        "booking_url": "https://u1.example/booking/1",
        "location": {
            "province": "山西省",
            "city": "太原市",
            "county": "小店区",
            "street": "示例路 1 号",
        },
        "service_office": {
            "landline": "0351-0000000",
            "address": "太原市示例路 1 号",
            "postcode": "030006",
        },
        "contact_person": {"name": "示例甲", "mail": "person@example.org"},
        "status": "normal",
    }


@pytest.mark.parametrize(
    ("carrier", "number", "becomes"),
    [
        ("附属于科学仪器中心", "C-01", {"type": "centre", "kind": "centre", "id": "C-01"}),
        (
            "附属于国家重点实验室",
            "示例 实验室",
            {"type": "state_key_laboratory", "name": "示例 实验室"},
        ),
        ("", "C-01", {"id": "C-01"}),
    ],
)
def test_the_carrier_is_told_by_number_or_by_name(
    store: Store, tmp_path: Path, carrier: str, number: str, becomes: dict[str, str]
) -> None:
    report = take(store, fill(tmp_path / "e.xls", COLUMNS | {"E": carrier, "F": number}))
    assert report.problems == ()
    assert record(store, "S2015001")["carrier"] == becomes


def test_every_column_of_the_template_is_understood(store: Store, tmp_path: Path) -> None:
    report = take(store, fill(tmp_path / "equipment.xls", COLUMNS))
    assert {column.column for column in report.columns if not column.fields} == {"V"}
    assert {column.column for column in report.columns if not column.sent} == {"V", "AF", "AH"}
    assert report.fixed == {"status": "normal"}
    assert any("status = normal" in note for note in report.notes)
    assert "表头 header: 第 1-2 行" in report.notes


def test_a_mobile_in_the_contact_columns_stays_in_the_unit(store: Store, tmp_path: Path) -> None:
    take(store, fill(tmp_path / "equipment.xls", COLUMNS | {"AG": "13800000000"}))
    found = record(store, "S2015001")
    assert found["contact_person"]["phone"] == "13800000000"
    assert "landline" not in found["service_office"]
    (shown,) = preview(store, "S2015001", schemas=SCHEMAS)
    sent = str([field.value for field in (*shown.public, *shown.hub_only)])
    assert "13800000000" not in sent and "示例甲" not in sent and "person@" not in sent


def test_what_excel_damaged_is_refused_by_its_cell(store: Store, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        COLUMNS,
        COLUMNS | {"B": "S2015002", "AK": 2.2302017123456e17},
        COLUMNS | {"B": "S2015003", "H": 10601},
        COLUMNS | {"B": "S2015004", "AJ": 30006},
        COLUMNS | {"B": 20150005},
        COLUMNS | {"B": "S2015006", "N": 42199},
        COLUMNS | {"B": "S2015007", "K": "67.81万元"},
        COLUMNS | {"B": "S2015008", "K": 67.81234},
        {"A": "NRII-0009", "C": "没有编号的仪器"},
        {"B": "S2015010", "C": "只有编号和名称的仪器"},
    ]
    report = take(store, fill(tmp_path / "equipment.xls", *rows))
    assert codes(report) == [
        ("AK4", "cell.scientific"),
        ("H5", "cell.leading-zero"),
        ("AJ6", "cell.leading-zero"),
        ("B7", "cell.number-id"),
        ("N8", "cell.date-serial"),
        ("K9", "value.number"),
        ("K10", "value.fraction"),
        ("B11", "id.missing"),
    ]
    assert report.new == ("S2015001", "S2015010")
    assert sums_agree(report)


def test_the_marked_template_is_mended_in_place_and_taken_in(store: Store, tmp_path: Path) -> None:
    rows = [COLUMNS | {"B": f"S{number:04d}"} for number in range(8)]
    rows[1] |= {"K": "35万"}
    rows[6] |= {"N": 42370.0}
    first = take(store, fill(tmp_path / "equipment.xls", *rows))
    assert (first.staged, codes(first)) == (6, [("K4", "value.number"), ("N9", "cell.date-serial")])
    (marked,) = annotate(store, tmp_path)
    same = take(store, marked)
    assert (codes(same), len(same.unchanged), same.source) == (codes(first), 6, "equipment.xls")
    book = load_workbook(marked)
    book.worksheets[0]["K4"].value, book.worksheets[0]["N9"].value = "35", "2016-01-01"
    book.save(marked)
    mended = take(store, marked)
    assert (mended.refused, mended.new) == (0, ("S0001", "S0006"))
    assert (len(mended.unchanged), mended.changed, mended.vanished) == (6, (), ())
