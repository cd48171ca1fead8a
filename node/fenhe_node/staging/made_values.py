"""Values of a row that stand in no single cell: the id made of several, the minutes that passed.

Start at `add_made`. Their problems are placed at the first of the cells that they were made of.
"""

from collections.abc import Callable, Sequence
from typing import Any

from fenhe_client.sheets.cells import Damage, check_damage
from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.table import Cell, Row
from fenhe_node.mapping.made import Clock, MadeId, Span, id_of, minutes_between
from fenhe_node.mapping.model import Mapping

PlaceOf = Callable[[Row, Header], Place]


def add_made(
    row: Row,
    headers: Sequence[Header],
    mapping: Mapping,
    place_of: PlaceOf,
    values: dict[str, Any],
    found_in: dict[str, Header],
) -> Problem | None:
    """Add to `values` what the mapping makes of several cells; where it stands, to `found_in`."""
    named = {header.name: header for header in headers}
    if (made := mapping.id_of) and "id" not in values:
        _add_id(row, named, made, values, found_in)
    span = mapping.minutes
    if span is None or span.field in values:
        return None
    found_in.setdefault(span.field, named[span.start])
    end = mapping.rule(span.end)
    ended_at = end.fields[0] if end and end.fields else span.field
    cells = tuple(row.cell(named[name].column) for name in (span.start, span.end))
    try:
        minutes = _passed(cells[0], cells[1], span, mapping)
    except Damage as damage:
        place = place_of(row, named[span.end])
        return Problem(damage.code, damage.zh, damage.en, field=ended_at, place=place)
    if minutes is not None:
        values[span.field] = minutes
    return None


def _add_id(
    row: Row,
    named: dict[str, Header],
    made: MadeId,
    values: dict[str, Any],
    found_in: dict[str, Header],
) -> None:
    found_in["id"] = named[made.columns[0]]
    texts = [row.cell(named[name].column).text for name in made.columns]
    if found := id_of(texts, made.prefix):
        values["id"] = found


def _passed(start: Cell, end: Cell, span: Span, mapping: Mapping) -> int | None:
    for name, cell in ((span.start, start), (span.end, end)):
        check_damage(cell)
        if mapping.says_nothing(name, cell.text.strip()):
            return None
    return minutes_between(start, end, (_clock(mapping, span.start), _clock(mapping, span.end)))


def _clock(mapping: Mapping, header: str) -> Clock:
    rule = mapping.rule(header)
    return Clock(rule.format, rule.zone) if rule else Clock()
