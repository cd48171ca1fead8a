"""Text files: rows are counted as a spreadsheet shows them, broken quotes name their line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.sheets.table import CellType
from fenhe_client.sheets.text import TextFile
from fenhe_protocol.errors import InputError


def read(text: str) -> list[tuple[int, list[str]]]:
    (sheet,) = TextFile("a.csv", text.encode()).read()
    return [(row.number, [cell.text for cell in row.cells]) for row in sheet.rows]


def test_a_quoted_line_break_starts_no_row() -> None:
    assert read('id,name\n1,"two\nlines"\n2,b\n') == [
        (1, ["id", "name"]),
        (2, ["1", "two\nlines"]),
        (3, ["2", "b"]),
    ]


def test_empty_rows_keep_their_numbers_and_trailing_ones_go() -> None:
    assert [number for number, _ in read("id,name\n1,a\n,\n3,c\n,\n,\n")] == [1, 2, 3, 4]


def test_a_quote_that_never_ends_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"source\.csv") as caught:
        read('id,name\n1,"never ends\n2,b\n')
    assert "line 2" in caught.value.where


def test_a_cell_longer_than_any_may_be_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"source\.csv") as caught:
        read("id,name\n1," + "x" * (1 << 20) + "y\n")
    assert "line 2" in caught.value.where


def test_blank_cells_are_empty() -> None:
    (sheet,) = TextFile("a.csv", b"id,name\n1,  \n").read()
    assert [cell.type for cell in sheet.rows[1].cells] == [CellType.TEXT, CellType.EMPTY]


def test_an_id_that_was_kept_from_excel_is_read_as_it_is() -> None:
    assert read('id,name\n="00123",a\n')[1] == (2, ["00123", "a"])


def test_the_notes_name_encoding_and_delimiter() -> None:
    source = TextFile("a.csv", "编号\t名称\n1\t仪器\n".encode("gb18030"))
    assert source.notes() == ("编码 encoding GB18030, 分隔符 delimiter Tab",)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=6))
def test_what_is_written_with_quotes_is_read_back(rows: list[list[str]]) -> None:
    quoted = ["\t".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    (sheet,) = TextFile("a.tsv", "\n".join(quoted).encode(), delimiter="\t").read()
    assert [[cell.text for cell in row.cells] for row in sheet.rows] == rows
