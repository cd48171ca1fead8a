"""How a value is written in the national platform's words, for every type.

Which field becomes which stands in the schemas (`x-nrii`); `written` yields what a record has
(national-platform.md §1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_protocol.code_tables import subjects
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field

NOT_SUBMITTED = "-1"
NOTHING = "无"
MINUTES_AN_HOUR = 60


def written(kind: str, instru_type: int, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (their name, text) for every value of a record that the platform has a field for."""
    prefix = f"{instru_type}."
    for field in SchemaSet.load().kind(kind).own_fields:
        for leaf in field.leaves:
            value = _value_at(record, leaf.path)
            if value is None or value == "":
                continue
            for name in leaf.nrii:
                if name.startswith(prefix):
                    yield name.removeprefix(prefix), _text(leaf, value)


def _value_at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(field: Field, value: Any) -> str:
    if field.name == "value_yuan":
        return wan_yuan(value)
    if field.name.endswith("_minutes"):
        return _hundredths((value * 100 + MINUTES_AN_HOUR // 2) // MINUTES_AN_HOUR)
    if field.name.endswith("_fen"):
        return _hundredths(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return ",".join(_text(field.item, part) for part in value) if field.item else ""
    if field.table == "subjects":
        return subjects().get(str(value), str(value))
    label = field.labels.get(value)
    return (label.nrii or label.zh) if label else str(value)


def wan_yuan(yuan: int) -> str:
    """Write 万元 with two decimals, half up; integers all the way."""
    hundreds = (yuan + 50) // 100
    return f"{hundreds // 100}.{hundreds % 100:02d}"


def _hundredths(number: int) -> str:
    """Write hours or yuan with at most two decimals."""
    return f"{number // 100}.{number % 100:02d}".rstrip("0").rstrip(".")
