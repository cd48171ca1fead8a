"""An external system that follows the hub: every record once, and none lost when it is killed.

What is to come is taken from the units' own lines; the follower is the real command on a real pipe.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.federation.foreign_notes import root_members, spelled
from tests.federation.foreign_server import serving
from tests.federation.foreign_unit import ForeignLog, ForeignUnit
from tests.federation.province import Province, province_in
from tests.forked import Speaking

LARGE, SMALL, MORE = 1_200, 40, 300
Line = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """Two units, and what a follower was told in the order of its runs."""

    province: Province
    units: list[ForeignUnit]
    cursor: Path
    first: list[Line]
    again: list[Line]
    grown: list[Line]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    units = [ForeignUnit(1), ForeignUnit(2)]
    folder = tmp_path_factory.mktemp("follow")
    with serving(units) as _, province_in(folder) as province:
        province.found_hub()
        members = root_members((province.home("hub") / "public/root/1").read_bytes())
        for unit in units:
            unit.trusted += [base64.b64decode(key) for key in members["request"]]
        units[0].begin(LARGE)
        units[1].begin(SMALL)
        _say_all_there_is_to_say(units[1])
        for unit in units:
            province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
        province.sync()
        province.serve("hub")
        cursor = folder / "cursor"
        first = _follow(province, cursor)
        again = _follow(province, cursor)
        units[0].grow(MORE)
        units[0].publish()
        province.sync()
        yield Story(province, units, cursor, first, again, _follow(province, cursor))


def _say_all_there_is_to_say(unit: ForeignUnit) -> None:
    """A correction, a deletion, something refused, something erased; usage, which is held."""
    log, envelope = unit.catalogue, {"unit": unit.uscc, "kind": "instrument"}
    log.record(unit.instrument("F-1", model="corrected"))
    gone = {"deleted": {"on": "2026-11-20", "reason": "scrapped"}}
    log.record({"pub": spelled(envelope | {"id": "F-2"} | gone)})
    log.record(unit.instrument("W-1", status="no such status"))
    log.erase([(3, 5)], ["pub", "hub"])
    unit.usage.record(unit.service("S-1"))
    unit.publish()


def _command(province: Province, cursor: Path) -> list[str]:
    known = ("--cursor", str(cursor), "--fingerprint", province.fingerprint)
    return ["follow", province.url("hub"), "--once", *known]


def _follow(province: Province, cursor: Path) -> list[Line]:
    run = forked.run("fenhe", *_command(province, cursor))
    assert run.returncode == 0, run.stderr.decode()
    return [json.loads(line) for line in run.stdout.splitlines()]


def _told(lines: list[Line]) -> Counter[tuple[str, int, str]]:
    """How often each record was told, by its place."""
    records = [line for line in lines if "body" in line or "deleted" in line]
    return Counter((line["origin"], line["index"], line["tier"]) for line in records)


def _published(log: ForeignLog, start: int = 0, *, wrong: str = "W-1") -> set[tuple[str, int, str]]:
    """The places of all public records from an index on, but the wrong one."""
    return {
        (log.origin, index, "pub")
        for index, line in log.lines["pub"].items()
        if index >= start and json.loads(line.split(b" ", 2)[2])["id"] != wrong
    }


def test_from_the_beginning_every_published_record_comes_once(story: Story) -> None:
    large, small = (unit.catalogue for unit in story.units)
    wanted = {place for place in _published(large) if place[1] <= LARGE} | _published(small)
    told = _told(story.first)
    assert told.keys() == wanted
    assert set(told.values()) == {1}


def test_each_record_comes_as_its_unit_wrote_it(story: Story) -> None:
    logs = {unit.catalogue.origin: unit.catalogue for unit in story.units}
    for line in story.first:
        if "body" in line:
            raw = logs[line["origin"]].lines["pub"][line["index"]].split(b" ", 2)[2]
            body = json.loads(raw)
            assert line["body"] == body
            assert (line["unit"], line["kind"], line["id"]) == tuple(
                body[name] for name in ("unit", "kind", "id")
            )


def test_corrections_deletions_refusals_and_erasures_are_told_in_order(story: Story) -> None:
    small = story.units[1]
    own = [line for line in story.first if line["origin"] == small.catalogue.origin]
    by_id: dict[str, list[Line]] = {}
    for line in own:
        by_id.setdefault(line.get("id", ""), []).append(line)
    assert [line["body"].get("model") for line in by_id["F-1"]] == [None, "corrected"]
    assert by_id["F-2"][1]["deleted"] == {"on": "2026-11-20", "reason": "scrapped"}
    assert "W-1" not in by_id and "F-3" not in by_id
    refused = [line for line in own if "refused" in line]
    assert [(line["refused"], line["tier"]) for line in refused] == [("schema", "pub")]
    (erased,) = [line["erased"] for line in own if "erased" in line]
    assert (erased["ranges"], sorted(erased["tiers"])) == ([[3, 5]], ["hub", "pub"])


def test_what_is_held_is_not_told_to_a_stranger(story: Story) -> None:
    every = [*story.first, *story.grown]
    assert {line["origin"] for line in every} <= {u.catalogue.origin for u in story.units}
    assert {line["tier"] for line in every if "tier" in line} == {"pub"}


def test_nothing_new_is_nothing_told(story: Story) -> None:
    assert story.again == []


def test_later_only_what_is_new_comes(story: Story) -> None:
    large = story.units[0].catalogue
    assert _told(story.grown).keys() == _published(large, LARGE + 1)
    assert set(_told(story.grown).values()) == {1}
    assert len(_told(story.grown)) == MORE


def test_killed_in_the_middle_and_resumed_it_loses_nothing(story: Story, tmp_path: Path) -> None:
    cursor, lines, runs = tmp_path / "cursor", list[Line](), list[int]()
    for bytes_read in (1, 30_000, 150_000, 90_000):
        some = _killed(story.province, cursor, bytes_read)
        lines += some
        runs.append(len(some))
    rest = _follow(story.province, cursor)
    wanted = set().union(*(_published(unit.catalogue) for unit in story.units))
    assert _told([*lines, *rest]).keys() == wanted
    # It went on where it was, and did not begin anew.
    assert 0 < len(rest) < len(wanted)
    assert sum(runs) < 2 * len(wanted)


def _killed(province: Province, cursor: Path, bytes_read: int) -> list[Line]:
    """Follow, read this much, kill: a pipe that nobody empties keeps it in the middle till then."""
    with Speaking(forked.PROGRAMS["fenhe"], _command(province, cursor)) as run:
        told = run.stdout.read(bytes_read)
        assert len(told) == bytes_read
        run.kill()
        told += run.stdout.read()
    whole, _, _ = told.rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]
