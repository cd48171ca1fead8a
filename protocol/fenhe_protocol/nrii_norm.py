"""The national platform's norm for each type: what it refuses, before it does.

Field names, lengths and codes stand in schemas/tables/nrii-fields.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

# instruType; 3, the service unit, was taken away in 2019
CENTRE, INSTALLATION, INSTRUMENT, CUSTOMS, SERVICE, UNIT_YEAR = 1, 2, 4, 5, 6, 7
REPORTED = (CENTRE, INSTALLATION, INSTRUMENT, CUSTOMS, SERVICE, UNIT_YEAR)


@dataclass(frozen=True)
class NormField:
    """One field of the norm: `max` counts characters, `pattern` must match the whole text."""

    name: str
    title: str
    required: bool
    max: int
    values: tuple[str, ...] = ()
    pattern: str | None = None


@cache
def norm_fields(instru_type: int) -> tuple[NormField, ...]:
    """Read one type of the table that ships with the schemas; all but 3 have limits."""
    table = resources.files("fenhe_protocol") / "schemas/tables/nrii-fields.json"
    fields = json.loads(table.read_text("utf-8"))["types"][str(instru_type)]["fields"]
    return tuple(_field(name, limits) for name, limits in fields.items())


def _field(name: str, limits: Mapping[str, Any]) -> NormField:
    return NormField(
        name=name,
        title=limits["title"],
        required=limits["required"],
        max=limits["max"],
        values=tuple(limits.get("values", ())),
        pattern=limits.get("pattern"),
    )


def norm_violations(record: Mapping[str, Any], instru_type: int = INSTRUMENT) -> list[str]:
    """Say what the norm does not allow in a record, one sentence a field, no value quoted."""
    fields = norm_fields(instru_type)
    found = [text for field in fields if (text := _violation(record.get(field.name), field))]
    unknown = sorted(set(record) - {field.name for field in fields})
    return found + [f"{name} 不是规范中的字段" for name in unknown]


def _violation(value: Any, field: NormField) -> str | None:
    if value is None or value == "":
        return f"{field.name} 缺失" if field.required else None
    text = str(value)
    if len(text) > field.max:
        return f"{field.name} 超过{field.max}字"
    if field.values and text not in field.values:
        return f"{field.name} 不在代码表中"
    if field.pattern and not re.fullmatch(field.pattern, text):
        return f"{field.name} 格式不符"
    return None
