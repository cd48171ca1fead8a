"""A marked workbook that was mended is an edition of the list that it marks."""

from pathlib import Path

from openpyxl import load_workbook

from fenhe_node.importing.annotation import annotate
from fenhe_node.importing.editions import marked_list
from fenhe_node.store import Store, imports
from tests.node.lists import GOOD, HEADERS, take, write_xls, write_xlsx

WRONG = ["20150004", "热分析仪", "EX-4", "35万", "2018-01-02", "正常", "示例丁"]


def mended(store: Store, folder: Path) -> Path:
    """The marked workbook, its one wrong cell put right where it is marked."""
    (marked,) = annotate(store, folder)
    book = load_workbook(marked)
    cell = book.worksheets[0]["D5"]
    assert cell.comment
    cell.value = "35"
    book.save(marked)
    return marked


def test_the_mended_workbook_replaces_the_list_and_nothing_is_refused_any_more(
    store: Store, tmp_path: Path
) -> None:
    first = take(store, write_xls(tmp_path / "台账.xls", [HEADERS, *GOOD, WRONG]))
    assert (first.staged, first.refused) == (3, 1)
    second = take(store, mended(store, tmp_path))
    assert (second.staged, second.refused, second.source) == (4, 0, "台账.xls")
    assert (second.new, len(second.unchanged)) == (("20150004",), 3)
    assert [(run.file, run.refused) for run in imports.latest(store)] == [("台账-标注.xlsx", 0)]


def test_what_is_no_longer_in_the_mended_workbook_has_vanished_from_the_list(
    store: Store, tmp_path: Path
) -> None:
    take(store, write_xls(tmp_path / "台账.xls", [HEADERS, *GOOD, WRONG]))
    marked = mended(store, tmp_path)
    book = load_workbook(marked)
    book.worksheets[0].delete_rows(2)
    book.save(marked)
    assert take(store, marked).vanished == ("20150001",)


def test_a_workbook_marked_once_more_is_still_the_same_list(store: Store, tmp_path: Path) -> None:
    take(store, write_xls(tmp_path / "台账.xls", [HEADERS, *GOOD, WRONG]))
    (marked,) = annotate(store, tmp_path)
    take(store, marked)
    (again,) = annotate(store, tmp_path)
    assert again.name == "台账-标注-标注.xlsx"
    assert marked_list(store, again.name, "instrument") == "台账.xls"


def test_a_marked_workbook_of_no_known_list_is_a_list_of_its_own(
    store: Store, tmp_path: Path
) -> None:
    report = take(store, write_xlsx(tmp_path / "别的-标注.xlsx", [HEADERS, *GOOD]))
    assert report.source == "别的-标注.xlsx"
