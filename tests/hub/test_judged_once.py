"""A block is judged where it comes in, and not once more while the index is being written."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from fenhe_hub.restoring.rebuild import rebuild
from tests.counting import counted_in_threads
from tests.hub.fake_node import Bodies, instrument
from tests.hub.provinces import Province, founded

PHONE = "13800138000"
WRONG = {"status": "no such status"}
TIERS = 2


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


async def judgements(province: Province) -> int:
    """How many body files were judged in one round."""
    with counted_in_threads() as calls:
        await province.sync()
    return calls["judge_many"]


def check_rebuilt(province: Province) -> None:
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


@pytest.mark.parametrize(
    "records",
    [
        [instrument("A-1")],
        [instrument("A-1"), instrument("A-2", **WRONG)],
        [instrument(f"A-{n}", **WRONG) for n in range(20)],
        [instrument("A-1"), instrument("A-2", model=PHONE)],
        [instrument("A-1", model=PHONE)],
        [instrument("A-1", model=PHONE), instrument("A-2", **WRONG)],
    ],
)
async def test_a_refused_block_is_judged_once(
    province: Province, records: Sequence[Bodies]
) -> None:
    province.nodes[0].publish(*records)
    assert await judgements(province) == TIERS
    check_rebuilt(province)


@pytest.mark.parametrize(
    "records",
    [
        [{"pub": instrument("A-1", model=PHONE)["pub"], "hub": instrument("A-2")["hub"]}],
        [instrument("P-1", model=PHONE), *(instrument(f"A-{n}", **WRONG) for n in range(9))],
    ],
)
async def test_it_is_judged_again_where_a_line_left_out_changes_what_is_said_of_others(
    province: Province, records: Sequence[Bodies]
) -> None:
    province.nodes[0].publish(*records)
    assert await judgements(province) > TIERS
    check_rebuilt(province)


async def test_what_is_still_to_come_is_not_judged_again_at_every_visit(
    province: Province,
) -> None:
    node, path = province.nodes[0], "body/pub/000"
    node.publish(*(instrument(f"A-{n}", **WRONG) for n in range(10)), instrument("A-10"))
    whole = node.withhold("catalogue", path)
    lines = whole.splitlines(keepends=True)
    node.put_back("catalogue", path, b"".join(lines[3:]))
    await province.sync()
    for shown in (lines[3:], lines[5:], []):
        node.put_back("catalogue", path, b"".join(shown))
        assert await judgements(province) == 0
        assert [(row["idx"], row["stop"]) for row in province.rows("gap")] == [(0, 3)]
        check_rebuilt(province)
    node.put_back("catalogue", path, whole)
    assert await judgements(province)
    assert not province.rows("gap")
    check_rebuilt(province)
