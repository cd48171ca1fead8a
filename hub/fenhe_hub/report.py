"""What a command says: a table for people, one JSON value for programs. Pure but for `show`."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from fenhe_protocol.terminal import inert, inert_json


def show(value: Any, text: str, *, as_json: bool) -> None:
    """Print the value as JSON, or the text."""
    if as_json:
        print(inert_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)))
    else:
        print(inert(text))


def complain(text: str) -> None:
    """Say something that is no part of the answer."""
    print(inert(text), file=sys.stderr)


def pairs(value: Mapping[str, object]) -> str:
    """Names and values, one a line."""
    return "\n".join(f"{name}: {each}" for name, each in value.items())
