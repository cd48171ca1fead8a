"""The schemas that the vectors presuppose: what `records.md` states and no more.

Our own schemas without any demand for a member beyond the envelope; all their other rules stay.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

from fenhe_protocol.schema import SchemaSet

ENVELOPE = ["unit", "kind", "id"]


@cache
def lenient_schemas() -> SchemaSet:
    """All kinds, with only unit, kind and id required of a body."""
    folder = resources.files("fenhe_protocol") / "schemas"
    files = [file for file in folder.iterdir() if file.name.endswith(".schema.json")]
    return SchemaSet([_lenient(json.loads(file.read_text("utf-8"))) for file in files])


def _lenient(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"x-required": dict.fromkeys(schema["x-required"], ENVELOPE)}
