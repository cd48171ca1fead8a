"""Logs that are made to cost a reader time: what they cost, they cost their own unit."""

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from fenhe_client.reading.block_read import BlockRead
from fenhe_client.reading.bodies import keep_lines
from fenhe_client.reading.visit import Outcome
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.client.unit_log import NOW, DictFetcher, Mirror, Publisher, instrument
from tests.counting import counted


async def test_many_erasures_in_one_visit_are_not_gone_through_for_each_body(
    tmp_path: Path,
) -> None:
    every_other = tuple((n, n + 1) for n in range(0, 56, 2))
    erasures = [EraseLeaf(every_other, ("hub",), "law")] * 2_000
    entries = [*map(instrument, range(300)), *map(plain_entry, erasures)]
    files = Publisher(tmp_path / "unit").publish(entries)
    mirror = Mirror(tmp_path / "hub")
    with counted() as calls:
        report = await mirror.reader().visit(DictFetcher(files), now=NOW)
    assert (report.outcome, report.missing) == (Outcome.OK, {})
    kept = mirror.files()["body/hub/000"].splitlines()
    assert [int(line.split()[0]) for line in kept[:3]] == [1, 3, 5]
    # 300 bodies of two tiers times 2,000 leaves would be over a million.
    assert max(calls.values()) < 100 * len(entries)


@pytest.mark.parametrize(("count", "length"), [(5, 240_000), (2, 9_000)])
async def test_a_block_that_takes_long_to_judge_stops_nobody_else(
    tmp_path: Path, count: int, length: int
) -> None:
    note = {"note": "@" * length}  # each sign may be a mail address: up to half a second
    files = Publisher(tmp_path / "unit").publish([instrument(n, ext=note) for n in range(count)])
    threads = set[int]()

    def take(read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        threads.add(threading.get_ident())
        return keep_lines(read, fetched)

    with counted() as calls:
        report = (
            await Mirror(tmp_path / "hub").reader().visit(DictFetcher(files), now=NOW, take=take)
        )
    assert (report.outcome, report.missing) == (Outcome.OK, {})
    assert threads
    assert threading.get_ident() not in threads
    assert not calls["find_personal"]
