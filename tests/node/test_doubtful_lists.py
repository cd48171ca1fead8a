"""What Excel, WPS and people do to lists: dates shown in part, totals with blanks, roundings."""

import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from fenhe_client.sheets.formats import hides_part_of_date
from fenhe_client.sheets.opening import open_file
from fenhe_node.operations.importing import _kept
from fenhe_node.staging.suggesting import suggest_mapping
from fenhe_node.store import Store
from fenhe_protocol.errors import InputError
from tests.node.lists import SCHEMAS, Table, codes, record, take, write_csv, write_xls, write_xlsx

DAY = date(2017, 6, 1)


def built_in(path: Path, number: int) -> Path:
    """Write a workbook whose date has a built-in format, named by number alone as Excel does."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["编号", "名称", "状态", "验收日期"])
    page.append(["A-1", "镜", "正常", DAY])
    page["D2"].number_format = 'yyyy"X"'
    plain = path.with_suffix(".plain")
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name == "xl/styles.xml":
                text = raw.decode()
                (own,) = re.findall(
                    r'<numFmt numFmtId="(\d+)" formatCode="yyyy&quot;X[^>]*/>', text
                )
                text = re.sub(rf'<numFmt numFmtId="{own}"[^>]*/>', "", text)
                raw = text.replace(f'numFmtId="{own}"', f'numFmtId="{number}"').encode()
            new.writestr(name, raw)
    return path


def test_the_everyday_date_of_chinese_excel_is_a_date(store: Store, tmp_path: Path) -> None:
    report = take(store, built_in(tmp_path / "台账.xlsx", 31))
    assert codes(report) == []
    assert record(store, "A-1")["accepted_on"] == "2017-06-01"


def test_a_month_shown_is_no_day(store: Store, tmp_path: Path) -> None:
    report = take(store, built_in(tmp_path / "台账.xlsx", 57))
    assert codes(report) == [("D2", "cell.date-part")]
    assert report.problems[0].found == "2017-06-01"


def test_a_month_shown_by_an_xls_is_no_day(store: Store, tmp_path: Path) -> None:
    rows: Table = [["编号", "名称", "状态", "验收日期"], ["A-1", "镜", "正常", DAY]]
    path = tmp_path / "台账.xls"
    write_xls(path, rows, formats={(1, 3): 'yyyy"年"m"月"'})
    assert codes(take(store, path)) == [("D2", "cell.date-part")]


@pytest.mark.parametrize(
    ("form", "hides"),
    [
        ('[$-804]yyyy"年"m"月"d"日";@', False),
        ("mm-dd-yy", False),
        ("yyyy/m/d h:mm", False),
        ('e"年"m"月"d"日"', False),
        ("General", False),
        ("mmm-yy", True),
        ('m"月"d"日"', True),
        ("yyyy", True),
        (r"yyyy\d", True),
    ],
)
def test_which_formats_hide_part_of_a_date(form: str, hides: bool) -> None:
    assert hides_part_of_date(form) is hides


def test_a_total_written_with_blanks_between_is_no_record(store: Store, tmp_path: Path) -> None:
    rows: Table = [
        ["编号", "名称", "状态", "原值(元)"],
        ["A-1", "镜", "正常", 5],
        ["合  计", None, None, 5],
    ]
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", rows))
    assert (report.staged, report.refused, len(report.skipped)) == (1, 0, 1)


def test_a_rounded_number_is_named_by_its_cell(store: Store, tmp_path: Path) -> None:
    rows: Table = [
        ["编号", "名称", "状态", "原值(元)"],
        ["A-1", "镜", "正常", 5.5],
        ["A-2", "镜", "正常", 5],
    ]
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", rows))
    assert "取整到元 1 格: D2; rounded to whole yuan" in report.notes
    assert record(store, "A-1")["value_yuan"] == 6


def test_scientific_notation_in_a_price_is_not_called_a_number_of_a_document(
    store: Store, tmp_path: Path
) -> None:
    rows: Table = [["编号", "名称", "状态", "原值(元)"], ["A-1", "镜", "正常", "1.2E+05"]]
    report = take(store, write_csv(tmp_path / "台账.csv", rows))
    assert codes(report) == [("D2", "cell.scientific")]
    assert "科学记数法" in report.problems[0].expected_zh


def test_every_column_that_stays_says_why(store: Store, tmp_path: Path) -> None:
    rows: Table = [
        ["序号", "编号", "名称", "状态", "原值", "单价(万元)", "备注", None],
        [1, "A-1", "镜", "正常", 5, 5, "好", "某某"],
    ]
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", rows))
    told = list(_kept(report.columns))
    assert told[0] == "不外传的列 columns that stay here:"
    assert [line.split(": ")[0].strip() for line in told[1:]] == [
        "A 序号", "E 原值", "F 单价(万元)", "G 备注", "H",
    ]  # fmt: skip
    assert "没有写明单位" in told[2]
    assert "与“原值”同义" in told[3]


def test_a_yuan_sign_gets_the_number_to_write(store: Store, tmp_path: Path) -> None:
    rows: Table = [["编号", "名称", "状态", "原值(元)"], ["A-1", "镜", "正常", "￥198,000"]]
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", rows))
    assert "写 198,000" in report.problems[0].expected_zh


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "台账.csv").write_bytes(b"")
    with pytest.raises(InputError, match=r"source\.empty"):
        suggest_mapping(open_file(tmp_path / "台账.csv"), SCHEMAS, None)


def test_everyday_words_for_codes_are_understood(store: Store, tmp_path: Path) -> None:
    rows: Table = [
        ["记录编号", "仪器编号", "开始时间", "用户类别", "服务方式"],
        ["R-1", "A-1", "2026-07-01 09:00", "校内", "委托"],
        ["R-2", "A-1", "2026-07-01 09:00", "高校", "远程"],
        ["R-3", "A-1", "2026-07-01 09:00", "校外", "委托"],
    ]
    report = take(store, write_csv(tmp_path / "服务.csv", rows))
    assert codes(report) == [("D4", "value.code")]
    assert record(store, "R-1", "service_record")["user_class"] == "internal"
    assert record(store, "R-2", "service_record")["way"] == 4


def test_dates_of_the_other_date_system_are_the_days_that_excel_shows(
    store: Store, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    page = book.worksheets[0]
    page.append(["编号", "名称", "状态", "验收日期"])
    page.append(["A-1", "镜", "正常", DAY])
    book.save(tmp_path / "台账.xlsx")
    assert codes(take(store, tmp_path / "台账.xlsx")) == []
    assert record(store, "A-1")["accepted_on"] == DAY.isoformat()


def test_text_in_several_fonts_is_one_text(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["编号", "名称", "状态"])
    name = CellRichText("扫描", TextBlock(InlineFont(b=True), "电镜"))
    page.append(["A-1", name, "正常"])
    book.save(tmp_path / "台账.xlsx")
    assert take(store, tmp_path / "台账.xlsx").new == ("A-1",)
    assert record(store, "A-1")["name_zh"] == "扫描电镜"


def test_an_xls_that_is_called_xlsx_is_read_as_what_it_is(store: Store, tmp_path: Path) -> None:
    path = write_xls(tmp_path / "台账.xlsx", [["编号", "名称", "状态"], ["A-1", "镜", "正常"]])
    assert take(store, path).new == ("A-1",)


def test_a_stray_zero_byte_is_told_at_its_cell(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "台账.csv", [["编号", "名称", "状态"], ["A-1", "光\0谱", "正常"]])
    assert codes(take(store, path)) == [("B2", "cell.control")]


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    # What Excel writes: a compound file that holds the encrypted package.
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    with pytest.raises(InputError, match=r"source\.form") as refused:
        open_file(path)
    assert "去掉密码" in refused.value.advice


def test_a_number_to_be_rounded_that_is_too_long_is_refused(store: Store, tmp_path: Path) -> None:
    rows: Table = [
        ["编号", "名称", "状态", "原值(元)"],
        ["A-1", "镜", "正常", "8" * 90 + ".5"],
        ["A-2", "镜", "正常", 5],
    ]
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", rows))
    assert (report.refused, report.problems[0].code) == (1, "value.number")
