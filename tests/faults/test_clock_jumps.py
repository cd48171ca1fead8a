"""A clock that jumps by a day, there and back: nothing is lost, and no time given steps back."""

from itertools import pairwise
from pathlib import Path

import pytest

from fenhe_hub.mirror.cosign import LARGEST_STEP_BACK, kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_node.publishing.heads import verify_head
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded
from tests.node.homes import Clock, new_node, publish_all, put
from tests.node.homes import instrument as record

DAY = 86_400


def receipts(province: Province) -> list[tuple[int, int]]:
    """(time, size) of every receipt, in the order of the sizes."""
    log = MirrorLog(province.hub.home, f"{province.nodes[0].origin}/catalogue")
    return [(note.at, note.size) for note in sorted(kept_notes(log.notes), key=lambda n: n.size)]


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_hub_whose_clock_jumps_there_and_back_gives_no_receipt_of_an_earlier_time(
    tmp_path: Path, jump: int
) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        for turn, seconds in enumerate((60, jump, 60, -jump, 60, DAY, 60)):
            node.publish(instrument(f"A-{turn}"))
            reports = await province.sync(seconds)
            assert {report.code for report in reports} <= {"", "cosign.clock"}
        assert all(report.whole for report in reports)
        times = [at for at, _ in receipts(province)]
        assert all(b >= a - LARGEST_STEP_BACK for a, b in pairwise(times))
        assert receipts(province)[-1][1] == node.size("catalogue")
        assert province.rows("gap") == []


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_node_whose_clock_jumps_there_and_back_publishes_everything_once(
    tmp_path: Path, jump: int
) -> None:
    node, clock = new_node(tmp_path / "home"), Clock()
    for turn, seconds in enumerate((60, jump, 60, -jump, 60)):
        clock.at += seconds
        put(node, [record(f"A-{turn}")])
        assert publish_all(node, clock).leaves["catalogue"] >= 1
        assert all(seconds < DAY for seconds in clock.waited)
    assert verify_head(node.home, node.root, "catalogue").size == 1 + 5  # the unit's own record
