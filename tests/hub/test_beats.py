"""A wrong clock is remarked upon, and another history of the hub is an alarm."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        province.nodes[0].publish(instrument("A-1"))
        await province.sync()
        yield province


async def remark(province: Province, *beats: HeartbeatLeaf) -> str:
    """What is remarked after these heartbeats; the log moves on all the same."""
    province.nodes[0].append([plain_entry(beat) for beat in beats])
    (catalogue, _) = await province.sync()
    assert (catalogue.outcome, catalogue.size) == ("grown", 1 + len(beats))
    assert catalogue.whole
    return catalogue.remark


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, ""), (2 * 3600, "heartbeat-ahead"), (-3 * 3600, "heartbeat-late")]
)
async def test_a_clock_that_is_wrong(province: Province, seconds: int, expected: str) -> None:
    assert await remark(province, HeartbeatLeaf(province.now + seconds)) == expected


async def test_a_clock_that_steps_back(province: Province) -> None:
    beats = HeartbeatLeaf(province.now), HeartbeatLeaf(province.now - 60)
    assert await remark(province, *beats) == "heartbeat-backwards"


async def test_a_unit_that_saw_what_we_said(province: Province) -> None:
    files = province.hub.fed_files()
    shown = parse_checkpoint(parse_note(files.read(CHECKPOINT) or b"").text)
    former = root_at(1, stored_hashes(files, shown.size))
    for size, root in ((shown.size, shown.root), (1, former)):
        beat = HeartbeatLeaf(province.now, ((province.hub.fed_origin, size, root),))
        province.nodes[0].append([plain_entry(beat)])
        (catalogue, _) = await province.sync()
        assert catalogue.remark == ""


@pytest.mark.parametrize(("size", "root"), [(1, b"x" * 32), (99, b"x" * 32)])
async def test_a_unit_that_saw_something_else(province: Province, size: int, root: bytes) -> None:
    beat = HeartbeatLeaf(province.now, ((province.hub.fed_origin, size, root),))
    assert await remark(province, beat) == "fed-differs"


async def test_what_is_said_of_other_hubs_is_no_matter(province: Province) -> None:
    beat = HeartbeatLeaf(province.now, (("elsewhere.example/fenhe/fed", 5, b"x" * 32),))
    assert await remark(province, beat) == ""
