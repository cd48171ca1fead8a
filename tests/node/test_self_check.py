"""The node's self-check by itself and by command; how it heals stands in `tests/faults`."""

import logging
import threading
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import last_result
from fenhe_client.fetching.fetch import Web
from fenhe_node.chores import Chores
from fenhe_node.hubs.mirror_copy import MirrorCopy
from fenhe_node.node import Node
from fenhe_node.restoring.from_mirror import restore_roots
from fenhe_node.self_check.check import check_files
from fenhe_node.standing import standing
from fenhe_node.store import Store
from fenhe_node.store.hubs import Hub
from fenhe_node.store.hubs import put as put_hub
from fenhe_node.web.server import make_serving
from fenhe_node.web.watch import reasons_against
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import compose_root, sign_root
from tests.hub.other_hub import other_hub
from tests.node.homes import (
    NOW,
    ORIGIN,
    UNIT,
    Clock,
    instrument,
    new_node,
    pen,
    publish_all,
    put,
)

DAY = 86_400
PACE = Pace(threading.Event(), hurry=True)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    return node


async def test_it_is_done_once_a_day(node: Node) -> None:
    clock = Clock()
    work = Chores(node, pen(node, clock))
    for at, done in ((NOW, NOW), (NOW + DAY - 1, NOW), (NOW + DAY, NOW + DAY)):
        clock.at = at
        await work.check_files()
        assert last_result(node.home.path).at == done
    assert last_result(node.home.path).leaves == 2
    assert not last_result(node.home.path).findings


async def test_what_nobody_can_heal_is_told_everywhere_until_it_is_whole(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    clock, body = Clock(), node.home.public / "catalogue/body/pub/000"
    serving, whole = make_serving(node, dict, clock.now), body.read_bytes()
    work = Chores(node, pen(node, clock))
    body.write_bytes(whole[:-7])
    with caplog.at_level(logging.WARNING):
        await work.check_files()
    assert "body/pub/000" in caplog.text
    assert "files: 1 damaged" in reasons_against(serving)
    assert standing(node, clock.at).files["findings"][0]["path"] == "body/pub/000"
    body.write_bytes(whole)
    clock.at += DAY
    await work.check_files()
    assert reasons_against(serving) == []


async def test_a_result_that_is_damaged_itself_is_none(node: Node) -> None:
    await Chores(node, pen(node, Clock())).check_files()
    for text in ("", "[]", '{"findings": 3}', '{"findings": [], "more": 1}'):
        (node.home.path / "checked.json").write_text(text)
        assert last_result(node.home.path).at == 0


async def test_a_hub_that_signs_a_first_document_in_our_name_is_not_believed(
    node: Node, tmp_path: Path
) -> None:
    document, shown = node.home.public / "root/1", tmp_path / "mirror/public/root/1"
    forged, whole = in_our_name(node), document.read_bytes()
    shown.parent.mkdir(parents=True)
    document.unlink()
    async with other_hub(tmp_path / "mirror", f"{ORIGIN}/fed") as url:
        hub = Hub("h.example/fenhe", url, "00" * 32, b"", NOW)
        with Store.open(node.home.store) as store, store.transaction():
            put_hub(store, hub)
        for raw, taken in ((forged, False), (whole, True)):
            shown.write_bytes(raw)
            await check_files(node.home, node.config, Clock().now, PACE)
            assert document.exists() == taken
        assert document.read_bytes() == whole


async def test_nor_is_it_in_a_restore(node: Node, tmp_path: Path) -> None:
    document, shown = node.home.public / "root/1", tmp_path / "mirror/public/root/1"
    root, forged, whole = node.root, in_our_name(node), document.read_bytes()
    shown.parent.mkdir(parents=True)
    shown.write_bytes(forged)
    document.unlink()
    async with other_hub(tmp_path / "mirror", f"{ORIGIN}/fed") as url, Web() as web:
        hub = Hub("h.example/fenhe", url, "00" * 32, b"", NOW)
        copy = MirrorCopy(web, node.home, hub, root, Clock().now)
        with pytest.raises(SetupError, match=r"restore\.not-ours"):
            await restore_roots(node.home, node.config, copy)
        assert not document.exists()
        shown.write_bytes(whole)
        assert (await restore_roots(node.home, node.config, copy)).n == 1
    assert document.read_bytes() == whole


def in_our_name(node: Node) -> bytes:
    """A root document by another's root key; everybody knows the public keys that it lists."""
    thief, listed = SigningKey.from_seed(bytes([66]) * 32), node.root
    text = compose_root(
        origin=ORIGIN,
        unit=UNIT,
        url=listed.url,
        time=NOW,
        root=[thief.public, *listed.root],
        logs=listed.logs,
        request=listed.request,
    )
    return sign_root(text, ORIGIN, [thief])
