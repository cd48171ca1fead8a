"""The power goes out after any write of a hub that erases a record and a word of its own log.

Once it has signed that they go, its next round leaves nothing of them; before, the order given
again does.
"""

import shutil
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.erasing import erased_in
from fenhe_hub.fed.taking_back import take_back
from fenhe_hub.hub import Hub
from fenhe_hub.ingest.scour import scour
from fenhe_hub.operations.erase import erase_at_hub
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import EraseOrder, Place
from fenhe_protocol.tiles import BODY_TIERS, body_path
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened
from tests.hub.provinces import Province, founded
from tests.hub.test_erasing import SECRET, left_in
from tests.hub.test_sync_killed import assert_one_history, shown
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

KEPT = ("keys", "config.yaml", "registry.yaml")
DATABASES = ("index.sqlite", "head.sqlite")
NEVER_WAITED = 60  # seconds between two publishes: more than `fed` may ask for
Gone = tuple[set[bytes], set[bytes]]  # traces of the record, and of the word


async def work(hub: Hub, unit: str, own: int, at: int) -> None:
    """Erase leaf 0 of the unit's catalogue and word `own` of `fed`, or what is left of that."""
    order = EraseOrder(Place(f"{unit}/catalogue", 0), ("hub", "pub"), "law")
    await erase_at_hub(hub, [order], lambda: at)
    with suppress(Refused):  # taken back already
        word = Place(hub.fed_origin, own)
        done = take_back(hub, [word], "law", at + NEVER_WAITED)
        assert not isinstance(done, int)
    assert scour(hub)


@pytest.mark.hypothesis
async def test_after_a_cut_anywhere_nothing_is_left_of_what_was_to_be_erased(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,), home, copy = province.nodes, province.hub.home.path, tmp_path / "copy"
        node.publish(instrument("A-1", function=SECRET), instrument("A-2"))
        await province.sync()
        own = outdated_word(province)
        node.publish(instrument("A-3"))
        await province.sync()
        gone = {SECRET.encode()}, salts_of(province.hub, own)
        assert all(left_in(home, each) for each in gone)
        shutil.copytree(home, copy)
        recording = Recording(home, DATABASES, watchful=True)
        heads = ((HeadStore, "reach"), (HeadStore, "advance"))
        with recorded(recording, *heads):
            await work(province.hub, node.origin, own, province.now + NEVER_WAITED)
        every = settings().max_examples > 1000  # as `make kills` asks; else some of them
        digests = set[str]()
        for count in range(len(recording.steps) + 1):
            into = tmp_path / f"cut-{count}"
            digest = recording.cut(count, copy, into, KEPT)
            if digest not in digests and (every or count % 3 == 1):
                digests.add(digest)
                after = Province(reopened(province.hub, into), province.nodes, province.now)
                await check_that_it_completes(after, own, gone)
            shutil.rmtree(into)
        print(f"cuts at the hub that erases: {len(digests)}")
        assert len(digests) > 8, (len(digests), len(recording.steps))


def outdated_word(province: Province) -> int:
    """The leaf of the word of `fed` on how far the catalogue is, which the next sync replaces."""
    origin = f"{province.nodes[0].origin}/catalogue"
    [row] = [row for row in province.rows("said") if (row["kind"], row["id"]) == ("adv", origin)]
    return int(row["idx"])


def salts_of(hub: Hub, own: int) -> set[bytes]:
    """The salts of what `fed` says in that leaf."""
    files = hub.fed_files()
    lines = [(files.read(body_path(tier, 0)) or b"").splitlines() for tier in BODY_TIERS]
    return {line.split(b" ")[1] for line in chain(*lines) if line.startswith(b"%d " % own)}


async def check_that_it_completes(province: Province, own: int, gone: Gone) -> None:
    hub, seen = province.hub, shown(province)
    await province.sync(1000)
    assert scour(hub)
    record, word = gone
    if province.said("era"):
        assert left_in(hub.home.path, record) == []
    if erased_in(hub.fed_name, {hub.fed_name: hub.fed_files()}):
        assert left_in(hub.home.path, word) == []
    await work(hub, province.nodes[0].origin, own, province.now + 1000)
    assert_one_history(province, seen | shown(province))
    assert left_in(hub.home.path, record | word) == []
    dump = province.dump()
    rebuild(hub)
    assert province.dump() == dump
