"""Forms of parameters, as pieces of JSON Schema, from which each rule puts its own together.

A rule module declares `PARAMETERS`: name → form. A form with a `default` may be left out of the
file; a number that no source gives may be null: what it would judge is then not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fenhe_client.checked_yaml import DATE
from fenhe_protocol.schema import SchemaSet

Form = Mapping[str, Any]
Forms = Mapping[str, Form]

DAY: Form = DATE
DAY_OR_NONE: Form = {**DATE, "type": ["string", "null"]}
DAYS: Form = {"type": "integer", "minimum": 0, "maximum": 3650}
DAYS_OR_NONE: Form = {**DAYS, "type": ["integer", "null"]}
DAY_KIND: Form = {"enum": ["working", "calendar"], "default": "working"}
COUNT: Form = {"type": "integer", "minimum": 0}
COUNT_OR_NONE: Form = {**COUNT, "type": ["integer", "null"]}
PER_CENT_OR_NONE: Form = {"type": ["integer", "null"], "minimum": 0, "maximum": 100}
NAMES: Form = {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True}
KINDS: Form = {
    "type": "array",
    "items": {"enum": sorted(SchemaSet.load().kinds)},
    "uniqueItems": True,
}

SHARED: Forms = {
    "line_yuan": COUNT,
    "public_funds": {
        "type": "array",
        "items": {"enum": ["central", "local", "own", "other"]},
        "uniqueItems": True,
    },
    "base_carriers": KINDS,
}
"""What every rule may look at: the line, what public money is, and which bases the policy names."""


def defaults(forms: Forms) -> dict[str, Any]:
    """The values of parameters that a file may leave out."""
    return {name: form["default"] for name, form in forms.items() if "default" in form}
