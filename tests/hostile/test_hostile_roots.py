"""Root documents and addresses that no hub enrols, whatever fingerprint somebody was told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.federation.foreign_notes import sign_note
from tests.federation.foreign_server import serving
from tests.federation.foreign_tree import b64
from tests.federation.foreign_unit import ForeignUnit
from tests.federation.province import Province, province_in


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    with province_in(tmp_path_factory.mktemp("roots")) as province:
        province.found_hub()
        yield province


def _weak(unit: ForeignUnit) -> dict[str, Any]:
    return {"root": [b64(bytes(32)), b64(unit.root_keys[0].public)]}


def _not_canonical(unit: ForeignUnit) -> dict[str, Any]:
    return {"request": [b64(b"\xee" + b"\xff" * 30 + b"\x7f")]}


def _one_key_for_two(unit: ForeignUnit) -> dict[str, Any]:
    return {"request": [b64(unit.log_key.public)]}


ROOTS: dict[str, Callable[[ForeignUnit], dict[str, Any]]] = {
    "low order key": _weak,
    "non-canonical key": _not_canonical,
    "one key for two purposes": _one_key_for_two,
    "threshold of none": lambda unit: {"threshold": 0},
    "threshold of too many": lambda unit: {"threshold": 4},
    "too few signatures": lambda unit: {"threshold": 2},
    "another member": lambda unit: {"comment": "hello"},
    "a log of no name": lambda unit: {"logs": [{"name": "diary", "keys": []}]},
    "an origin with a scheme": lambda unit: {"origin": "https://foreign.example/fenhe"},
    "a code that is none": lambda unit: {"unit": "121400000000000190"},
    "time in UTC by letter": lambda unit: {"time": "2026-11-23T00:00:00Z"},
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_wrong_root_document_is_not_enrolled(province: Province, name: str) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        signers = [(f"{unit.origin}/root", unit.root_keys[0])]
        unit.add_root(1_795_000_000, **{"signers": signers, **ROOTS[name](unit)})
        unit.publish()
        _is_refused(province, unit)


def test_names_said_twice_in_a_root_document_are_refused(province: Province) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        text = unit.roots[0].replace(b'"unit"', b'"n" : 1 , "unit"')
        unit.roots[0] = text
        unit.files["root/1"] = sign_note(text, [(f"{unit.origin}/root", unit.root_keys[0])])
        _is_refused(province, unit)


def test_another_fingerprint_is_refused(province: Province) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        unit.roots[0] += b" "
        _is_refused(province, unit)


def test_a_loopback_address_is_refused_unless_allowed(province: Province) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, allowed=(3,))


def _is_refused(province: Province, unit: ForeignUnit) -> None:
    command = ("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
    answer = province.hub(*command, allowed=(3,))
    assert answer["code"], answer
    assert unit.origin not in {unit for unit, _ in province.standing()}
