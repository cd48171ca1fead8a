"""A log that stood still is only asked whether it still does; what else comes is judged as ever."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import Workshop, open_workshop
from tests.hub.fake_node import FakeNode, instrument, is_held_path
from tests.hub.provinces import Province, founded

_QUIET_ROUNDS = 3


@asynccontextmanager
async def settled(tmp_path: Path) -> AsyncIterator[tuple[Province, FakeNode, Workshop]]:
    """A province whose one unit has said what it had to say, and a workshop that knows it."""
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        (tmp_path / "former").write_bytes(node.read("catalogue", "checkpoint"))
        node.publish(instrument("A-2"))
        async with open_workshop(province.hub, lambda: province.now) as workshop:
            for _ in range(_QUIET_ROUNDS):
                await catalogue(province, workshop)
            yield province, node, workshop


async def catalogue(province: Province, workshop: Workshop) -> LogReport:
    """One more round, a minute later: what it came to for the catalogue."""
    province.now += 60
    reports = await workshop.rounds.once(workshop.targets())
    return next(each for each in reports if each.log == "catalogue")


def row(province: Province, node: FakeNode) -> Visit:
    """What is remembered of the catalogue's last visit."""
    with closing(Visits(province.hub.home.visits)) as visits:
        return visits.get(f"{node.origin}/catalogue")


async def test_a_log_that_stands_still_costs_the_index_one_question(tmp_path: Path) -> None:
    async with settled(tmp_path) as (province, node, workshop):
        before, asked = row(province, node), list[str]()
        targets = [each for each in workshop.targets() if each.name.name == "catalogue"]
        workshop.archive.db.set_trace_callback(asked.append)
        province.now += 60
        (report,) = await workshop.rounds.once(targets)
        assert (report.outcome, report.size, report.cosigned) == ("unchanged", 2, 2)
        assert len(asked) == 1
        now = province.now
        assert row(province, node) == replace(before, at=now, seen_at=now)


async def test_what_has_grown_is_asked_for_once(tmp_path: Path) -> None:
    async with settled(tmp_path) as (province, node, workshop):
        node.publish(instrument("A-3"))
        report = await catalogue(province, workshop)
        assert (report.outcome, report.start, report.size, report.cosigned) == ("grown", 2, 3, 3)
        assert (await catalogue(province, workshop)).outcome == "unchanged"


async def test_evidence_that_appears_is_seen(tmp_path: Path) -> None:
    async with settled(tmp_path) as (province, node, workshop):
        folder = province.hub.home.evidence(f"{node.origin}/catalogue")
        folder.mkdir(parents=True)
        (folder / "found.note").write_bytes(b"")
        report = await catalogue(province, workshop)
        assert (report.outcome, report.code) == ("quarantine", "log.quarantined")
        assert province.rows("log")[0]["quarantined"] == 1


async def test_what_another_process_took_in_meanwhile_counts(tmp_path: Path) -> None:
    async with settled(tmp_path) as (province, node, workshop):
        node.publish(instrument("A-3"))
        await province.sync()
        report = await catalogue(province, workshop)
        assert (report.outcome, report.size, report.cosigned) == ("unchanged", 3, 3)


MISCHIEF: dict[str, Callable[[FakeNode], object]] = {
    "grows": lambda node: node.publish(instrument("A-3")),
    "forks": lambda node: node.fork(),
    "serves an old head": lambda node: node.put_back("catalogue", "checkpoint", _former(node)),
    "serves none": lambda node: node.withhold("catalogue", "checkpoint"),
    "serves garbage": lambda node: node.put_back("catalogue", "checkpoint", b"\0garbage"),
    "serves too much": lambda node: node.put_back("catalogue", "checkpoint", b"x" * 2_000_000),
    "signs by a new key": lambda node: _change_key(node),
    "withholds a body": lambda node: (
        node.publish(instrument("A-3")),
        node.withhold("catalogue", "body/pub/000"),
    ),
}


def _change_key(node: FakeNode) -> None:
    node.change_key()
    node.publish(instrument("A-3"))


def _former(node: FakeNode) -> bytes:
    """A head of one leaf, as the node signed it once."""
    return (node.folder.parent / "former").read_bytes()


@pytest.mark.parametrize("mischief", MISCHIEF)
async def test_a_look_changes_nothing_in_what_a_visit_comes_to(
    tmp_path: Path, mischief: str
) -> None:
    assert await _after(tmp_path / "a", mischief, looks=True) == await _after(
        tmp_path / "b", mischief, looks=False
    )


async def _after(tmp_path: Path, mischief: str, *, looks: bool) -> list[object]:
    """What two rounds after it come to, in the process that looked before or in new ones."""
    came: list[object] = []
    async with settled(tmp_path) as (province, node, workshop):
        MISCHIEF[mischief](node)
        for _ in range(2):
            node.asked.clear()
            if looks:
                report = await catalogue(province, workshop)
            else:
                async with open_workshop(province.hub, lambda: province.now) as other:
                    report = await catalogue(province, other)
            # Without ports, and without roots, for salts are random.
            told = replace(report, place="", expected="", found="", began=0, ended=0)
            kept = replace(row(province, node), place="", expected="", found="")
            came += [told, kept, sorted(node.asked)]
    return came


async def test_only_what_is_held_is_asked_for_by_name(tmp_path: Path) -> None:
    async with settled(tmp_path) as (province, node, workshop):
        node.publish(instrument("A-3"))
        node.signed.clear()
        node.asked.clear()
        await catalogue(province, workshop)
        assert node.signed == {path for path in node.asked if is_held_path(path)}
        assert {"usage/checkpoint", "catalogue/body/hub/000"} <= node.signed
        assert {"catalogue/checkpoint", "catalogue/body/pub/000"} <= {*node.asked} - node.signed
