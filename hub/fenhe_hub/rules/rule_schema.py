"""The JSON Schema of a rule set, put together from the forms of every function's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fenhe_hub.rules.functions import FUNCTIONS
from fenhe_hub.rules.parameters import DAY, SHARED, Forms

_TEXT = {"type": "string", "minLength": 1}
_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "rule": {"type": "string", "pattern": r"^[A-Z][A-Z0-9_]{0,15}$"},
    "name_zh": _TEXT,
    "name_en": _TEXT,
    "stands_on": _TEXT,
    "sentence": _TEXT,
    "function": {"type": "string"},
    "from": DAY,
    "until": DAY,
    "parameters": {"type": "object"},
    "examples": {"type": "array", "items": _TEXT, "uniqueItems": True},
}
OPTIONAL = ("until", "examples")


@cache
def rule_set_schema() -> Mapping[str, Any]:
    """The whole document; `$defs` has the parameters of each function."""
    entry = {
        "type": "object",
        "properties": {**_MEMBERS, "function": {"enum": sorted(FUNCTIONS)}},
        "required": [name for name in _MEMBERS if name not in OPTIONAL],
        "additionalProperties": False,
        "allOf": list(_by_function()),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "披露规则集 A set of disclosure rules",
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": r"^[^\s/]{1,64}$"},
            "shared": _closed(SHARED, required=list(SHARED)),
            "rules": {"type": "array", "items": entry},
        },
        "required": ["name", "shared", "rules"],
        "additionalProperties": False,
        "$defs": {name: _parameters(each.parameters) for name, each in FUNCTIONS.items()},
    }


def _by_function() -> Iterator[Mapping[str, Any]]:
    for name in FUNCTIONS:
        named = {"properties": {"function": {"const": name}}, "required": ["function"]}
        yield {"if": named, "then": {"properties": {"parameters": {"$ref": f"#/$defs/{name}"}}}}


def _parameters(forms: Forms) -> Mapping[str, Any]:
    required = [name for name, form in forms.items() if "default" not in form]
    return _closed({**SHARED, **forms}, required=required)


def _closed(forms: Forms, *, required: list[str]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(forms),
        "required": required,
        "additionalProperties": False,
    }
