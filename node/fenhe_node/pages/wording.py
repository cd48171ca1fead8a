"""A value and its schema in, words for a page out: titles, labels, money, hours. Pure.

Nothing here knows a kind. What a field is called, what its codes mean and what it is counted in
stand in the schema of the record, so a new field appears on the pages by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, str]]  # code tables by name: code -> Chinese name

NOT_SHOWN = frozenset({"unit", "kind", "id", "deleted", "ext", "class_table", "subjects_table"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a page: what it is, what it says, where it leads."""

    title: str
    value: str
    link: str = ""


def facts(
    schema: Schema, fields: Mapping[str, Any], names: Sequence[str], tables: Tables
) -> list[Fact]:
    """Say the named fields that the record has, in the order of `names`."""
    properties = schema["properties"]
    return [
        fact
        for name in names
        if name in fields and name in properties
        for fact in _fact(properties[name], fields[name], tables)
    ]


def remaining(schema: Schema, fields: Mapping[str, Any], shown: Sequence[str]) -> list[str]:
    """Name the fields that no group shows, in the order of the schema."""
    return [n for n in schema["properties"] if n in fields and n not in {*shown, *NOT_SHOWN}]


def say(schema: Schema, value: Any, tables: Tables) -> str:
    """Say one value: a code by its label, fen in yuan, minutes in hours, lists side by side."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return _amount(value, schema.get("x-unit", {}).get("zh", ""))
    if isinstance(value, list):
        return "；".join(say(schema.get("items", {}), item, tables) for item in value)
    if isinstance(value, dict):
        return " ".join(say(part, value[name], tables) for name, part in _parts(schema, value))
    return _coded(schema, str(value), tables)


def yuan(fen: int) -> str:
    """300000 -> `3,000`; 5 -> `0.05`."""
    whole, rest = divmod(abs(fen), 100)
    return ("-" if fen < 0 else "") + f"{whole:,}" + (f".{rest:02}" if rest else "")


def hours(minutes: int) -> str:
    """Minutes as hours with at most one digit behind the point."""
    tenths = (minutes * 10 + 30) // 60
    return f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")


def _fact(schema: Schema, value: Any, tables: Tables) -> Iterator[Fact]:
    title = str(schema.get("title", ""))
    if isinstance(value, dict):
        # An address is one line; anything else that has parts is a line for each of them.
        if {"province", "city"} & set(schema.get("properties", {})):
            yield Fact(title, "".join(say(p, value[n], tables) for n, p in _parts(schema, value)))
            return
        for name, part in _parts(schema, value):
            yield from _fact(part, value[name], tables)
        return
    text = say(schema, value, tables)
    yield Fact(title, text, text if is_web_address(value) else "")


def is_web_address(value: Any) -> bool:
    """Whether a page may link to it: nothing but http and https."""
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _parts(schema: Schema, value: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield name, part


def _coded(schema: Schema, value: str, tables: Tables) -> str:
    if label := schema.get("x-labels", {}).get(value):
        return str(label["zh"])
    if name := tables.get(schema.get("x-table", ""), {}).get(value):
        return f"{name}（{value}）"
    return value


def _amount(value: int, unit: str) -> str:
    if unit == "分":
        return f"{yuan(value)} 元"
    if unit == "分钟":
        return f"{hours(value)} 小时"
    return f"{value:,} {unit}".rstrip() if unit else str(value)
