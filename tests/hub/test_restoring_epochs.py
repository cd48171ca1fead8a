"""A hub that speaks in a later epoch of its log comes back from its nodes alone (feed §11)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.stored_head import load_head
from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import sync_once
from fenhe_protocol.errors import StoreError
from tests.hub.epochs import end_fed
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded
from tests.hub.test_restoring import anchor, copy, head, lose, restored


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    """Two units, one record of the first, and its node has heard of it."""
    async with founded(tmp_path) as made:
        made.nodes[0].publish(instrument("A-1"))
        await made.sync()
        anchor(made.nodes[0], head(made))
        await made.sync()
        yield made


async def next_epoch(province: Province, record: str) -> None:
    """Go on in the next epoch, say something there, and let the first node hear it."""
    await end_fed(province.hub, province.now)
    province.nodes[0].publish(instrument(record))
    await province.sync()
    anchor(province.nodes[0], head(province))
    await province.sync()


async def test_a_copy_with_all_epochs_goes_on_in_the_newest(province: Province) -> None:
    for record in ("A-2", "A-3"):
        await next_epoch(province, record)
    before, dump = head(province), province.dump()
    lose(province, copy(province, "backup"))
    done = await restored(province)
    assert (
        done.before
        == done.size
        == sum(
            OwnHeads(province.hub).size_of(f"{province.hub.origin}/{log.name}")
            for log in province.hub.fed_epochs
        )
    )
    assert (head(province), province.dump()) == (before, dump)
    province.nodes[1].publish(instrument("B-1"))
    await province.sync()
    assert head(province)[0].endswith("/fed.3") and head(province)[1] > before[1]
    dump = province.dump()
    rebuild(province.hub)
    assert province.dump() == dump


@pytest.mark.parametrize("said", [True, False], ids=["it spoke there", "it only began"])
async def test_a_copy_from_before_the_epoch_is_behind(province: Province, said: bool) -> None:
    backup = copy(province, "last week")
    if said:
        await next_epoch(province, "A-2")
    else:
        await end_fed(province.hub, province.now)
        anchor(province.nodes[0], head(province))
    lose(province, backup)
    assert province.hub.fed_name == "fed"
    with pytest.raises(StoreError, match=r"restore\.behind"):
        await restored(province)
    with pytest.raises(StoreError, match=r"head\.lost"):
        await sync_once(province.hub, clock=lambda: province.now)


async def test_a_copy_of_the_newest_epoch_that_lacks_what_a_node_heard_there_is_behind(
    province: Province,
) -> None:
    await next_epoch(province, "A-2")
    backup = copy(province, "yesterday")
    province.nodes[0].publish(instrument("A-3"))
    await province.sync()
    anchor(province.nodes[0], head(province))
    lose(province, backup)
    with pytest.raises(StoreError, match=r"restore\.behind"):
        await restored(province)


async def test_what_a_node_heard_above_an_end_speaks_against_nothing(province: Province) -> None:
    thief = (province.hub.fed_origin, head(province)[1] + 1, b"x" * 32)
    await end_fed(province.hub, province.now)
    anchor(province.nodes[0], thief)
    province.nodes[1].publish(instrument("B-1"))
    await province.sync()
    before = head(province)
    lose(province, copy(province, "backup"))
    await restored(province)
    assert head(province) == before
    found = load_head(province.hub.fed_files(), province.hub.fed_origin)
    await province.sync()
    assert load_head(province.hub.fed_files(), province.hub.fed_origin).size >= found.size
