"""A sync is killed anywhere: no two heads that disagree, nothing lost, the next run completes."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import open_workshop
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from tests.forked import Speaking
from tests.hub import sync_until_killed
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.provinces import Province, founded

pytestmark = pytest.mark.no_cover

KILLS = 20
ROUNDS = 1.3  # how long it lives at most, in rounds


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        province.now = int(time.time())
        for node in province.nodes:
            node.clock = lambda: int(time.time())
        yield province


async def sync_and_kill(province: Province, longest: float | None, chance: random.Random) -> float:
    """Kill at random before `longest` seconds, or after the first round; the seconds it lived."""
    with Speaking(sync_until_killed.main, province.hub.home.path) as process:
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"
        start = time.monotonic()
        if longest is None:
            assert await asyncio.to_thread(process.stdout.readline) == b"round\n"
        else:
            await asyncio.sleep(chance.uniform(0, longest))
        assert process.poll() is None
        process.kill()
    return time.monotonic() - start


def publish_something(node: FakeNode, turn: int) -> None:
    """Records, corrections, deletions, refusals and erasures, over and over."""
    size = node.publish(
        *(instrument(f"A-{turn}-{n}") for n in range(40)),
        instrument("A-1", model=f"correction {turn}"),
        instrument(f"W-{turn}", status="no such status"),
        instrument(f"P-{turn}", model="13800138000" if turn % 3 == 2 else "harmless"),
    )
    node.publish(*(service(f"S-{turn}-{n}") for n in range(60)), log="usage")
    if turn % 3 == 2:
        node.publish(deletion(f"A-{turn}-0"))
        node.erase(size - 1, size)


def head_of(raw: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(raw).text)


def shown(province: Province) -> set[Checkpoint]:
    """Every head that anybody could have been shown so far."""
    found = {head_of(province.hub.fed_files().read(CHECKPOINT) or b"")}
    for log in logs_of(province):
        found |= {head_of(note.file.read_bytes()) for note in kept_notes(log.notes)}
        if (raw := log.files.read(CHECKPOINT)) is not None:
            found.add(head_of(raw))
    return found


def logs_of(province: Province) -> list[MirrorLog]:
    names = [f"{node.origin}/{log}" for node in province.nodes for log in ("catalogue", "usage")]
    return [MirrorLog(province.hub.home, name) for name in names]


def assert_prefix(files: FeedFiles, head: Checkpoint) -> None:
    found = root_at(head.size, stored_hashes(files, head.size)) if head.size else EMPTY_ROOT
    assert found == head.root, head


def assert_one_history(province: Province, seen: set[Checkpoint]) -> None:
    files: dict[str, FeedFiles] = {log.origin: log.files for log in logs_of(province)}
    files[province.hub.fed_origin] = province.hub.fed_files()
    for head in seen:
        assert_prefix(files[head.origin], head)


def assert_nothing_lost(province: Province) -> None:
    for node in province.nodes:
        for name in ("catalogue", "usage"):
            log = MirrorLog(province.hub.home, f"{node.origin}/{name}")
            head = log.head()
            assert head == head_of(node.read(name, CHECKPOINT))
            advice = province.said("adv")[log.origin]
            assert advice["size"] == head.size
    assert province.rows("gap") == []
    refused = {row["idx"] for row in province.rows("skip") if row["log_no"] == 1000}
    told = {id_.split("#")[1] for id_ in province.said("rej")}
    assert all(any(text.startswith(f"{index}/") for text in told) for index in refused)


async def test_a_sync_killed_anywhere_is_completed_by_the_next(province: Province) -> None:
    seen: set[Checkpoint] = set()
    longest: float | None = None
    chance = random.Random(20)
    for turn in range(KILLS + 1):
        for node in province.nodes:
            publish_something(node, turn)
        lived = await sync_and_kill(province, longest, chance)
        longest = longest or lived * ROUNDS
        seen |= shown(province)
    province.now = int(time.time())
    reports = await province.sync(seconds=1)
    assert all(report.whole for report in reports)
    assert_one_history(province, seen | shown(province))
    assert_nothing_lost(province)
    assert len(seen) >= 5  # fed and four logs, else nothing was shown before a kill
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


class DiskThatEnds(Disk):
    """Ends whoever writes with it where a mirror is to show another checkpoint."""

    def write(self, path: Path, data: bytes) -> None:
        if CHECKPOINT in path.name and "mirror" in path.parts:
            raise KilledHere
        super().write(path, data)


class KilledHere(Exception):
    pass


async def test_who_visits_beside_others_that_are_killed_shows_what_they_cosigned(
    province: Province,
) -> None:
    node = province.nodes[0]
    async with open_workshop(province.hub, lambda: province.now) as living:
        await living.rounds.once(living.targets())
        node.publish(instrument("A-1"))
        for _ in range(2):  # the first keeps the note, the second finds it
            async with open_workshop(province.hub, lambda: province.now, DiskThatEnds()) as killed:
                await killed.rounds.once(killed.targets())
        await living.rounds.once(living.targets())
    log = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert head_of(log.files.read(CHECKPOINT) or b"").size == node.size("catalogue")
