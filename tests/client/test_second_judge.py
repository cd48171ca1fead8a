"""A visit with a second process comes to what it comes to without."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fenhe_client.reading import bodies
from fenhe_client.reading.block_read import BlockRead
from fenhe_client.reading.bodies import Blocks, keep_lines
from fenhe_client.reading.second_judge import SecondJudge
from fenhe_client.reading.visit import LogReader, LogToRead, VisitReport
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.entry import Entry
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.record import Record
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import body_path
from tests.client.unit_log import (
    CATALOGUE,
    KEY,
    NOW,
    USCC,
    DictFetcher,
    Files,
    Mirror,
    Publisher,
    instrument,
)

Seen = dict[int, tuple[str, bool]]

GOOD = [instrument(number, tiers=("pub",)) for number in range(300)]


class Taker:
    """Notes each valid body by index and the blocks that were looked at elsewhere."""

    def __init__(self) -> None:
        self.seen: Seen = {}
        self.sound: list[int] = []

    def __call__(self, read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        for sound in read.sound.values():
            self.sound.append(read.block)
            for place, id_ in enumerate(sound.ids):
                self.seen[read.start + place] = (id_, place in sound.deleting)
        for judged in read.tiers.values():
            for index, verdict in judged.verdicts.items():
                if isinstance(verdict, Record):
                    self.seen[index] = (verdict.identity.id, verdict.deleted is not None)
        return keep_lines(read, fetched)


async def visited(
    folder: Path, files: Files, second: SecondJudge | None, wanted: Blocks | None = None
) -> tuple[VisitReport, Taker, Files]:
    mirror, taker = Mirror(folder), Taker()
    log = LogToRead(CATALOGUE, USCC, (KeyRange(KEY.public),), ("pub", "hub"))
    reader = LogReader(log, mirror.store, mirror.spool, SchemaSet.load(), second=second)
    report = await reader.visit(DictFetcher(files), now=NOW, take=taker, wanted=wanted)
    return report, taker, mirror.files()


CASES: dict[str, tuple[list[Entry], list[int]]] = {
    "good": (GOOD, [0, 1]),
    "refused": ([*GOOD[:299], instrument(299, tiers=("pub",), status="?")], [0]),
    "another unit": ([*GOOD[:299], instrument(299, tiers=("pub",), unit="9" * 18)], [0]),
    "personal": ([instrument(0, tiers=("pub",), name_zh="13800000000"), *GOOD[1:]], [1]),
    "two tiers": ([*GOOD[:299], instrument(299)], [0]),
    "a tier here and there": ([*GOOD[:256], instrument(1, tiers=("hub",)), *GOOD[257:]], [0]),
    "deleted": (
        [
            *GOOD[:299],
            instrument(
                299,
                tiers=("pub",),
                name_zh=None,
                status=None,
                deleted={"on": "2026-11-20", "reason": "scrapped"},
            ),
        ],
        [0, 1],
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_second_process_changes_nothing_of_what_a_visit_comes_to(
    tmp_path: Path, case: str
) -> None:
    entries, sound = CASES[case]
    files = Publisher(tmp_path / "unit").publish(entries)
    alone, seen_alone, kept_alone = await visited(tmp_path / "alone", files, None)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        await second.begin()
        report, seen, kept = await visited(tmp_path / "second", files, second)
    assert (report, seen.seen, kept) == (alone, seen_alone.seen, kept_alone)
    assert seen.sound == sound


async def test_what_it_is_behind_with_is_looked_at_here(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish(
        [instrument(number, tiers=("pub",)) for number in range(9 * BLOCK)]
    )
    alone, seen_alone, kept_alone = await visited(tmp_path / "alone", files, None)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        await second.begin()  # it answers once it has started
        report, seen, kept = await visited(tmp_path / "second", files, second)
        assert not second.is_behind, "it has answered in the end"
    assert (report, seen.seen, kept) == (alone, seen_alone.seen, kept_alone)
    assert seen.sound == list(range(9))


@pytest.mark.parametrize("tail", [b"?", b"257 AAAAAAAAAAAAAAAAAAAAAA {}\n", b""])
async def test_a_file_that_is_not_just_right_is_judged_here(tmp_path: Path, tail: bytes) -> None:
    files = Publisher(tmp_path / "unit").publish(GOOD)
    path = body_path("pub", 0)
    files[path] = files[path][:-1] + tail if not tail else files[path] + tail
    alone, seen_alone, kept_alone = await visited(tmp_path / "alone", files, None)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        await second.begin()
        report, seen, kept = await visited(tmp_path / "second", files, second)
    assert (report, seen.seen, kept) == (alone, seen_alone.seen, kept_alone)
    assert seen.sound == [1]


async def test_a_second_process_that_dies_takes_nothing_along(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish(GOOD)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        await second.begin()
        assert second._process is not None
        second._process.kill()
        report, seen, _ = await visited(tmp_path / "second", files, second)
    assert (report.head.size, len(seen.seen), seen.sound) == (300, 300, [])


async def test_a_small_visit_starts_no_process(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish(GOOD)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        await visited(tmp_path / "second", files, second)
        assert second._process is None


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("held_back", ["all", "one tier", "half a file"])
async def test_bodies_that_come_with_a_later_visit_are_looked_at_as_well(
    tmp_path: Path, case: str, held_back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BLOCKS_ALONE", 1)
    entries, sound = CASES[case]
    files = Publisher(tmp_path / "unit").publish(entries)
    first, wanted = Files(files), dict[str, set[int]]()
    for path in sorted(path for path in files if path.startswith("body/")):
        _, tier, block = path.split("/")
        if held_back == "all" or tier == "pub":
            lines = files[path].splitlines(keepends=True)
            first[path] = b"".join(lines[:5]) if held_back == "half a file" else b""
            wanted.setdefault(tier, set()).add(int(block))
    await visited(tmp_path / "alone", first, None)
    await visited(tmp_path / "second", first, None)
    alone, seen_alone, kept_alone = await visited(tmp_path / "alone", files, None, wanted)
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        report, seen, kept = await visited(tmp_path / "second", files, second, wanted)
        assert second._process is not None, "begun by itself"
    assert (report, seen.seen, kept) == (alone, seen_alone.seen, kept_alone)
    assert seen.sound == sound


async def test_wanted_bodies_that_do_not_come_start_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BLOCKS_ALONE", 1)
    files = Publisher(tmp_path / "unit").publish(GOOD)
    withheld = Files({path: raw for path, raw in files.items() if not path.startswith("body/")})
    async with SecondJudge(origin=CATALOGUE, unit=USCC) as second:
        for _ in range(2):
            report, *_ = await visited(tmp_path / "it", withheld, second, {"pub": {0, 1}})
            assert report.missing == {"pub": {0, 1}}
        assert second._process is None
