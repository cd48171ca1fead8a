"""Values of rows to records: fixed values, lines, doubled ids. Start at `draft_all`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fenhe_client.sheets.problems import Place, Problem
from fenhe_node.mapping.assembly import assemble, assemble_lines
from fenhe_node.mapping.model import Mapping
from fenhe_node.staging.derived import derive
from fenhe_node.staging.reading import RowReading

LINES = "lines"  # the one list of objects that rows can fill: the price lines of a fee standard

_NUMBERED = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Draft:
    """One record to be, and where its values stand. It is kept only if nothing blocks it."""

    kind: str
    id: str
    record: dict[str, Any]
    readings: tuple[RowReading, ...]
    problems: list[Problem] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """Whether a wrong value keeps it from being published."""
        return any(problem.blocking for problem in self.problems)

    def place(self, path: str) -> Place | None:
        """Find the cell that a violation at `path` (`lines[2].item`) speaks of."""
        row, name = self._line(path)
        reading = self.readings[row]
        while name:
            if place := reading.place(name):
                return place
            name = name.rpartition(".")[0]
        # Fixed and derived values stand in no cell: their row has to do.
        first = reading.place(next(iter(reading.headers), ""))
        return replace(first, column="", header="") if first else None

    def _line(self, path: str) -> tuple[int, str]:
        head, _, rest = path.partition("[")
        number, _, member = rest.partition("]")
        if head == LINES and number.isdigit() and int(number) < len(self.readings):
            return int(number), _NUMBERED.sub("", f"{LINES}{member}")
        return 0, head


def draft_all(readings: Sequence[RowReading], mapping: Mapping, unit: str) -> list[Draft]:
    """Make one draft for each id."""
    if mapping.kind == "unit":
        for reading in readings:
            reading.values["id"] = unit
    grouped: dict[str, list[RowReading]] = {}
    for reading in readings:
        # A row without an id stands alone; the row number keeps it apart from all ids.
        grouped.setdefault(reading.id or f"\0{reading.row.number}", []).append(reading)
    lined = any(path.startswith(f"{LINES}.") for rule in mapping.columns for path in rule.fields)
    return [_draft(group, mapping, unit, lined) for group in grouped.values()]


def _draft(group: list[RowReading], mapping: Mapping, unit: str, lined: bool) -> Draft:
    first = group[0]
    problems = [problem for reading in group for problem in reading.problems]
    if not first.id and not any(p.field == "id" for p in problems):
        problems.append(_no_id(first, mapping.kind))
    if len(group) > 1:
        problems += _disagreements(group) if lined else _doubled(group, mapping.kind)
    values = dict(mapping.fixed) | {p: v for p, v in first.values.items() if not _is_line(p)}
    values.pop("id", None)
    record = {"unit": unit, "kind": mapping.kind, "id": first.id} | assemble(values)
    lines = [_lines_of(reading) for reading in group] if lined else []
    if any(lines):
        record[LINES] = assemble_lines(lines, LINES)
    draft = Draft(mapping.kind, first.id, derive(mapping.kind, record), tuple(group), problems)
    for reading in group:
        reading.values = {}  # they are in the record now; of rows there may be many
    return draft


def _is_line(path: str) -> bool:
    return path.startswith(f"{LINES}.")


def _lines_of(reading: RowReading) -> dict[str, Any]:
    return {path: value for path, value in reading.values.items() if _is_line(path)}


def _no_id(reading: RowReading, kind: str) -> Problem:
    return Problem(
        "id.missing",
        "缺少编号: 填本单位的仪器编号或资产编号" if kind == "instrument" else "缺少编号: 填上",
        "has no id: fill in the unit's own number",
        field="id",
        place=reading.place("id"),
        kind=kind,
    )


def _doubled(group: list[RowReading], kind: str) -> list[Problem]:
    each = "每台仪器" if kind == "instrument" else "每条记录"
    rows = "、".join(str(reading.row.number) for reading in group)
    return [
        Problem(
            "id.doubled",
            f"第 {rows} 行用了同一个编号: {each}一个编号",
            f"rows {rows} have the same id: every record needs its own",
            found=reading.id,
            field="id",
            place=reading.place("id"),
            record_id=reading.id,
        )
        for reading in group
    ]


def _disagreements(group: list[RowReading]) -> list[Problem]:
    first = group[0]
    found = []
    for reading in group[1:]:
        for path, value in reading.values.items():
            if not _is_line(path) and first.values.get(path) != value:
                found.append(
                    Problem(
                        "row.disagrees",
                        f"与第 {first.row.number} 行同一编号, 内容应相同",
                        f"has the id of row {first.row.number} and must agree with it",
                        found=str(value),
                        field=path,
                        place=reading.place(path),
                        record_id=reading.id,
                    )
                )
    return found
