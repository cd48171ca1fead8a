"""The official test vectors: read from `../shared/vectors` beside the project, never copied.

`cases("leaves")` gives the parameters of a test, one for each case, under the case's name; where
the folder is absent it gives a single one that skips and says why.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent / "shared" / "vectors"
ABSENT = pytest.mark.skip(reason=f"the official test vectors are not at {ROOT}")

Case = dict[str, Any]


def cases(name: str, folder: str = "feed") -> list[Any]:
    """The cases of one vector file as parameters of a test."""
    path = ROOT / folder / f"{name}.json"
    if not path.exists():
        return [pytest.param({}, id="absent", marks=ABSENT)]
    return [pytest.param(case, id=case["name"]) for case in json.loads(path.read_bytes())]


def files(folder: str, pattern: str) -> list[Any]:
    """The files of a vector folder as parameters of a test, under their paths."""
    found = sorted((ROOT / folder).glob(pattern))
    if not found:
        return [pytest.param(ROOT, id="absent", marks=ABSENT)]
    return [pytest.param(path, id=str(path.relative_to(ROOT / folder))) for path in found]


def as_bytes(value: Any) -> bytes:
    """Bytes of a case: text, `{"b64": …}` or `{"parts": [[text, times], …]}`."""
    if isinstance(value, str):
        return value.encode()
    if "b64" in value:
        return base64.b64decode(value["b64"])
    return b"".join(text.encode() * times for text, times in value["parts"])
