"""One row to values, each with the place it came from, and the problems of its cells."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from typing import Any

from fenhe_node.mapping.headers import Header
from fenhe_node.mapping.model import ColumnRule, Mapping, target, tier_of
from fenhe_node.mapping.texts import IdColumn, judge_ids
from fenhe_node.mapping.values import read_cell
from fenhe_node.problems import Place, Problem
from fenhe_node.sources.cells import Damage
from fenhe_node.sources.table import Cell, Row, letter
from fenhe_node.staging.layout import Layout
from fenhe_protocol.schema_fields import KindSchema

_QUOTED = 80  # characters of a cell that a message shows
_BLOCKING_TIERS = ("pub", "hub")


@dataclass
class RowReading:
    """What one row gave: `values` by path, `places` where they stand or should, problems."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The record's id as far as it could be read."""
        return str(self.values.get("id", ""))


@dataclass(frozen=True)
class Reader:
    """Reads the rows of one sheet by one mapping."""

    layout: Layout
    mapping: Mapping
    kind: KindSchema
    columns: tuple[tuple[Header, ColumnRule], ...]
    ids: Dict[int, IdColumn]

    @classmethod
    def of(
        cls, layout: Layout, headers: tuple[Header, ...], mapping: Mapping, kind: KindSchema
    ) -> "Reader":
        """Look at the id columns as a whole before any row is read."""
        rules = ((header, mapping.rule(header.name)) for header in headers)
        columns = tuple((header, rule) for header, rule in rules if rule and rule.fields)
        ids = {
            header.column: judge_ids(row.cell(header.column) for row in layout.rows)
            for header, rule in columns
            if any(_is_id(kind, path) for path in rule.fields)
        }
        return cls(layout, mapping, kind, columns, ids)

    def read(self, row: Row) -> RowReading:
        """Read one row; never raises for what a cell holds."""
        reading = RowReading(row)
        for header, rule in self.columns:
            for path in rule.fields:
                self._read_cell(reading, header, rule, path)
        self._beyond(reading)
        reading.problems = [_with_id(p, reading.id, self.kind.kind) for p in reading.problems]
        return reading

    def place(self, row: Row, header: Header) -> Place:
        """Name the cell of a column in a row."""
        sheet = self.layout.sheet.name
        return Place(self.layout.file, sheet, header.row_of(row.number), header.letter, header.text)

    def _read_cell(self, reading: RowReading, header: Header, rule: ColumnRule, path: str) -> None:
        cell = reading.row.cell(header.column)
        place = self.place(reading.row, header)
        reading.places.setdefault(path, place)
        try:
            self._check_merge(reading.row, header)
            found = read_cell(
                cell,
                rule,
                path,
                target(self.kind, path),
                empty=self.mapping.empty,
                ids=self.ids.get(header.column, IdColumn(text_once=False, width=0)),
            )
        except Damage as damage:
            blocking = path == "id" or tier_of(self.kind, path) in _BLOCKING_TIERS
            reading.problems.append(_problem(damage, place, path, cell, blocking))
            return
        for name, value in found.items():
            reading.values.setdefault(name, value)
            reading.places[name] = place

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


def _is_id(kind: KindSchema, path: str) -> bool:
    found = target(kind, path)
    return found is not None and found.schema.get("x-text") == "id"


def _problem(damage: Damage, place: Place, path: str, cell: Cell, blocking: bool) -> Problem:
    found = cell.text.strip()
    shown = found if len(found) <= _QUOTED else found[: _QUOTED - 1] + "…"
    return Problem(damage.code, damage.zh, damage.en, shown, path, place=place, blocking=blocking)


def _with_id(problem: Problem, record_id: str, kind: str) -> Problem:
    return replace(problem, record_id=record_id, kind=kind)
