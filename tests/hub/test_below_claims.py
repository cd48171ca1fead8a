"""A lower hub that shows its nodes another `fed` than its upper hub is met by their heartbeats."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.hub import Hub
from fenhe_hub.visiting.workshop import sync_once
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.note import parse_note
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import reopened
from tests.hub.levels import Federation, federation, two_levels

HOUR = 3600


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


def head_of(hub: Hub) -> Checkpoint:
    """What a hub shows of its own log."""
    return parse_checkpoint(parse_note(hub.fed_files().read(CHECKPOINT) or b"").text)


def beat(made: Federation, node: FakeNode, seen: Checkpoint) -> None:
    """The node says what it has seen."""
    seen_head = (seen.origin, seen.size, seen.root)
    node.append([plain_entry(HeartbeatLeaf(made.now, (seen_head,)))])


async def remark(made: Federation) -> str:
    """One round of both; what the province remarks of the county's `fed`."""
    county, province = made.hubs
    await county.sync()
    reports, _ = await province.sync()
    (fed,) = [each for each in reports if each.unit == county.hub.origin]
    assert fed.whole
    return fed.remark


async def test_a_fork_of_a_lower_hub_is_seen_by_what_its_node_has_seen(made: Federation) -> None:
    county, province, node = await two_levels(made)
    other = reopened(county.hub, shutil.copytree(county.hub.home.path, made.folder / "other"))
    node.publish(instrument("A-2"))
    await sync_once(other, clock=lambda: made.now + 600)  # it says there what it says nowhere else
    beat(made, node, head_of(other))
    while head_of(county.hub).size < head_of(other).size:
        made.now += HOUR
        await county.sync()
    await remark(made)
    assert await remark(made) == f"lower-fed-differs {node.origin}/catalogue#2"
    beat(made, node, head_of(county.hub))  # whatever it shows it later
    assert await remark(made) == f"lower-fed-differs {node.origin}/catalogue#2"
    assert province.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
    async with ClientSession() as session:
        metrics = await (await session.get(f"{province.url}/metrics")).text()
    assert 'fenhe_hub_remarks{remark="lower-fed-differs"} 1.0' in metrics


async def test_a_lower_hub_that_shows_less_above_than_it_has_shown_a_node_is_seen(
    made: Federation,
) -> None:
    county, _, node = await two_levels(made)
    shown = head_of(county.hub)
    beat(made, node, Checkpoint(shown.origin, shown.size + 50, b"x" * 32))
    assert await remark(made) == ""  # it may be on its way
    made.now += 2 * HOUR
    assert await remark(made) == f"lower-fed-behind {node.origin}/catalogue#1"


async def test_who_has_seen_a_head_before_us_is_borne_out_when_we_see_it(made: Federation) -> None:
    county, province, node = await two_levels(made)
    beat(made, node, head_of(county.hub))
    await county.register(node.origin, "suspended")
    await county.register(node.origin, "enrolled")
    ahead = head_of(county.hub)
    beat(made, node, ahead)
    claims = province.hub.home.mirror(ahead.origin) / "claims"
    for _ in range(2):
        assert await remark(made) == ""
        made.now += 2 * HOUR
    assert not claims.exists()


async def test_what_is_claimed_of_logs_that_are_no_fed_of_a_lower_hub_is_no_matter(
    made: Federation,
) -> None:
    _, province, node = await two_levels(made)
    names = ("elsewhere.example/fenhe/fed", f"{node.origin}/catalogue")
    heads = tuple((name, 5, b"x" * 32) for name in names)
    node.append([plain_entry(HeartbeatLeaf(made.now, heads))])
    made.now += 2 * HOUR
    assert await remark(made) == ""
    assert not list(province.hub.home.path.rglob("claims"))


async def test_a_log_that_no_hub_beneath_has_leaves_nothing_here(made: Federation) -> None:
    county, province, node = await two_levels(made)
    fed = head_of(county.hub).origin
    mirror = province.hub.home.mirror
    beat(made, node, Checkpoint(f"{fed}.2", 7, b"x" * 32))  # it may have heard of it before us
    await remark(made)
    for name in ("7", "999999999"):
        beat(made, node, Checkpoint(f"{fed}.{name}", 7, b"x" * 32))
        await remark(made)
        assert not mirror(f"{fed}.{name}").exists()
    assert (mirror(f"{fed}.2") / "claims").exists()
