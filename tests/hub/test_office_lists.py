"""Lists in Excel taken into the office's registers: every doubtful cell is told with its place."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from fenhe_hub.casework.authorities import ALL, FOR_EVER, LISTED
from fenhe_hub.office.lists import authority_list, decision_lists
from fenhe_hub.office.lists.columns import Form
from fenhe_hub.office.lists.obliged_list import OBLIGED, units
from fenhe_hub.office.lists.reading import ListRead, read_list
from fenhe_protocol.errors import InputError
from tests.hub.test_register import A, B, C

HEADERS = (
    *("序号", "单位全称", "统一社会信用代码", "单位性质", "所在市", "主管部门", "联系科室"),
    *("联系人", "有无20万元以上仪器", "200万元及以上台数", "接入截止"),
)


def row(name: str, code: str, authority: str | None = "示例教育厅") -> list[object]:
    return [1, name, code, "高校", "太原", authority, "设备处", "张三", "有", 2, "2026-12-31"]


def book(rows: Sequence[Sequence[object]], merge: str = "", second: bool = False) -> bytes:
    made = Workbook()
    sheets = [made.worksheets[0], *([made.create_sheet("晋中")] if second else [])]
    for sheet in sheets:
        sheet.append(["全省义务单位清单"])
        sheet.append(HEADERS)
    for each in rows:
        sheets[-1].append([*each])
    if merge:
        sheets[0].merge_cells(merge)
    raw = io.BytesIO()
    made.save(raw)
    return raw.getvalue()


def read(folder: Path, raw: bytes, form: Form = OBLIGED, name: str = "清单.xlsx") -> ListRead:
    file = folder / name
    file.write_bytes(raw)
    return read_list(file, form)


def test_columns_are_suggested_and_what_is_about_a_person_is_not_read(tmp_path: Path) -> None:
    found = read(tmp_path, book([row("示例大学", A), row("示例学院", B)]))
    told = {each.header.text: each.field or each.why_en for _, each in found.columns}
    assert told == {
        "序号": "nothing asks for it: not read",
        "单位全称": "name",
        "统一社会信用代码": "uscc",
        "单位性质": "type",
        "所在市": "city",
        "主管部门": "authority",
        "联系科室": "office",
        "联系人": "about a person: not read",
        "有无20万元以上仪器": "declared",
        "200万元及以上台数": "from_200",
        "接入截止": "due_on",
    }
    first, second = units(found, "2027-01-01")
    assert (first.uscc, first.name, first.type, first.city) == (
        A,
        "示例大学",
        "university",
        "140100",
    )
    assert (first.declared, first.counts, first.due_on) == ("yes", {"from_200": 2}, "2026-12-31")
    assert first.place == "清单.xlsx · Sheet · 第 3 行 row 3"
    assert "张三" not in repr([first, second])


def test_whoever_imports_may_say_what_a_column_means(tmp_path: Path) -> None:
    file = tmp_path / "清单.csv"
    file.write_text(f"甲,乙,备用\n{A},示例大学,示例处\n", encoding="gb18030")
    with pytest.raises(InputError, match=r"register\.list"):
        read_list(file, OBLIGED)
    found = read_list(file, OBLIGED, {"甲": "uscc", "乙": "name", "备用": "office"})
    assert [(u.uscc, u.name, u.office, u.due_on) for u in units(found, "2026-12-31")] == [
        (A, "示例大学", "示例处", "2026-12-31")
    ]


WRONG = A[:-1] + ("0" if A[-1] != "0" else "1")
DOUBTS: dict[str, tuple[int, object, str]] = {
    "a mistyped code": (2, WRONG, "list.code"),
    "a short code": (2, A[:17], "list.code"),
    "a code cut by Excel": (2, 1.21400000000e17, "cell.scientific"),
    "no code": (2, None, "list.missing"),
    "no name": (1, None, "list.missing"),
    "an unknown type": (3, "庙", "list.choice"),
    "a city elsewhere": (4, "上海市", "list.city"),
    "a mobile number": (6, "设备处 13800000000", "list.personal"),
    "a secret": (5, "涉密单位主管部门", "list.classified"),
    "neither yes nor no": (8, "也许", "list.yes-no"),
    "no number": (9, "若干", "list.count"),
    "half a number": (9, 2.5, "list.count"),
    "a serial in place of a date": (10, 46387, "cell.date-serial"),
    "no date": (10, "年底", "value.date"),
    "an error": (1, "#REF!", "cell.error"),
    "a formula without a result": (1, "=B9", "cell.formula"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubtful_cell_is_refused_with_file_sheet_row_and_column(
    tmp_path: Path, doubt: str
) -> None:
    column, value, code = DOUBTS[doubt]
    cells = row("示例学院", B)
    cells[column] = value
    found = read(tmp_path, book([row("示例大学", C), cells]))
    assert [each.values["uscc"] for each in found.rows] == [C]
    (problem,) = found.problems
    assert problem.place is not None
    place = (problem.place.file, problem.place.sheet, problem.place.row, problem.place.column)
    assert place == ("清单.xlsx", "Sheet", 4, "ABCDEFGHIJK"[column])
    assert problem.code == code
    if code in ("list.personal", "list.classified"):
        assert not problem.found


def test_totals_notes_and_repeated_rows_are_told_and_nothing_is_lost(tmp_path: Path) -> None:
    rows = [row("示例大学", A), row("示例大学", A), row("示例学院", B)]
    found = read(tmp_path, book([*rows, ["合计", "3 家"], ["备注：示例说明"]]))
    assert [each.values["uscc"] for each in found.rows] == [A, B]
    assert [(p.code, p.place.row if p.place else 0) for p in found.problems] == [
        ("list.repeated", 4)
    ]
    assert [(each.place.row, each.why_en) for each in found.left_out] == [
        (6, "a row of totals"),
        (7, "a note"),
    ]


def test_one_department_merged_beside_its_units_is_that_of_all(tmp_path: Path) -> None:
    found = read(tmp_path, book([row("示例大学", A), row("示例学院", B, None)], merge="F3:F4"))
    assert [each.values["authority"] for each in found.rows] == ["示例教育厅"] * 2


def test_each_city_may_have_a_sheet_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, book([row("示例大学", A)], second=True))
    assert [(each.place.sheet, each.values["uscc"]) for each in found.rows] == [("晋中", A)]
    assert [sheet.name for sheet in found.sheets] == ["Sheet", "晋中"]


def test_the_marked_copy_is_the_list_and_is_read_again_once_mended(tmp_path: Path) -> None:
    cells = row("示例学院", B)
    cells[2] = WRONG
    found = read(tmp_path, book([row("示例大学", C), cells, [None, "示例所", None]]))
    raw = found.marked()
    copy = openpyxl.load_workbook(io.BytesIO(raw))
    assert copy.sheetnames == ["Sheet", "问题 problems"]
    wrong = copy["Sheet"]["C4"]
    assert wrong.comment and "校验位" in wrong.comment.text
    assert copy["Sheet"]["A1"].value == "全省义务单位清单"
    wrong.value = A
    copy["Sheet"].delete_rows(5)
    mended = io.BytesIO()
    copy.save(mended)
    again = read(tmp_path, mended.getvalue(), name="清单-标注.xlsx")
    assert [each.values["uscc"] for each in again.rows] == [C, A]
    assert not again.problems


def sheet(*rows: Sequence[object]) -> bytes:
    made = Workbook()
    for each in rows:
        made.worksheets[0].append([*each])
    raw = io.BytesIO()
    made.save(raw)
    return raw.getvalue()


def test_authorities_and_their_units_come_from_lists(tmp_path: Path) -> None:
    raw = sheet(
        ["编号", "名称", "类别", "级别", "管全部单位", "起", "止"],
        ["kjt", "示例科技厅", "科技", "省", "是", "2026-01-01", None],
        ["jyj", "示例市教育局", "教育局", "市级", None, "2026-01-01", "2026-12-31"],
    )
    found = read(tmp_path, raw, authority_list.AUTHORITIES)
    assert not found.problems
    kjt, jyj = authority_list.authorities(found)
    assert (kjt.kind, kjt.level, kjt.covers, kjt.valid_until) == (
        *("science", "province", ALL, FOR_EVER),
    )
    assert (jyj.kind, jyj.covers, jyj.valid_until) == ("education", LISTED, "2026-12-31")
    raw = sheet(["单位代码", "部门编号", "起"], [A, "jyj", "2026-01-01"], [A, "kjt", "2026-01-01"])
    found = read(tmp_path, raw, authority_list.BELONGINGS)
    assert [(b.uscc, b.authority) for b in authority_list.belongings(found)] == [
        *((A, "jyj"), (A, "kjt"))
    ]


def test_review_decisions_and_evaluation_results_come_from_lists(tmp_path: Path) -> None:
    raw = sheet(
        ["单位代码", "评议文号", "计划编号", "仪器名称", "评议日期", "评议结论", "评议部门"],
        [A, "示例评〔2026〕1号", "P-1", "示例质谱仪", "2026年3月1日", "支持", "示例科技厅"],
    )
    found = read(tmp_path, raw, decision_lists.REVIEWS)
    (review,) = decision_lists.reviews(found)
    assert (review.number, review.plan, review.supported) == ("示例评〔2026〕1号", "P-1", True)
    raw = sheet(
        ["单位代码", "设备编号", "年度", "等次", "文号", "发文日期", "发文机关"],
        [A, "EQ-1", 2026, "较差", "示例〔2026〕2号", "2026-10-01", "示例科技厅"],
        [A, None, 2026, "良", "示例〔2026〕2号", "2026-10-01", "示例科技厅"],
    )
    found = read(tmp_path, raw, decision_lists.EVALUATIONS)
    told = [(e.kind, e.id, e.result, e.final) for e in decision_lists.evaluations(found)]
    assert told == [("instrument", "EQ-1", "poor", True), ("", "", "good", True)]
