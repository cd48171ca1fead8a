"""Another table below or beside the one that is read: told, and never read by its columns. Pure.

Start at `another_below`. Offices put two lists on one sheet; below the second one's headers the
columns mean something else, and a row that fits by chance would be taken for what it is not.
"""

from collections.abc import Sequence

from fenhe_client.sheets.headers import Header, key, plain
from fenhe_client.sheets.problems import Problem
from fenhe_client.sheets.table import Row, letter
from fenhe_node.mapping.suggestion import known_headers
from fenhe_node.staging.layout import Layout
from fenhe_node.staging.reading import place_of
from fenhe_protocol.schema_fields import KindSchema

_LEAST = 2  # names of columns, one of them where an id or a name would stand


def another_below(
    layout: Layout, kind: KindSchema, naming: frozenset[int], rows: Sequence[Row]
) -> Row | None:
    """Where another table begins among `rows`, none of which repeats the headers: its title."""
    known = known_headers(kind)
    for before, row in zip((None, *rows), rows, strict=False):
        if any(_is_name(row, column, known) for column in naming):
            named = sum(_is_name(row, column, known) for column in range(len(row.cells)))
            if named >= _LEAST:
                titled = before is not None and _filled(before) == 1
                return before if titled else row
    return None


def told_below(layout: Layout, row: Row, kind: str) -> Problem:
    """What is said of another table, at its first cell."""
    first = next(n for n, cell in enumerate(row.cells) if cell.text.strip())
    header = next((each for each in layout.headers if each.column == first), layout.headers[0])
    return Problem(
        "row.another-table",
        f"从第 {row.number} 行起像是另一张表, 没有读: 移到单独的工作表, 再导入",
        f"another table seems to begin in row {row.number}, and was not read: move it to a sheet"
        " of its own",
        found=row.cell(first).text.strip()[:80],
        place=place_of(layout, row, header),
        kind=kind,
    )


def told_beside(headers: Sequence[Header], read: frozenset[int]) -> str:
    """A note on a table to the right whose headers are those that are read; empty without one."""
    bases = {key(header.base) for header in headers if header.column in read}
    again = [h.column for h in headers if h.column not in read and key(h.base) in bases]
    if len(again) < _LEAST:
        return ""
    return (
        f"{letter(again[0])} 列起像是并排的另一张表, 没有读: 移到下面或单独的工作表;"
        " another table beside this one was not read"
    )


def _is_name(row: Row, column: int, known: frozenset[str]) -> bool:
    text = row.cell(column).text.strip()
    return bool(text) and key(plain(text)[0]) in known


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.text.strip())
