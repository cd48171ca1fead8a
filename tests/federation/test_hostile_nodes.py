"""Many units at once, each wrong in its own way, around one that is not.

Round 1 finds all of them honest, round 2 each as its case says, round 3 honest again. `CASES` has
what feed.md names for each; here is that the hub comes to it, and that nobody else pays.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.federation.foreign_notes import root_members, sign_note
from tests.federation.foreign_reader import Keys, read_mirror
from tests.federation.foreign_server import Town, serving
from tests.federation.foreign_tree import b64
from tests.federation.foreign_unit import ForeignUnit
from tests.federation.hostile_units import AFTER, BEFORE, CASES, HEALTHY, Case
from tests.federation.province import HUB_ORIGIN, Province, province_in

VISIT_SECONDS = 8  # so that who hangs hangs no longer than that
Reports = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """The units by the name of their case, and what each round reported of them."""

    province: Province
    town: Town
    units: dict[str, ForeignUnit]
    first: Reports
    second: Reports
    third: Reports
    shown: dict[str, tuple[int, int]]  # by case: records found and size mirrored, after round 2
    stored: Reports  # what `status` says after round 2

    def report(self, reports: Reports, case: Case) -> dict[str, Any]:
        return reports[self.units[case.name].origin, "catalogue"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    units = {case.name: ForeignUnit(number) for number, case in enumerate(CASES, 10)}
    folder = tmp_path_factory.mktemp("hostile")
    with serving(list(units.values())) as town, province_in(folder) as province:
        province.found_hub(visit_seconds=VISIT_SECONDS)
        cosigner = _cosigner(province)
        for unit in units.values():
            unit.trusted.append(_request_key(province))
            unit.begin(BEFORE - 1)
            province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
        first = province.sync()
        for case in CASES:
            units[case.name].grow(AFTER - BEFORE)
            units[case.name].publish()
            case.spoil(town, units[case.name])
        second = province.sync()
        stored = province.standing()
        province.serve("hub")
        shown = {name: _shown(province, unit, cosigner) for name, unit in units.items()}
        town.mischief.clear()
        for unit in units.values():
            unit.grow(1)
            unit.publish()
        third = province.sync()
        yield Story(province, town, units, first, second, third, shown, stored)


def _hub_root(province: Province) -> dict[str, Any]:
    return root_members((province.home("hub") / "public/root/1").read_bytes())


def _request_key(province: Province) -> bytes:
    return base64.b64decode(_hub_root(province)["request"][0])


def _cosigner(province: Province) -> tuple[str, bytes]:
    return f"{HUB_ORIGIN}/m", base64.b64decode(_hub_root(province)["cosign"]["key"])


def _shown(province: Province, unit: ForeignUnit, cosigner: tuple[str, bytes]) -> tuple[int, int]:
    found = json.loads(province.fetch(f"/api/v1/resources?unit={unit.uscc}&limit=1"))
    keys = Keys(unit.catalogue.origin, unit.log_key.public, cosigner)
    return found["total"], read_mirror(province.url("hub"), keys).head.size


def test_all_are_honest_at_first(story: Story) -> None:
    for case in CASES:
        report = story.report(story.first, case)
        assert (report["outcome"], report["cosigned"]) == ("grown", BEFORE), case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_ends_as_the_protocol_says(story: Story, case: Case) -> None:
    report = story.report(story.second, case)
    found = {name: report[name] for name in ("outcome", "size", "missing", "refused")}
    wanted = {"outcome": case.outcome, "size": case.size}
    assert found == wanted | {"missing": case.missing, "refused": case.refused}, report
    complete = case.size > BEFORE and not case.missing
    assert report["cosigned"] == (case.size if complete else BEFORE)
    if case.outcome in ("refuse", "defer", "quarantine"):
        assert report["code"], report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_last_good_state_stays_served(story: Story, case: Case) -> None:
    records, size = story.shown[case.name]
    assert records >= BEFORE - 1
    assert size == story.report(story.second, case)["cosigned"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_who_is_honest_again_goes_on(story: Story, case: Case) -> None:
    report = story.report(story.third, case)
    assert report["outcome"] == case.again, report
    if case.again == "grown":
        size = len(story.units[case.name].catalogue)
        assert (report["size"], report["cosigned"], report["missing"]) == (size, size, 0)
    else:
        assert report["size"] == case.size


def test_every_visit_ends_in_a_stored_verdict_that_says_the_same(story: Story) -> None:
    assert len(story.stored) == 2 * len(CASES)
    for log, report in story.second.items():
        stored = story.stored[log]
        said = [(each["outcome"], each["code"], each["size"]) for each in (report, stored)]
        assert said[0] == said[1], log


def test_a_fork_leaves_two_signed_notes_as_evidence(story: Story) -> None:
    forks = [case for case in CASES if case.outcome == "quarantine"]
    assert len(forks) == 3
    folder = story.province.home("hub") / "evidence"
    notes = [path.read_bytes() for path in folder.rglob("*.note")]
    for case in forks:
        origin = story.units[case.name].catalogue.origin.encode()
        assert sum(note.startswith(origin + b"\n") for note in notes) == 2


def test_the_healthy_one_does_not_wait_for_those_that_hang(story: Story) -> None:
    # What hangs is cut off when the visit's time is over; by then the healthy one is done.
    healthy = story.units[HEALTHY.name].number
    answered = [(number, path) for number, path, _ in story.town.asked]
    served = answered.index((healthy, f"catalogue/tile/entries/000.p/{AFTER}"))
    for name in ("silent", "dripping"):
        hanging = story.units[name].number
        after = (hanging, f"catalogue/tile/entries/000.p/{AFTER + 1}")  # round 3
        assert served < story.town.given_up[hanging] <= answered.index(after)


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
def test_a_wrong_root_document_is_not_enrolled(story: Story, name: str) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        signers = [(f"{unit.origin}/root", unit.root_keys[0])]
        unit.add_root(1_795_000_000, **{"signers": signers, **ROOTS[name](unit)})
        unit.publish()
        _is_refused(story, unit)


def test_names_said_twice_in_a_root_document_are_refused(story: Story) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        text = unit.roots[0].replace(b'"unit"', b'"n" : 1 , "unit"')
        unit.roots[0] = text
        unit.files["root/1"] = sign_note(text, [(f"{unit.origin}/root", unit.root_keys[0])])
        _is_refused(story, unit)


def test_another_fingerprint_is_refused(story: Story) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        unit.roots[0] += b" "
        _is_refused(story, unit)


def test_a_loopback_address_is_refused_unless_allowed(story: Story) -> None:
    unit = ForeignUnit(8)
    with serving([unit]):
        unit.begin()
        story.province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, allowed=(3,))


def _is_refused(story: Story, unit: ForeignUnit) -> None:
    command = ("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
    answer = story.province.hub(*command, allowed=(3,))
    assert answer["code"], answer
    assert unit.origin not in {unit for unit, _ in story.province.standing()}
