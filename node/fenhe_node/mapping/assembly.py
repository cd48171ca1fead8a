"""Put values by path together into a record: location.city becomes {"location": {"city": …}}."""

from collections.abc import Mapping, Sequence
from typing import Any


def assemble(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nest the values by their dotted paths."""
    record: dict[str, Any] = {}
    for path, value in values.items():
        *heads, last = path.split(".")
        inner = record
        for head in heads:
            inner = inner.setdefault(head, {})
        inner[last] = value
    return record


def assemble_lines(rows: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Make the members of the list `name` from rows of values under `name.`; numbered from 1."""
    lines = []
    for number, values in enumerate(rows, start=1):
        line = assemble({p.removeprefix(f"{name}."): v for p, v in values.items()})
        lines.append({"no": number} | line)
    return lines


def without(record: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Give the record without the member at `path`; emptied objects go as well."""
    head, _, rest = path.partition(".")
    if head not in record:
        return dict(record)
    if not rest or not isinstance(record[head], Mapping):
        return {name: value for name, value in record.items() if name != head}
    inner = without(record[head], rest)
    kept = {name: value for name, value in record.items() if name != head}
    return kept | ({head: inner} if inner else {})
