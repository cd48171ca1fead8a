"""Many units at once, each wrong in its own way, around one that is not.

Round 1 finds half of them honest and knows nothing of the others, round 2 each as its case says,
round 3 all honest again. `cases` has what is to come of each; here is that the hub comes to it, and
that nobody else pays.
"""

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

import pytest

from fenhe_hub.agenda.visits import Visits
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.hub import Hub, open_hub
from fenhe_protocol.conviction import convict
from tests.federation.foreign_notes import root_members
from tests.federation.foreign_reader import Keys, read_mirror
from tests.federation.foreign_server import Town, serving
from tests.federation.foreign_unit import ForeignUnit
from tests.federation.province import DONE_IN_PART, HUB_ORIGIN, Province, province_in
from tests.hostile.case import Case, Met
from tests.hostile.cases import CASES, HEALTHY
from tests.hostile.spoiling import AFTER, BEFORE

VISIT_SECONDS = 6  # so that who hangs hangs no longer than that
MOST_MEMORY = 700 << 20  # bytes of data that the hub's process may ever have
Reports = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Meeting:
    """One case as the hub meets it: at a unit that it knows, or on the first visit."""

    case: Case
    cold: bool

    @property
    def name(self) -> str:
        return f"{self.case.name}, {'cold' if self.cold else 'warm'}"

    @property
    def met(self) -> Met:
        return self.case.met(cold=self.cold)


MEETINGS = [
    *(Meeting(case, cold=False) for case in CASES),
    # What is said below a good signature is judged alike, whoever says it first or again.
    *(Meeting(case, cold=True) for case in CASES if case.limits),
]
WELL = Meeting(HEALTHY, cold=False)
each_meeting = pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.name)


