"""Check: problems of rows and of stored records in one list, and the copy with the cells marked."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from fenhe_node.check import annotate, check
from fenhe_node.store import Store, records
from tests.node.lists import GOOD, HEADERS, SCHEMAS, UNIT, take, write_csv, write_xlsx

WRONG = ["20150004", "显微镜", "EX", "35万", "2016-01-01", "正常", "示例甲"]


def found(store: Store) -> list[tuple[str, str, bool]]:
    report = check(store, schemas=SCHEMAS, unit=UNIT)
    return [(p.code, p.record_id, p.blocking) for p in report.problems]


def test_an_empty_store_has_no_problems(store: Store) -> None:
    report = check(store, schemas=SCHEMAS, unit=UNIT)
    assert (report.problems, report.publishable, report.refused, report.files) == ((), 0, 0, ())


def test_problems_of_rows_are_kept_with_their_place(store: Store, tmp_path: Path) -> None:
    take(store, write_xlsx(tmp_path / "台账.xlsx", [HEADERS, *GOOD, WRONG]))
    report = check(store, schemas=SCHEMAS, unit=UNIT)
    (problem,) = report.problems
    assert str(problem.place) == "台账.xlsx · Sheet1 · D5"
    assert (problem.code, problem.record_id) == ("value.number", "20150004")
    assert (report.publishable, report.refused, report.files) == (3, 1, ("台账.xlsx",))
    assert report.blocking == report.problems
    assert problem.facts()["column"] == "D"


def test_mended_rows_leave_no_problem(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    take(store, write_xlsx(path, [HEADERS, *GOOD, WRONG]))
    take(store, write_xlsx(path, [HEADERS, *GOOD]))
    assert found(store) == []


def test_vanished_rows_and_unknown_references_block_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "设备.csv"
    headers = ["编号", "名称", "收费标准编号"]
    take(store, write_csv(path, [headers, ["A-1", "显微镜", "F-1"], ["A-2", "天平", ""]]))
    take(store, write_csv(path, [headers, ["A-1", "显微镜", "F-1"]]))
    assert found(store) == [
        ("row.vanished", "A-2", False),
        ("reference.unknown", "A-1", False),
    ]
    prices = [["收费标准编号", "标准名称", "收费项目", "单价"], ["F-1", "显微镜", "观察", "100"]]
    take(store, write_csv(tmp_path / "收费.csv", prices))
    assert found(store) == [("row.vanished", "A-2", False)]


def test_stored_records_are_judged_by_the_contract_of_today(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "设备.csv"
    take(store, write_csv(path, [HEADERS, *GOOD[:2]]))
    # What an older contract let in.
    kept = list(records.every(store))
    older = {**kept[0].record, "status": "retired", "function": "找 13800000000"}
    records.put(store, [replace(kept[0], record=older)])
    report = check(store, schemas=SCHEMAS, unit=UNIT)
    assert [(p.code, p.field) for p in report.problems] == [
        ("schema.code", "status"),
        ("privacy.mobile", "function"),
    ]
    assert report.publishable == 1
    assert "13800000000" not in str([problem.line() for problem in report.problems])


def test_records_of_another_unit_are_blocked(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "设备.csv", [HEADERS, GOOD[0]]))
    report = check(store, schemas=SCHEMAS, unit="12140000000000035J")
    assert [p.code for p in report.blocking] == ["unit.other"]
    assert report.publishable == 0


@pytest.mark.parametrize("name", ["台账.xlsx", "台账.csv"])
def test_the_copy_marks_the_wrong_cell_and_damages_nothing(
    store: Store, tmp_path: Path, name: str
) -> None:
    write = write_xlsx if name.endswith("xlsx") else write_csv
    take(store, write(tmp_path / name, [HEADERS, *GOOD, WRONG]))
    (path,) = annotate(store, tmp_path)
    assert path.name == "台账-标注.xlsx"
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADERS
    assert [cell.value for cell in sheet[5]] == WRONG
    assert {cell.data_type for cell in sheet[5]} == {"s"}
    marked = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment]
    assert marked == ["D5"]
    assert "写 35" in str(sheet["D5"].comment)


def test_text_that_begins_like_a_formula_stays_text(store: Store, tmp_path: Path) -> None:
    rows = [HEADERS, ["20150004", "=1+1", "EX", "35万", "2016-01-01", "正常", ""]]
    take(store, write_csv(tmp_path / "台账.csv", rows))
    (path,) = annotate(store, tmp_path)
    cell = openpyxl.load_workbook(path).worksheets[0]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_copy_can_be_mended_and_imported(store: Store, tmp_path: Path) -> None:
    take(store, write_xlsx(tmp_path / "台账.xlsx", [HEADERS, *GOOD, WRONG]))
    (path,) = annotate(store, tmp_path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["D5"] = "35"
    book.save(path)
    report = take(store, path)
    assert (report.new, report.changed, report.refused) == (("20150004",), (), 0)


def test_the_copy_of_a_list_of_fields(store: Store, tmp_path: Path) -> None:
    rows = [["字段", "值"], ["单位名称", "示例大学"], ["单位类型", "茶馆"]]
    take(store, write_csv(tmp_path / "单位.csv", rows))
    (path,) = annotate(store, tmp_path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == rows
    assert sheet["B3"].comment is not None


def test_two_lists_of_one_name_get_two_copies(store: Store, tmp_path: Path) -> None:
    take(store, write_xlsx(tmp_path / "台账.xlsx", [HEADERS, WRONG]))
    take(store, write_csv(tmp_path / "台账.csv", [HEADERS, WRONG]))
    assert len(set(annotate(store, tmp_path))) == 2


def test_without_problems_there_is_no_copy(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD]))
    assert annotate(store, tmp_path) == ()
