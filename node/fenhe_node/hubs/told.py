"""What a hub tells this unit alone, taken apart: refusals, last visit, witnesses, schemas.

It is the hub's word about a log of ours and no more than that; a hub is a stranger too, so nothing
of it is used before it has its form, and no control character of it reaches a terminal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fenhe_node.hubs.last_visit import LastVisit, one_line, read_visit
from fenhe_node.hubs.schema_versions import Taken, read_taken
from fenhe_protocol.errors import Refused
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import loads

_TEXTS = ("tier", "code", "expected", "found")
_MOST_WITNESSES = 64


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to `rejected`; `witnesses` are the verifier keys whose times it counts (feed §9).

    None where the hub does not say, as one of an earlier version.
    """

    rejected: list[dict[str, Any]]
    visit: LastVisit | None
    witnesses: tuple[str, ...] | None
    schemas: Mapping[str, Taken] = field(default_factory=dict)  # by kind


def read_told(raw: bytes, where: str) -> Told:
    """Read an answer to `rejected`; Refused `hub.answer`."""
    try:
        told = loads(raw)
        rows = [_row(row) for row in told["rejected"]]
        visit, witnesses = read_visit(told.get("visit")), _witnesses(told.get("witnesses"))
        return Told(rows, visit, witnesses, read_taken(told.get("schemas"), SchemaSet.load()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("hub.answer", where=where, found=str(error)) from error


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    index = row["index"]
    if type(index) is not int or index < 0:
        raise ValueError("index")
    return {"index": index} | {name: one_line(row[name]) for name in _TEXTS}


def _witnesses(told: Any) -> tuple[str, ...] | None:
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > _MOST_WITNESSES:
        raise ValueError("witnesses")
    return tuple(one_line(key) for key in told)