@dataclass(frozen=True)
class Story:
    """The units by the name of their meeting, and what each round reported of them."""

    province: Province
    town: Town
    units: dict[str, ForeignUnit]
    first: Reports
    second: Reports
    third: Reports
    shown: dict[str, tuple[int, int]]  # records found and size mirrored, after round 2
    stored: Reports  # what `status` says after round 2
    counted: dict[str, int]  # what the monitor is told after round 2: logs by code
    waits: dict[str, int | None]  # by log: what was asked for and is granted, in seconds

    def report(self, reports: Reports, meeting: Meeting) -> dict[str, Any]:
        return reports[self.units[meeting.name].origin, "catalogue"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    units = {each.name: ForeignUnit(number) for number, each in enumerate(MEETINGS, 10)}
    folder = tmp_path_factory.mktemp("hostile")
    with serving(list(units.values())) as town, province_in(folder) as province:
        province.found_hub(visit_seconds=VISIT_SECONDS, at_once=48)
        for unit in units.values():
            unit.trusted.append(_request_key(province))
            unit.begin(BEFORE - 1)
        _enrol(province, [units[each.name] for each in MEETINGS if not each.cold])
        first = province.sync()
        for each in MEETINGS:
            units[each.name].grow(AFTER - BEFORE)
            units[each.name].publish()
            each.case.spoil(town, units[each.name])
        _enrol(province, [units[each.name] for each in MEETINGS if each.cold])
        second = _sync_within(province, MOST_MEMORY)
        stored, waits = province.standing(), _waits(province)
        province.serve("hub")
        counted = _counted(province)
        shown = {name: _shown(province, unit) for name, unit in units.items()}
        town.mischief.clear()
        for unit in units.values():
            unit.grow(1)
            unit.publish()
        third = province.sync()
        yield Story(province, town, units, first, second, third, shown, stored, counted, waits)


def _sync_within(province: Province, memory: int) -> Reports:
    """One round in a process that is given no more than this many bytes of data."""
    home, limit = str(province.home("hub")), ("prlimit", f"--data={memory}")
    words = ("fenhe-hub", "--home", home, "sync", "--once", "--json")
    done = province.programs.run(*words, before=limit)
    assert done.returncode in DONE_IN_PART, done.stderr.decode()
    return {(each["unit"], each["log"]): each for each in json.loads(done.stdout)["logs"]}


def _enrol(province: Province, units: Sequence[ForeignUnit]) -> None:
    """What `fenhe-hub enrol` does for each; the next round tells of them all."""

    async def enrol(hub: Hub) -> None:
        for unit in units:
            await enrol_unit(hub, unit.url, unit.fingerprint, allow_private=True)

    asyncio.run(enrol(open_hub(province.home("hub"))))


def _counted(province: Province) -> dict[str, int]:
    text = province.fetch("/metrics").decode()
    found = re.findall(r'^fenhe_hub_faults{code="([^"]*)"} ([0-9.]+)$', text, re.MULTILINE)
    return {code: int(float(count)) for code, count in found}


def _waits(province: Province) -> dict[str, int | None]:
    with closing(Visits(province.home("hub") / "visits.sqlite")) as visits:
        return {origin: visit.retry_after for origin, visit in visits.all().items()}


def _hub_root(province: Province) -> dict[str, Any]:
    return root_members((province.home("hub") / "public/root/1").read_bytes())


def _request_key(province: Province) -> bytes:
    return base64.b64decode(_hub_root(province)["request"][0])


def _cosigner(province: Province) -> tuple[str, bytes]:
    return f"{HUB_ORIGIN}/m", base64.b64decode(_hub_root(province)["cosign"]["key"])


def _shown(province: Province, unit: ForeignUnit) -> tuple[int, int]:
    found = json.loads(province.fetch(f"/api/v1/resources?unit={unit.uscc}&limit=1"))
    keys = Keys(unit.catalogue.origin, unit.log_key.public, _cosigner(province))
    try:
        return found["total"], read_mirror(province.url("hub"), keys).head.size
    except HTTPError as error:  # nothing of it was ever cosigned
        with error:
            return found["total"], 0


def test_all_that_are_known_are_honest_at_first(story: Story) -> None:
    for meeting in MEETINGS:
        if not meeting.cold:
            report = story.report(story.first, meeting)
            assert (report["outcome"], report["cosigned"]) == ("grown", BEFORE), meeting.name


@each_meeting
def test_each_ends_as_the_protocol_says(story: Story, meeting: Meeting) -> None:
    report, met = story.report(story.second, meeting), meeting.met
    found = {name: report[name] for name in ("outcome", "code", "size", "missing", "refused")}
    wanted = {"outcome": met.outcome, "code": met.code, "size": met.size}
    assert found == wanted | {"missing": met.missing, "refused": met.refused}, report
    before = 0 if meeting.cold else BEFORE
    whole = met.outcome == "grown" and not met.missing and not met.kept_from_receipt
    assert report["cosigned"] == (met.size if whole else before)


@each_meeting
def test_nothing_partial_is_shown_and_the_last_good_state_is(
    story: Story, meeting: Meeting
) -> None:
    records, size = story.shown[meeting.name]
    assert size == story.report(story.second, meeting)["cosigned"]
    if meeting.met.outcome != "grown":
        assert records == (0 if meeting.cold else BEFORE - 1)


@each_meeting
def test_who_is_honest_again_goes_on(story: Story, meeting: Meeting) -> None:
    report, again = story.report(story.third, meeting), meeting.met.again
    assert report["outcome"] == again, report
    if again == "grown":
        size = len(story.units[meeting.name].catalogue)
        assert (report["size"], report["missing"]) == (size, 0)
        before = story.report(story.second, meeting)["cosigned"]
        assert report["cosigned"] == (before if meeting.met.kept_from_receipt else size)
    else:
        assert report["size"] == meeting.met.size


def test_every_visit_ends_in_a_stored_verdict_that_says_the_same(story: Story) -> None:
    assert len(story.stored) == 2 * len(MEETINGS)
    for log, report in story.second.items():
        stored = story.stored[log]
        assert (stored["code"], stored["size"]) == (report["code"], report["size"]), log
        # A log that grew and was visited once more in this round did not grow then.
        again = ("unchanged",) if report["outcome"] == "grown" else ()
        assert stored["outcome"] in (report["outcome"], *again), log


def test_the_monitor_counts_each_log_under_its_one_code(story: Story) -> None:
    codes = Counter(meeting.met.code for meeting in MEETINGS if meeting.met.code)
    assert story.counted == codes


def test_a_fork_leaves_two_signed_notes_and_one_file_as_evidence(story: Story) -> None:
    forked = {
        story.units[each.name].catalogue.origin
        for each in MEETINGS
        if each.met.again == "quarantine"
    }
    folder = story.province.home("hub") / "evidence"
    notes = [path.read_bytes() for path in folder.rglob("*.note")]
    assert Counter(note.partition(b"\n")[0].decode() for note in notes) == dict.fromkeys(forked, 2)
    files = [convict(path.read_bytes()) for path in folder.rglob("*.json")]
    assert {each.signer for each in files} == forked
    assert len(files) == len(forked)


def test_nobody_is_sent_anywhere_else(story: Story) -> None:
    assert story.town.astray == []


def test_what_a_server_asks_for_holds_a_visit_off_for_an_hour_at_most(story: Story) -> None:
    asked = {each.name: story.waits[story.units[each.name].catalogue.origin] for each in MEETINGS}
    assert asked["asked to wait for years, warm"] == 3600
    assert asked["asked to have waited, cold"] == 0
    assert {wait for wait in asked.values() if wait} == {3600}


def test_the_healthy_one_does_not_wait_for_those_that_hang(story: Story) -> None:
    # That nobody waits, however few places there are: `tests/hub/test_schedule.py`.
    hanging = [each for each in MEETINGS if each.case.name in ("dripping", "silent")]
    ended = [story.report(story.second, each)["ended"] for each in hanging]
    assert story.report(story.second, WELL)["ended"] < min(ended)
