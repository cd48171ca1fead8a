"""Names are kept apart, and one unit is enrolled once."""

from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.registry.enrolled import Enrolment, Registry, check_origin
from fenhe_protocol.errors import Refused, SetupError

HUB = "hub.example/fenhe"
UNIT = Enrolment(
    origin="u1.example/fenhe",
    uscc="12140000000000019W",
    root1="ab" * 32,
    url="https://u1.example/fenhe",
    root_url="https://u1.example/fenhe",
)
OTHER = replace(UNIT, origin="u2.example/fenhe", uscc="12140000000000027P")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = Registry(tmp_path / "registry.yaml")
    registry.add(UNIT, HUB)
    return registry


def test_what_was_enrolled_is_there_after_a_restart(registry: Registry, tmp_path: Path) -> None:
    registry.add(OTHER, HUB)
    assert list(Registry(tmp_path / "registry.yaml")) == [UNIT, OTHER]


@pytest.mark.parametrize(
    "origin",
    [
        HUB,
        f"{HUB}/m",
        f"{HUB}/root",
        "u1.example/fenhe/catalogue",
        "u1.example/fenhe/root",
        "u1.example/fenhe/x",
        "u1.example",
        "hub.example",
    ],
)
def test_a_name_inside_another_is_refused(origin: str) -> None:
    with pytest.raises(Refused) as caught:
        check_origin(origin, [HUB, "u1.example/fenhe"])
    assert caught.value.code == "enrol.origin"


@pytest.mark.parametrize("origin", ["u1.example/fenhe2", "u1.example/f", "hub.example/u/1"])
def test_a_name_beside_another_is_taken(origin: str) -> None:
    check_origin(origin, [HUB, "u1.example/fenhe"])


def test_one_unit_code_is_one_unit(registry: Registry) -> None:
    with pytest.raises(Refused) as caught:
        registry.add(replace(OTHER, uscc=UNIT.uscc), HUB)
    assert caught.value.code == "enrol.unit"
    assert list(registry) == [UNIT]


def test_another_fingerprint_needs_more_than_enrolling_again(registry: Registry) -> None:
    with pytest.raises(Refused) as caught:
        registry.add(replace(UNIT, root1="cd" * 32), HUB)
    assert caught.value.code == "enrol.again"


def test_enrolling_again_changes_address_and_permission(registry: Registry) -> None:
    moved = replace(UNIT, url="http://127.0.0.1:8080", allow_private=True)
    registry.add(moved, HUB)
    assert registry.get(UNIT.origin) == moved
    assert len(registry) == 1


def test_the_operators_address_leads_until_the_root_document_names_another() -> None:
    unit = replace(UNIT, url="http://10.0.0.5")
    assert unit.address(UNIT.root_url) == "http://10.0.0.5"
    assert unit.address("https://new.example") == "https://new.example"


WHOLE = "origin: h.example/a, root1: a, url: u, root_url: u"


@pytest.mark.parametrize(
    "text",
    [
        *("units: [{origin: 1}]", "units: [a]", "[", "a", "[" * 200_000),
        f"units: [{{{WHOLE}, uscc: 911401000000000039}}]",  # a number without quotes
        f"units: [{{{WHOLE}, uscc: a, sm2: [[a]]}}]",
        f"units: [{{{WHOLE}, uscc: [a]}}]",
    ],
    ids=lambda text: text[-20:],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError):
        Registry(file)
