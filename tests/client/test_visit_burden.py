"""Logs that are made to cost a reader time: what they cost, they cost their own unit."""

import asyncio
import time
from pathlib import Path

from fenhe_client.visit import Outcome
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.client.unit_log import NOW, DictFetcher, Mirror, Publisher, instrument


async def test_many_erasures_in_one_visit_are_not_gone_through_for_each_body(
    tmp_path: Path,
) -> None:
    every_other = tuple((n, n + 1) for n in range(0, 56, 2))
    erasures = [EraseLeaf(every_other, ("hub",), "law")] * 10_000
    entries = [*map(instrument, range(300)), *map(plain_entry, erasures)]
    files = Publisher(tmp_path / "unit").publish(entries)
    mirror, begun = Mirror(tmp_path / "hub"), time.process_time()
    report = await mirror.reader().visit(DictFetcher(files), now=NOW)
    assert (report.outcome, report.missing) == (Outcome.OK, {})
    kept = mirror.files()["body/hub/000"].splitlines()
    assert [int(line.split()[0]) for line in kept[:3]] == [1, 3, 5]
    assert time.process_time() - begun < 2.5


async def test_a_block_that_takes_long_to_judge_stops_nobody_else(tmp_path: Path) -> None:
    note = {"note": "@" * 240_000}  # each sign may be a mail address: half a second
    files = Publisher(tmp_path / "unit").publish([instrument(n, ext=note) for n in range(5)])
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - begun)

    ticking = asyncio.create_task(tick())
    report = await Mirror(tmp_path / "hub").reader().visit(DictFetcher(files), now=NOW)
    ticking.cancel()
    assert (report.outcome, report.missing) == (Outcome.OK, {})
    assert longest < 1
