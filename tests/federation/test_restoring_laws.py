"""Publish, erase, crash, lose and restore in any order: one history, nothing lost, receipts stay.

Each story is plain data, so that a failing one is told again as short as it can be.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.node import open_node
from tests.federation.restoring_house import paired
from tests.federation.restoring_story import ACTS, Act, Story
from tests.laws import examples

acts = st.tuples(st.sampled_from(ACTS), st.integers(0, 63))


@examples(10)
@given(story=st.lists(acts, min_size=5, max_size=10))
def test_whatever_befalls_node_and_hub_there_is_one_history(story: list[Act]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(told(Path(folder), story))


async def test_what_a_later_epoch_erases_is_gone_from_the_earlier_after_a_hubs_restore(
    tmp_path: Path,
) -> None:
    await told(tmp_path, [("erase", 0), ("lose_node", 0), ("erase", 0), ("lose_hub", 0)])


@pytest.mark.parametrize("backup", [1, 5], ids=["with its database", "without"])
async def test_an_erasure_that_is_said_again_comes_after_the_successor(
    tmp_path: Path, backup: int
) -> None:
    await told(tmp_path, [("erase", 0), ("back_up", 0), ("lose_node", backup), ("publish", 0)])


@pytest.mark.parametrize("choice", [0, 1, 5, 8, 9], ids=str)
async def test_a_hub_that_began_another_epoch_is_lost_and_comes_back(
    tmp_path: Path, choice: int
) -> None:
    acts = [("publish", 1), ("sync", 0), ("end_fed", 0), ("erase", 1), ("sync", 0)]
    await told(
        tmp_path, [*acts, ("show_life", 0), ("sync", 0), ("lose_hub", choice), ("publish", 2)]
    )


async def told(folder: Path, story: list[Act]) -> None:
    async with paired(folder) as pair:
        await Story(pair).run(story)
        assert open_node(pair.home).root.origin == pair.node.root.origin
