import asyncio
from pathlib import Path

import pytest

from fenhe_client.cli import main as reader_command
from fenhe_client.fetching.fetch import Web
from fenhe_node.cli import main
from fenhe_node.hubs.fed_watch import fed_heads
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.hubs.trust import ReaderKeys, enrol_hub, refresh, trusted
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.request import key_id
from tests.node.a_hub import HUB, NEXT_REQUEST, REQUEST, AHub, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


async def enrol(node: Node, hub: AHub, fingerprint: str = "") -> None:
    async with Web() as web:
        await enrol_hub(web, node.home, hub.url, fingerprint or hub.fingerprint, NOW)


async def test_a_hub_is_believed_by_its_fingerprint(node: Node) -> None:
    async with a_hub() as hub:
        await enrol(node, hub)
    [(stored, document)] = trusted(node.home)
    assert (stored.origin, document.request) == (HUB, (REQUEST.public,))


async def test_another_fingerprint_is_refused_and_nothing_is_trusted(node: Node) -> None:
    async with a_hub() as hub:
        with pytest.raises(Refused) as refused:
            await enrol(node, hub, "00" * 32)
    assert refused.value.code == "root.fingerprint"
    assert trusted(node.home) == []


async def test_a_hub_that_cannot_be_reached_is_told_as_such(node: Node) -> None:
    async with a_hub() as hub:
        pass
    with pytest.raises(Deferred):
        await enrol(node, hub)


async def test_a_forgotten_hub_is_shut_out_while_a_server_runs(node: Node) -> None:
    keys = ReaderKeys(node.home)
    async with a_hub() as hub:
        await enrol(node, hub)
        keys.refresh()
        command = ["--home", str(node.home.path), "trust", hub.url, "--forget"]
        assert main([*command, "--fingerprint", hub.fingerprint]) == 0
        assert main([*command, "--fingerprint", hub.fingerprint]) == 1
    keys.refresh()
    assert list(keys) == []


async def test_new_keys_of_a_hub_follow_its_chain_while_a_server_runs(node: Node) -> None:
    keys = ReaderKeys(node.home)
    async with a_hub() as hub:
        await enrol(node, hub)
        keys.refresh()
        assert list(keys) == [key_id(REQUEST.public)]
        hub.write_root(n=2, request=NEXT_REQUEST)
        async with Web() as web:
            assert await refresh(web, node.home, NOW + 60) == []
    keys.refresh()
    assert list(keys) == [key_id(NEXT_REQUEST.public)]


async def test_a_hub_with_a_key_that_everybody_has_is_not_trusted(node: Node) -> None:
    async with a_hub() as hub:
        hub.write_root(request=SigningKey.from_seed(bytes(32)))
        with pytest.raises(Refused, match=r"key\.published"):
            await enrol(node, hub)
    assert trusted(node.home) == []


async def test_a_bad_next_document_leaves_the_one_before_in_force(node: Node) -> None:
    async with a_hub() as hub:
        await enrol(node, hub)
        hub.files["root/2"] = hub.files["root/1"]
        async with Web() as web:
            [error] = await refresh(web, node.home, NOW)
    assert isinstance(error, Refused)
    [(_, document)] = trusted(node.home)
    assert document.n == 1


async def test_two_documents_of_one_number_are_an_alarm_and_one_file(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_hub() as hub:
        await enrol(node, hub)
        for request in (REQUEST, NEXT_REQUEST):
            hub.write_root(n=2, request=request)
            async with Web() as web:
                errors = await refresh(web, node.home, NOW + 60)
        assert [error.code for error in errors] == ["root.second"]
    [(_, document)] = trusted(node.home)
    assert document.request == (REQUEST.public,)  # the first one stays in force
    [alarm] = standing_alarms(node.home, NOW)
    assert (alarm.hub, alarm.log, alarm.error.code) == (HUB, "root", "root.second")
    words = ["verify-evidence", alarm.error.where, "--fingerprint", hub.fingerprint]
    assert await asyncio.to_thread(reader_command, words) == 0
    assert "签了两份不同的第 2 份根文档" in capsys.readouterr().out


async def test_how_far_the_hub_has_got_is_read_from_its_cosignature(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    note = log_files(node.home, "catalogue").read("checkpoint")
    assert note is not None
    async with a_hub() as hub:
        hub.reader = node.keys.request.public
        await enrol(node, hub)
        [nothing] = await look(node, clock.now, ["catalogue"])
        hub.mirror("catalogue", note, at=None)
        [seen] = await look(node, clock.now, ["catalogue"])
        hub.mirror("catalogue", note, at=NOW + 65)
        [held] = await look(node, clock.now, ["catalogue"])
    assert not nothing.has("catalogue", 2)
    assert not seen.has("catalogue", 2) and seen.mirrored["catalogue"].size == 2
    assert held.has("catalogue", 2) and held.mirrored["catalogue"].cosigned_at == NOW + 65
    assert not held.has("catalogue", 3)


async def test_a_mirror_that_shows_what_the_unit_never_signed_is_not_believed(node: Node) -> None:
    async with a_hub() as hub:
        hub.reader = node.keys.request.public
        await enrol(node, hub)
        hub.mirror("catalogue", hub.files["fed/checkpoint"], at=NOW)
        [view] = await look(node, Clock().now, ["catalogue"])
    assert "checkpoint.origin" in view.trouble
    assert not view.mirrored


async def test_what_a_hub_refused_is_asked_for_with_a_signed_request(node: Node) -> None:
    row = {"index": 3, "tier": "hub", "code": "schema", "expected": "数字", "found": "35万"}
    async with a_hub() as hub:
        hub.reader = node.keys.request.public
        hub.reject("catalogue", row)
        await enrol(node, hub)
        [view] = await look(node, Clock().now, ["catalogue"])
    assert view.trouble == ""
    assert view.rejected == {"catalogue": [row]}


async def test_an_answer_that_makes_no_sense_is_trouble_and_no_crash(node: Node) -> None:
    async with a_hub() as hub:
        hub.reader = node.keys.request.public
        hub.reject("catalogue", {"index": 3})
        await enrol(node, hub)
        [view] = await look(node, Clock().now, ["catalogue"])
    assert "hub.answer" in view.trouble


async def test_the_hubs_own_head_is_taken_only_with_the_hubs_signature(node: Node) -> None:
    async with a_hub() as hub:
        hub.reader = node.keys.request.public
        await enrol(node, hub)
        good = hub.files["fed/checkpoint"]
        hub.files["fed/checkpoint"] = good.replace(b"\n0\n", b"\n1\n")
        await look(node, Clock().now)
        assert fed_heads(node.home) == []
        hub.files["fed/checkpoint"] = good
        await look(node, Clock().now)
        assert fed_heads(node.home) == [(f"{HUB}/fed", 0, EMPTY_ROOT)]
    await look(node, Clock().now)
    assert fed_heads(node.home) == [(f"{HUB}/fed", 0, EMPTY_ROOT)]
