"""The official vectors beside the repository: found here, or skipped with a plain reason."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

VECTORS = Path(__file__).resolve().parents[2] / "shared" / "vectors"
WYCHEPROOF = VECTORS / "wycheproof"
CCTV = VECTORS / "cctv-ed25519"
MERKLE_PROOFS = VECTORS / "merkle-proofs"
JSON_TEST_SUITE = VECTORS / "json-test-suite" / "test_parsing"
SM2_SM3 = VECTORS / "sm2-sm3"


@dataclass(frozen=True)
class Case:
    """One case of `feed/*.json`; the forms of bytes that are no string are bytes already."""

    name: str
    why: str
    input: Any
    now: int
    expected: Any


def load_cases(name: str) -> list[ParameterSet]:
    """Return the cases of `feed/<name>.json` for `parametrize`, with their names as ids."""
    path = VECTORS / "feed" / f"{name}.json"
    if not path.is_file():
        return absent(path)
    cases = [Case(**_resolved(case)) for case in json.loads(path.read_text("utf-8"))]
    return [pytest.param(case, id=case.name) for case in cases]


def absent(path: Path) -> list[ParameterSet]:
    """Return one parameter that skips because `path` is not there."""
    return [pytest.param(None, marks=pytest.mark.skip(reason=f"no test vectors at {path}"))]


def need(path: Path) -> Path:
    """Return the path, or skip the test that asks because it is not there."""
    if not path.exists():
        pytest.skip(f"no test vectors at {path}")
    return path


def as_bytes(form: str | bytes) -> bytes:
    """Return the bytes of a case's member that is written as bytes: a string is its UTF-8."""
    return form.encode() if isinstance(form, str) else form


def _resolved(value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"b64"}:
        return base64.b64decode(value["b64"])
    if value.keys() == {"parts"}:
        return b"".join(text.encode() * times for text, times in value["parts"])
    return {name: _resolved(item) for name, item in value.items()}
