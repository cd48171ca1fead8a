"""A hub came back from an old copy: its nodes' anchors catch it before it signs."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import fenhe_hub.mirror.cosign
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.operations.restore import bring_back
from fenhe_hub.restoring.from_others import Restored, restore
from fenhe_hub.visiting.workshop import sync_once
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred, Forked, StoreError
from fenhe_protocol.leaf import HeartbeatLeaf
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.hub.provinces import Province, founded

DAY = 86_400


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as made:
        yield made


def head(province: Province) -> tuple[str, int, bytes]:
    """The newest head of `fed`, as a node would put it into its heartbeat."""
    found = load_head(province.hub.fed_files(), province.hub.fed_origin)
    return found.origin, found.size, found.root


def anchor(node: FakeNode, *heads: tuple[str, int, bytes]) -> None:
    node.append([plain_entry(HeartbeatLeaf(node.now, heads))])


def copy(province: Province, name: str) -> Path:
    """A backup as the manual says: everything but the store of heads."""
    home = province.hub.home.path
    target = home.parent / name
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("head.sqlite", "*.lock"))
    return target


def lose(province: Province, backup: Path) -> None:
    home = province.hub.home.path
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    province.hub = reopened(province.hub)


async def restored(province: Province, source: str = "", *despite: str) -> Restored:
    province.now += 60
    return await restore(province.hub, lambda: province.now, source=source, despite=despite)


async def test_a_hub_that_does_not_know_what_it_signed_signs_nothing(province: Province) -> None:
    province.nodes[0].publish(instrument("A-1"))
    await province.sync()
    lose(province, copy(province, "backup"))
    before = head(province)
    with pytest.raises(StoreError, match=r"head\.lost"):
        await sync_once(province.hub, clock=lambda: province.now)
    assert head(province) == before


async def test_an_old_copy_is_caught_by_the_anchor_of_a_node(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    backup = copy(province, "last week")
    node.publish(instrument("A-2"))
    await province.sync(7 * DAY)
    anchor(node, head(province))
    lose(province, backup)
    with pytest.raises(StoreError, match=r"restore\.behind"):
        await restored(province)
    with pytest.raises(StoreError, match=r"head\.lost"):
        await sync_once(province.hub, clock=lambda: province.now)


async def test_a_hub_that_knows_no_unit_to_ask_does_not_go_on(province: Province) -> None:
    province.nodes[0].publish(instrument("A-1"))
    await province.sync()
    home = province.hub.home
    for gone in (home.public / "fed", home.held / "fed", home.path / "mirror"):
        shutil.rmtree(gone, ignore_errors=True)
    for file in (home.heads, home.index, home.registry_file):
        file.unlink()
    province.hub = reopened(province.hub)
    with pytest.raises(Deferred, match=r"restore\.silent"):
        await restored(province)
    with pytest.raises(StoreError, match=r"head\.lost"):
        await sync_once(province.hub, clock=lambda: province.now)


async def test_a_log_that_began_since_the_copy_is_asked_too(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    backup = copy(province, "an hour ago")
    end_catalogue(node)
    await province.sync(3600)
    said = plain_entry(HeartbeatLeaf(node.now, (head(province),)))
    node.append([said], "catalogue.2")  # of which the copy knows nothing, nor of its root document
    lose(province, backup)
    with pytest.raises(StoreError, match=r"restore\.behind"):
        await restored(province)


async def test_a_hub_that_was_killed_at_a_promise_is_restored_and_keeps_it(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.publish(instrument("A-2"))

    def die(*_: object, **__: object) -> None:
        raise Killed

    for module, name in ((fenhe_hub.mirror.cosign, "cosign"), (FeedWriter, "_show")):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(module, name, die)  # promised, and neither signed nor shown
            await province.sync()
        await restored(province)
    await province.sync()
    assert all(row["cosigned_size"] == row["size"] for row in province.rows("log"))


async def test_a_copy_that_nobody_contradicts_goes_on(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    anchor(node, head(province))
    await province.sync()
    before = province.rows("head")
    lose(province, copy(province, "backup"))
    node.publish(instrument("A-2"))
    done = await restored(province)
    assert done.before == done.size
    assert [row for row in province.rows("head") if row in before] == before
    size = head(province)[1]
    reports = await province.sync()
    assert all(report.whole and not report.missing for report in reports)
    assert head(province)[1] > size


async def test_the_other_hub_has_what_the_copy_lacks(province: Province, tmp_path: Path) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    backup = copy(province, "last week")
    node.publish(instrument("A-2"))
    await province.sync(7 * DAY)
    anchor(node, head(province))
    other, now, receipts = copy(province, "other"), head(province), province.rows("head")
    lose(province, backup)
    async with other_hub(other, province.hub.fed_origin) as url:
        done = await restored(province, url)
    assert head(province) == now and done.size > done.before
    # Receipts keep their times although the copy had lost them.
    assert [row for row in province.rows("head") if row in receipts] == receipts
    await province.sync()
    assert head(province)[1] > now[1]


async def test_a_hub_of_nothing_but_keys_comes_back_from_the_other(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    anchor(node, head(province))
    other, dump = copy(province, "other"), province.rows("resource")
    bare = copy(province, "bare")
    for name in ("mirror", "index.sqlite", "public/fed", "held", "visits.sqlite", "registry.yaml"):
        path = bare / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    lose(province, bare)
    async with other_hub(other, province.hub.fed_origin) as url:
        await restored(province, url)
    assert province.rows("resource") == dump
    assert all(report.whole for report in await province.sync())


async def test_another_history_of_fed_stops_it(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    origin, size, _ = head(province)
    anchor(node, (origin, size, b"x" * 32))
    lose(province, copy(province, "backup"))
    with pytest.raises(Forked, match=r"restore\.fork"):
        await restored(province)
    # An operator may know better than one unit.
    await restored(province, "", node.origin)


async def test_a_silent_node_is_waited_for_unless_the_operator_says_otherwise(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    lose(province, copy(province, "backup"))
    raw = node.withhold("catalogue", "checkpoint")
    with pytest.raises(Deferred, match=r"restore\.silent"):
        await restored(province)
    await restored(province, "", node.origin)
    node.put_back("catalogue", "checkpoint", raw)
    await province.sync()


async def test_what_was_erased_since_the_copy_is_gone_before_anything_is_served(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function="恒温振荡培养箱甲乙丙"))
    await province.sync()
    backup = copy(province, "backup")
    node.publish(instrument("A-1", function="已改正"))
    node.erase(0, 1)
    lose(province, backup)
    await bring_back(province.hub, lambda: province.now, "", ())
    assert len(province.said("rcp")) == 1
    files = [file for file in province.hub.home.path.rglob("*") if file.is_file()]
    assert not any("恒温振荡培养箱甲乙丙".encode() in file.read_bytes() for file in files)
