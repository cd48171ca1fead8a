"""A hub that has lost its mirror and comes back although some units cannot be asked (feed §11)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.visiting.workshop import sync_once
from fenhe_protocol.errors import Deferred, StoreError
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import START, FakeNode, instrument
from tests.hub.houses import enrolled, new_hub
from tests.hub.other_hub import other_hub
from tests.hub.provinces import Province
from tests.hub.test_restoring import anchor, copy, head, lose, restored


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    """Two units that are visited and one that only pushes; the first has heard the hub."""
    hub = new_hub(tmp_path / "hub")
    nodes = [FakeNode(tmp_path / f"u{number}", number) for number in (1, 2, 3)]
    async with AsyncExitStack() as serving:
        for node in nodes:
            await serving.enter_async_context(node.serving())
        for node in nodes[:2]:
            await enrolled(hub, node)
            node.publish(instrument(f"A-{node.number}"))
        made = Province(hub, nodes, START)
        for node in nodes:
            node.clock = lambda: made.now
        enrol_again(made, nodes[2])
        await made.sync()
        anchor(nodes[0], head(made))
        await made.sync()
        yield made


def enrol_again(province: Province, node: FakeNode) -> None:
    """By root document 1, as a person brings it."""
    enrol_pushing(province.hub, node.read("root", "root/1"), node.fingerprint)


def lose_mirror(province: Province) -> None:
    """Of the hub there is a backup without its mirror."""
    backup = copy(province, "backup")
    shutil.rmtree(backup / "mirror")
    for name in ("index.sqlite", "visits.sqlite"):
        (backup / name).unlink()
    (backup / "mirror").mkdir()
    lose(province, backup)


def ids(province: Province) -> set[str]:
    return {row["id"] for row in province.rows("resource") if row["kind"] == "instrument"}


async def test_a_unit_that_is_gone_with_its_root_documents_is_waited_for_no_longer_than_told(
    province: Province,
) -> None:
    receipts = [row for row in province.rows("head") if row["size"]]
    lose_mirror(province)
    gone = province.nodes[1]
    raw = gone.withhold("root", "root/1")
    with pytest.raises(Deferred, match=r"restore\.silent") as refused:
        await restored(province)
    assert refused.value.where == gone.origin
    done = await restored(province, "", gone.origin)
    assert done.unasked == [gone.origin, province.nodes[2].origin]
    await province.sync()
    assert ids(province) == {"A-1"}

    # It is back, and so is the one that only pushes.
    gone.put_back("root", "root/1", raw)
    await enrolled(province.hub, gone)
    enrol_again(province, province.nodes[2])
    await province.sync(86_400)
    assert ids(province) == {"A-1", "A-2"}
    # Its receipts keep their times: our own log tells of them.
    assert [row for row in province.rows("head") if row in receipts] == receipts


async def test_where_no_node_answers_nobody_speaks_for_going_on(province: Province) -> None:
    for node in province.nodes[:2]:
        enrol_again(province, node)  # from now on they only push
    assert not any(unit.visited for unit in Registry(province.hub.home.registry_file))
    lose(province, copy(province, "backup"))
    with pytest.raises(Deferred, match=r"restore\.silent"):
        await restored(province)
    with pytest.raises(StoreError, match=r"head\.lost"):
        await sync_once(province.hub, clock=lambda: province.now)
    done = await restored(province, "", *(node.origin for node in province.nodes))
    assert len(done.unasked) == 3


async def test_what_the_other_hub_has_not_met_yet_comes_from_the_node(province: Province) -> None:
    other = copy(province, "other")
    shutil.rmtree(other / "mirror")
    (other / "mirror").mkdir()
    lose_mirror(province)
    async with other_hub(other, province.hub.fed_origin) as url:
        await restored(province, url)
    assert ids(province) == {"A-1", "A-2"}


async def test_a_note_that_the_other_hub_has_spoilt_holds_up_no_other_unit(
    province: Province,
) -> None:
    other = copy(province, "other")
    spoilt = origin_hash(f"{province.nodes[0].origin}/catalogue")
    (other / "mirror" / spoilt / "public/checkpoint").write_bytes(b"nothing")
    lose_mirror(province)
    async with other_hub(other, province.hub.fed_origin) as url:
        await restored(province, url)
    assert ids(province) == {"A-1", "A-2"}
