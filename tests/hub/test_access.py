"""Who may read what: the table of feed §1 as answers."""

import pytest

from fenhe_hub.web.access import BYTES, IMMUTABLE, TEXT, Reader, asked, asked_root

UNIT, OTHER = "u1.example/fenhe", "u2.example/fenhe"


@pytest.mark.parametrize(
    ("path", "family", "tier", "cache_control", "content_type"),
    [
        ("checkpoint", "catalogue", "pub", "no-cache", TEXT),
        ("checkpoint", "fed", "pub", "no-cache", TEXT),
        ("checkpoint", "usage", "hub", "private, no-cache", TEXT),
        ("tile/0/x001/234", "catalogue", "pub", IMMUTABLE, BYTES),
        ("tile/entries/000.p/7", "catalogue", "pub", IMMUTABLE, BYTES),
        ("tile/0/000", "usage", "hub", f"private, {IMMUTABLE}", BYTES),
        ("body/pub/000", "catalogue", "pub", "no-cache", TEXT),
        ("body/pub/000", "usage", "hub", "private, no-cache", TEXT),
        ("body/hub/000", "catalogue", "hub", "private, no-cache", TEXT),
        ("body/nat/000", "usage", "nat", "private, no-cache", TEXT),
        ("body/to/000", "fed", "to", "private, no-cache", TEXT),
    ],
)
def test_each_file_has_its_tier_and_headers(
    path: str, family: str, tier: str, cache_control: str, content_type: str
) -> None:
    file = asked(path, family)
    assert file is not None
    assert (file.tier, file.cache_control, file.content_type) == (tier, cache_control, content_type)
    assert file.held == (tier != "pub")


@pytest.mark.parametrize(
    "path",
    ["", "/checkpoint", "checkpoint/", "../verified", "verified", "notes/1-2", "tile/0/1",
     "tile/0/000.p/256", "body/hub/../pub/000", "body/node/000", "tile/00/000", "root/1"],
)  # fmt: skip
def test_other_paths_are_no_files(path: str) -> None:
    assert asked(path, "catalogue") is None


@pytest.mark.parametrize(
    ("path", "there"), [("root/1", True), ("root/01", False), ("root/x", False)]
)
def test_root_documents_are_for_everyone(path: str, there: bool) -> None:
    file = asked_root(path)
    assert (file is not None) == there
    assert file is None or (file.tier, file.cache_control) == ("pub", IMMUTABLE)


@pytest.mark.parametrize(
    ("reader", "tier", "unit", "may"),
    [
        (Reader("r", frozenset({"hub"})), "hub", UNIT, True),
        (Reader("r", frozenset({"hub"})), "nat", UNIT, False),
        (Reader("r", frozenset({"hub"}), frozenset({OTHER})), "hub", UNIT, False),
        (Reader("r", frozenset({"hub", "nat"}), frozenset({UNIT})), "nat", UNIT, True),
        (Reader("u", owned=frozenset({UNIT})), "nat", UNIT, True),
        (Reader("u", owned=frozenset({OTHER})), "hub", UNIT, False),
    ],
)
def test_what_is_not_listed_is_not_read(reader: Reader, tier: str, unit: str, may: bool) -> None:
    assert reader.may_read(tier, unit) is may


def test_a_line_of_fed_concerns_the_units_of_its_reader() -> None:
    usage = f"{UNIT}/usage"
    assert Reader("r", frozenset({"hub"})).concerns(usage)
    assert Reader("u", owned=frozenset({UNIT})).concerns(f"{usage}#7/hub")
    assert Reader("r", frozenset({"hub"}), frozenset({UNIT})).concerns(usage)
    assert not Reader("r", frozenset({"nat"}), frozenset({UNIT})).concerns(usage)
    assert not Reader("u", owned=frozenset({OTHER})).concerns(usage)
    assert not Reader("u", owned=frozenset({UNIT})).concerns(f"{UNIT}2/usage")
