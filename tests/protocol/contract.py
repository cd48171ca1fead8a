"""The examples that ship with the schemas, as the tests see them."""

import json
from pathlib import Path
from typing import Any

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
