"""A body as it is shown: a unit may sign anything, also what is no JSON."""

from typing import Any

from fenhe_protocol.strict_json import NotStrictJson, loads


def shown_body(body: bytes) -> Any:
    """A body as JSON, or as its text where it is none."""
    try:
        return loads(body)
    except NotStrictJson:
        return body.decode("utf-8", "replace")
