"""The code tables that ship with the schemas: instrument classes, subjects, regions.

A code is the key, never its name: names repeat inside the instrument classes. A schema names its
table in `x-table`; `codes_of` answers for that name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class InstrumentClass:
    """One six-digit code with the names from class to item: `names` has one to three."""

    code: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the most exact name."""
        return self.names[-1]

    @property
    def level(self) -> str:
        """Tell whether the code is a `class` (大类), a `group` (中类) or an `item` (小类)."""
        return ("class", "group", "item")[len(self.names) - 1]


@cache
def instrument_classes() -> Mapping[str, InstrumentClass]:
    """Return every code of the trial table; where item and group share a code, the item's."""
    found: dict[str, InstrumentClass] = {}
    for code, top in _read("instrument-classes")["classes"].items():
        found[code] = InstrumentClass(code, (top["name"],))
        for group, middle in top["groups"].items():
            found[group] = InstrumentClass(group, (top["name"], middle["name"]))
            for item, name in middle["items"].items():
                found[item] = InstrumentClass(item, (top["name"], middle["name"], name))
    return MappingProxyType(found)


@cache
def subjects() -> Mapping[str, str]:
    """Return the 62 first-level codes of GB/T 13745-2009 with their names."""
    return MappingProxyType(_read("subjects")["codes"])


@cache
def regions() -> Mapping[str, str]:
    """Return the GB/T 2260 codes of Shanxi and its prefecture-level cities with their names."""
    return MappingProxyType(_read("regions")["codes"])


def codes_of(table: str) -> frozenset[str]:
    """Return all codes of a table by its name in `x-table`; KeyError where there is none."""
    return _CODES[table]()


@cache
def _class_codes() -> frozenset[str]:
    return frozenset(instrument_classes())


@cache
def _subject_codes() -> frozenset[str]:
    return frozenset(subjects())


_CODES = {"instrument-classes": _class_codes, "subjects": _subject_codes}


def _read(name: str) -> Any:
    file = resources.files("fenhe_protocol") / f"schemas/tables/{name}.json"
    return json.loads(file.read_text("utf-8"))
