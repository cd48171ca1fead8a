"""The sheets in the `content.xml` of an .ods. Start at `read_content`.

OpenDocument repeats instead of naming places: one row "repeated a million times" is the white rest
of a sheet, or an attack. Nothing is made of what is empty, and what is not is counted first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from fenhe_client.sheets.ods.cells import cell
from fenhe_client.sheets.ods.styles import Styles
from fenhe_client.sheets.ods.xml import Attributes, NotPlainError, feed
from fenhe_client.sheets.sheet_bounds import LAST_COLUMN, LAST_ROW, MOST_CELLS, BeyondBoundsError
from fenhe_client.sheets.table import EMPTY, Cell, Merge, Row, Sheet

_LONGEST = 1024 * 1024  # characters of a cell
_BESIDE = frozenset(
    ("office:annotation", "table:tracked-changes", "table:shapes", "table:dde-links", "text:note")
)
_CELLS = ("table:table-cell", "table:covered-table-cell")
_BREAKS = {"text:tab": "\t", "text:line-break": "\n"}


def read_content(read: Callable[[int], bytes], styles: Styles) -> tuple[Sheet, ...]:
    """Read all sheets; BeyondBoundsError, NotPlainError. `styles` holds those of styles.xml."""
    content = _Content(styles)
    feed(read, content)
    if not content.is_spreadsheet:
        raise NotPlainError("no spreadsheet")
    return tuple(content.sheets)


@dataclass
class _Table:
    """A sheet while it is read."""

    name: str
    hidden: bool
    rows: list[Row] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    styles: dict[int, str] = field(default_factory=dict)  # default of columns, where they have one
    hidden_columns: list[int] = field(default_factory=list)
    columns: int = 0
    width: int = 0  # of what holds anything
    areas: int = 0
    row: int = 1  # the number of the row being read

    def sheet(self) -> Sheet:
        """The whole, with the empty rows between those that hold anything."""
        there = {row.number: row for row in self.rows}
        last = max(there, default=0)
        rows = tuple(there.get(n) or Row(n, ()) for n in range(1, last + 1))
        merges, hidden = tuple(self.merges), tuple(self.hidden_columns)
        return Sheet(self.name, rows, merges, self.hidden, hidden)


class _Content:
    """A Listener that makes sheets of what it hears."""

    def __init__(self, styles: Styles) -> None:
        self.sheets: list[Sheet] = []
        self.is_spreadsheet = False
        self._styles = styles
        self._table: _Table | None = None
        self._beside = 0  # how deep inside something that is no content
        self._row: Attributes = {}
        self._cells: list[Cell] = []
        self._blank = 0  # empty cells since the last that holds anything
        self._cell: Attributes | None = None
        self._text: list[str] = []
        self._length = self._made = 0
        self._in_paragraph = False

    def begin(self, name: str, attributes: Attributes) -> None:
        """Hear of an element."""
        nested = name == "table:table" and self._table is not None
        if self._beside or name in _BESIDE or nested or name.startswith("draw:"):
            self._beside += 1
        elif self._cell is not None:
            self._inside_cell(name, attributes)
        elif self._table is None:
            self._outside(name, attributes)
        elif name == "table:table-column":
            self._columns(self._table, attributes)
        elif name == "table:table-row":
            self._row, self._cells, self._blank = attributes, [], 0
        elif name in _CELLS:
            self._cell, self._text, self._length = attributes, [], 0

    def end(self, name: str) -> None:
        """Hear of its end."""
        if self._beside:
            self._beside -= 1
        elif name in _CELLS and self._table:
            self._end_cell(self._table, covered=name != _CELLS[0])
        elif name == "text:p":
            self._in_paragraph = False
        elif name == "table:table-row" and self._table:
            self._end_row(self._table)
        elif name == "table:table" and self._table:
            self.sheets.append(self._table.sheet())
            self._table = None
        elif self._table is None:
            self._styles.end(name)

    def text(self, text: str) -> None:
        """Hear of text; that between elements is white."""
        if self._in_paragraph and not self._beside:
            self._say(text)
        elif self._table is None:
            self._styles.text(text)

    def _outside(self, name: str, attributes: Attributes) -> None:
        if name == "office:spreadsheet":
            self.is_spreadsheet = True
        elif name == "table:table" and self.is_spreadsheet:
            style = attributes.get("table:style-name", "")
            hidden = not self._styles.displays(style)
            self._table = _Table(attributes.get("table:name", ""), hidden)
        else:
            self._styles.begin(name, attributes)

    def _inside_cell(self, name: str, attributes: Attributes) -> None:
        if name == "text:p":
            if self._text:
                self._say("\n")
            self._in_paragraph = True
        elif name == "text:s":
            self._say(" " * min(_repeated(attributes, "text:c"), _LONGEST + 1))
        elif name in _BREAKS:
            self._say(_BREAKS[name])

    def _say(self, text: str) -> None:
        self._length += len(text)
        _check(self._length, _LONGEST)
        self._text.append(text)

    def _columns(self, table: _Table, attributes: Attributes) -> None:
        count = _repeated(attributes, "table:number-columns-repeated")
        first, table.columns = table.columns, table.columns + count
        _check(table.columns, LAST_COLUMN)
        style = attributes.get("table:default-cell-style-name", "")
        table.styles |= dict.fromkeys(range(first, table.columns), style)
        if attributes.get("table:visibility") in ("collapse", "filter"):
            table.hidden_columns += range(first, table.columns)

    def _end_cell(self, table: _Table, *, covered: bool) -> None:
        attributes, self._cell = self._cell or {}, None
        count = _repeated(attributes, "table:number-columns-repeated")
        column = len(self._cells) + self._blank
        _check(column + count, LAST_COLUMN)
        style = attributes.get("table:style-name") or self._row.get("table:default-cell-style-name")
        form = self._styles.format(style or table.styles.get(column, ""))
        made = EMPTY if covered else cell(attributes, "".join(self._text), form)
        if made is EMPTY:
            self._blank += count
        else:
            self._cells += [EMPTY] * self._blank + [made] * count
            self._blank = 0
        if not covered:
            _merge(table, column, attributes)

    def _end_row(self, table: _Table) -> None:
        count = _repeated(self._row, "table:number-rows-repeated")
        first, table.row = table.row, table.row + count
        _check(table.row - 1, LAST_ROW)
        if not self._cells:
            return
        self._made += count * len(self._cells)
        _check(self._made, MOST_CELLS)
        table.width = max(table.width, len(self._cells))
        _check((table.row - 1) * table.width, MOST_CELLS)
        hidden = self._row.get("table:visibility") in ("collapse", "filter")
        cells = tuple(self._cells)
        table.rows += [Row(n, cells, hidden) for n in range(first, table.row)]


def _merge(table: _Table, column: int, attributes: Attributes) -> None:
    wide = _repeated(attributes, "table:number-columns-spanned")
    high = _repeated(attributes, "table:number-rows-spanned")
    if wide * high == 1:
        return
    table.areas += wide * high
    _check(table.areas, MOST_CELLS)
    table.merges.append(Merge(table.row, column, table.row + high - 1, column + wide - 1))


def _repeated(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BeyondBoundsError(f"{name} {text[:40]}")
    return max(int(text), 1)


def _check(number: int, most: int) -> None:
    if number > most:
        raise BeyondBoundsError(f"{number} > {most}")
