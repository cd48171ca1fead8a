"""One row to values, each with the place it came from, and the problems of its cells."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.table import Cell, Row, letter
from fenhe_node.mapping.made import measure_for
from fenhe_node.mapping.model import ColumnRule, Mapping, target, tier_of
from fenhe_node.mapping.texts import IdColumn, judge_ids
from fenhe_node.mapping.values import read_cell
from fenhe_node.staging.layout import Layout
from fenhe_node.staging.made_values import add_made
from fenhe_protocol.schema_fields import Field, KindSchema

_QUOTED = 80  # characters of a cell that a message shows
_BLOCKING_TIERS = ("pub", "hub")


@dataclass(slots=True)
class RowReading:
    """What one row gave: `values` by path, `headers` of the columns they stand in, problems.

    Rows that are read alike share their `headers`: of rows there may be many.
    """

    row: Row
    layout: Layout
    values: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Header] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The record's id as far as it could be read."""
        return str(self.values.get("id", ""))

    def place(self, path: str) -> Place | None:
        """Where the value at `path` stands or should."""
        header = self.headers.get(path)
        return place_of(self.layout, self.row, header) if header else None


def place_of(layout: Layout, row: Row, header: Header) -> Place:
    """The cell of a row under a header."""
    number = header.row_of(row.number)
    return Place(layout.file, layout.sheet.name, number, header.letter, header.text, row.key)


@dataclass(frozen=True)
class Column:
    """One column on its way into one field; `field` is None for a member of `ext`."""

    header: Header
    rule: ColumnRule
    path: str
    field: Field | None
    blocking: bool  # whether a wrong value keeps the record from being published
    ids: IdColumn

    @classmethod
    def of(cls, header: Header, rule: ColumnRule, path: str, reader: "Reader") -> "Column":
        """Look the field up, and at an id column as a whole, before any row is read."""
        found = target(reader.kind, path)
        cells = (row.cell(header.column) for row in reader.layout.rows)
        is_id = found is not None and found.schema.get("x-text") == "id"
        blocking = path == "id" or tier_of(reader.kind, path) in _BLOCKING_TIERS
        return cls(header, rule, path, found, blocking, judge_ids(cells if is_id else ()))


@dataclass(frozen=True)
class Reader:
    """Reads the rows of one sheet by one mapping."""

    layout: Layout
    headers: tuple[Header, ...]  # spelled as in the mapping
    mapping: Mapping
    kind: KindSchema
    _alike: dict[str, Header] = field(default_factory=dict)  # the headers of the row before

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are read, once for each field they go into."""
        rules = ((header, self.mapping.rule(header.name)) for header in self.headers)
        return tuple(
            Column.of(header, rule, path, self)
            for header, rule in rules
            if rule
            for path in rule.fields
        )

    def read(self, row: Row) -> RowReading:
        """Read one row; never raises for what a cell holds."""
        reading = RowReading(row, self.layout)
        for column in self.columns:
            self._read_cell(reading, column)
        made = add_made(
            row, self.headers, self.mapping, self._place, reading.values, reading.headers
        )
        # A moment that could not be read was said already, at its own cell.
        if made and (made.code == "value.span" or not reading.problems):
            reading.problems.append(made)
        self._beyond(reading)
        reading.problems = [_with_id(p, reading.id, self.kind.kind) for p in reading.problems]
        if reading.headers == self._alike:
            reading.headers = self._alike
        else:
            object.__setattr__(self, "_alike", reading.headers)
        return reading

    def _read_cell(self, reading: RowReading, column: Column) -> None:
        cell = reading.row.cell(column.header.column)
        reading.headers.setdefault(column.path, column.header)
        try:
            self._check_merge(reading.row, column.header)
            rule = self._rule(reading.row, column)
            if rule is None:
                return
            found = read_cell(
                cell,
                rule,
                column.path,
                column.field,
                empty=self.mapping.empty,
                ids=column.ids,
            )
        except Damage as damage:
            place = self._place(reading.row, column.header)
            problem = _problem(damage, place, column.path, cell, column.blocking)
            reading.problems.append(problem)
            return
        for name, value in found.items():
            reading.values.setdefault(name, value)
            reading.headers[name] = column.header

    def _rule(self, row: Row, column: Column) -> ColumnRule | None:
        """The rule of a column, with the unit that another cell of this row names."""
        beside = column.rule.unit_in
        if not beside or column.field is None or not row.cell(column.header.column).text.strip():
            return column.rule
        header = next(header for header in self.headers if header.name == beside)
        measure = measure_for(row.cell(header.column).text, column.field.unit_zh)
        return None if measure is None else replace(column.rule, unit=measure)

    def _place(self, row: Row, header: Header) -> Place:
        return place_of(self.layout, row, header)

    def _check_merge(self, row: Row, header: Header) -> None:
        if header.row or not self.layout.sheet.merges:
            return
        merge = self.layout.sheet.merge_over(row.number, header.column)
        if merge:
            top_left = f"{letter(merge.left)}{merge.top}"
            raise Damage(
                "cell.merged",
                f"与 {top_left} 合并的单元格, 不知是否同值: 取消合并, 逐格填写",
                f"merged with {top_left}, so its value is uncertain: unmerge and fill in",
            )

    def _beyond(self, reading: RowReading) -> None:
        # In a text file a comma inside a value moves all that follows into the wrong columns; text
        # files are the sources whose sheet has no name.
        last = max((header.column for header in self.layout.headers), default=0)
        if self.layout.sheet.name or len(reading.row.cells) <= last + 1:
            return
        beyond = [cell.text for cell in reading.row.cells[last + 1 :] if cell.text.strip()]
        if beyond:
            place = Place(self.layout.file, "", reading.row.number)
            reading.problems.append(
                Problem(
                    "row.too-long",
                    f"应有 {last + 1} 列: 内容里的分隔符要用引号括起",
                    f"expected {last + 1} columns: put quotes around a value with the delimiter",
                    found=f"{len(reading.row.cells)} 列 columns",
                    place=place,
                )
            )


def _problem(damage: Damage, place: Place, path: str, cell: Cell, blocking: bool) -> Problem:
    found = cell.text.strip().removesuffix("T00:00:00")
    shown = found if len(found) <= _QUOTED else found[: _QUOTED - 1] + "…"
    if not damage.quote:
        shown = ""
    return Problem(damage.code, damage.zh, damage.en, shown, path, place=place, blocking=blocking)


def _with_id(problem: Problem, record_id: str, kind: str) -> Problem:
    return replace(problem, record_id=record_id, kind=kind)
