"""The schemas and the examples that ship with them, as the tests see them."""

import json
from pathlib import Path
from typing import Any

from fenhe_protocol.schema import SchemaSet

SET = SchemaSet.load()
UNIT = "12140000000000019W"
SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def _examples() -> list[tuple[str, str, str, dict[str, Any]]]:
    return [
        (path.stem, tier, name, body)
        for path in sorted((SCHEMAS / "examples").glob("*.json"))
        for tier, bodies in json.loads(path.read_text("utf-8")).items()
        for name, body in bodies.items()
    ]


# Kind, tier, name (full, least, deleted) and body.
EXAMPLES = _examples()


def body_of(kind: str, tier: str, name: str = "full") -> dict[str, Any]:
    """Return a copy of one example."""
    found = next(b for k, t, n, b in EXAMPLES if (k, t, n) == (kind, tier, name))
    copy: dict[str, Any] = json.loads(json.dumps(found))
    return copy


def instrument(**members: Any) -> dict[str, Any]:
    """Return the least public instrument with more members."""
    least = {"unit": UNIT, "kind": "instrument", "id": "A-1", "name_zh": "示例"}
    return least | {"status": "normal"} | members


def envelope(kind: str = "instrument", **members: Any) -> dict[str, Any]:
    """Return a body with its envelope and nothing that its tier may ask for."""
    return {"unit": UNIT, "kind": kind, "id": "A-1"} | members


def faults(kind: str, tier: str, value: dict[str, Any]) -> list[tuple[str, str]]:
    """Return path and code of every violation; both judges must agree."""
    found = SET.violations(kind, tier, value)
    assert SET.validates(kind, tier, value) == (not found)
    return [(violation.path, violation.code) for violation in found]
