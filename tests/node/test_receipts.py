"""Receipts at the node: kept from mirror and `fed`, counted, shown, written as proof files."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fenhe_client.cli
from fenhe_node.cli import main
from fenhe_node.hubs.alarms import PATIENCE_SECONDS
from fenhe_node.hubs.looking import look, receipts_are_whole, standing_alarms
from fenhe_node.node import Node
from fenhe_node.standing import standing
from fenhe_node.store import Store, receipts
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.fed import FirstReceipt, Place
from fenhe_protocol.root_document import cosigner_name
from tests.node.a_hub import HUB, a_hub
from tests.node.homes import NOW, ORIGIN, Clock, instrument, new_node, publish_all, put, service
from tests.node.said_by_a_hub import Fed, mirror, trust

HOUR = 3600
COSIGNER = cosigner_name(HUB)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1", value_yuan=500_000), service("S-1")])
    publish_all(node, Clock())
    return node


@pytest.fixture
def command(node: Node, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command of the node; its facts."""

    def run(*arguments: str, code: int = 0) -> Any:
        assert main(["--home", str(node.home.path), *arguments, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return run


def codes(node: Node, now: int) -> set[str]:
    return {alarm.error.code for alarm in standing_alarms(node.home, now)}


def signed_elsewhere(node: Node, size: int) -> bytes:
    """A head of the catalogue that a copy of the node's key has signed."""
    origin = f"{ORIGIN}/catalogue"
    head = Checkpoint(origin, size, bytes(32))
    return sign_checkpoint(head, node.keys.for_head(origin, size))


async def test_each_record_has_the_earliest_cosignature_that_covers_it(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
        clock.at += 60
        put(node, [instrument("A-2")])
        publish_all(node, clock)
        mirror(hub, node, "catalogue", at=NOW + 70)
        await look(node, clock.now)
        await look(node, clock.now)
    with Store.open(node.home.store) as store:
        found = [receipts.covering(store, "catalogue", index) for index in range(4)]
    assert [[(each.size, each.time) for each in those] for those in found] == [
        [(2, NOW + 5)],
        [(2, NOW + 5)],
        [(3, NOW + 70)],
        [],
    ]


async def test_a_receipt_that_nobody_saw_in_the_mirror_is_found_in_fed(
    node: Node, tmp_path: Path
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        fed = Fed(tmp_path / "hub", hub)
        fed.advance(node, "catalogue", at=NOW + 5)
        put(node, [instrument("A-2")])
        clock.at += 60
        publish_all(node, clock)
        mirror(hub, node, "catalogue", at=NOW + 70)
        await look(node, clock.now)
    with Store.open(node.home.store) as store:
        assert [each.time for each in receipts.covering(store, "catalogue", 0)] == [NOW + 5]


async def test_status_names_who_waits_for_a_receipt_and_since_when(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
    [held] = standing(node, clock.now()).receipts
    assert (held["hub"], held["with"], held["without"]) == (HUB, 2, 1)
    [waiting] = held["waiting"]
    assert (waiting["kind"], waiting["id"], waiting["since"]) == ("service_record", "S-1", NOW)


async def test_what_is_not_mirrored_within_an_hour_is_an_alarm(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        await look(node, clock.now)
    assert codes(node, NOW + PATIENCE_SECONDS) == set()
    assert codes(node, NOW + PATIENCE_SECONDS + 1) == {"hub.unmirrored"}


async def test_a_receipt_is_complete_once_fed_announces_it(node: Node, tmp_path: Path) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        fed = Fed(tmp_path / "hub", hub)
        for log in ("catalogue", "usage"):
            mirror(hub, node, log, at=NOW + 5)
        await look(node, clock.now)
        assert not receipts_are_whole(node)
        assert codes(node, NOW + HOUR) == set()
        assert codes(node, NOW + HOUR + 1) == {"hub.unannounced"}
        fed.advance(node, "catalogue", at=None)
        fed.advance(node, "usage", at=NOW + 5)
        await look(node, clock.now)
        [alarm] = standing_alarms(node.home, NOW + HOUR + 1)
        assert (alarm.log, alarm.error.code) == ("catalogue", "hub.unannounced")
        fed.advance(node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
    assert receipts_are_whole(node)
    assert codes(node, NOW + 9 * HOUR) == set()


async def test_a_mirror_that_shows_it_no_longer_is_an_alarm(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        for log in ("catalogue", "usage"):
            mirror(hub, node, log, at=NOW + 5)
        await look(node, clock.now)
        assert "hub.unmirrored" not in codes(node, NOW + 2 * HOUR)
        for path in [path for path in hub.files if path.startswith("m/")]:
            del hub.files[path]
        await look(node, clock.now)
    assert codes(node, NOW + 2 * HOUR) == {"hub.unmirrored"}


async def test_a_mirror_that_withholds_what_it_has_cosigned_is_an_alarm(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        [path] = [path for path in hub.files if path.endswith("/body/hub/000")]
        withheld = hub.files.pop(path)
        await look(node, clock.now)
        assert codes(node, NOW) == {"hub.withholds"}
        hub.files[path] = withheld
        await look(node, clock.now)
    assert codes(node, NOW) == set()


@pytest.mark.parametrize(("size", "code"), [(1, "hub.other-tree"), (7, "hub.ahead")])
async def test_a_head_with_our_signature_that_we_never_wrote_is_an_alarm_at_once(
    node: Node, size: int, code: str
) -> None:
    clock = Clock()
    copied = signed_elsewhere(node, size)
    async with a_hub() as hub:
        await trust(node, hub)
        hub.mirror("catalogue", copied, at=NOW + 5)
        await look(node, clock.now)
    assert codes(node, NOW) == {code}
    with Store.open(node.home.store) as store:
        assert receipts.covering(store, "catalogue", 0) == ()


async def test_another_tree_that_fed_announced_is_never_forgotten(
    node: Node, tmp_path: Path
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        fed = Fed(tmp_path / "hub", hub)
        copied = signed_elsewhere(node, 1)
        public = node.home.public / "catalogue" / "checkpoint"
        good = public.read_bytes()
        public.write_bytes(copied)
        fed.advance(node, "catalogue", at=NOW + 5)
        public.write_bytes(good)
        await look(node, clock.now)
        fed.advance(node, "catalogue", at=NOW + 5)
        hub.mirror("catalogue", good, at=NOW + 5)
        await look(node, clock.now)
    assert codes(node, NOW) == {"hub.other-tree"}


async def test_a_fed_that_was_forked_is_an_alarm_at_once(node: Node, tmp_path: Path) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        Fed(tmp_path / "one", hub).advance(node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
        Fed(tmp_path / "other", hub).advance(node, "usage", at=NOW + 5)
        await look(node, clock.now)
        assert codes(node, NOW) == {"hub.forked"}
        await look(node, clock.now)
    assert codes(node, NOW) == {"hub.forked"}


async def test_a_receipt_is_a_file_that_anyone_can_check(
    node: Node, tmp_path: Path, command: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
    put(node, [instrument(f"B-{n}") for n in range(300)])
    clock.at += 60
    publish_all(node, clock)
    out = tmp_path / "A-1.tlog-proof"
    facts = command("receipt", "A-1", "--out", str(out))
    assert facts["receipts"][0]["date"] == "2026-11-23" and facts["disclosed"] == ["pub"]
    check = facts["check"].replace("FILE", str(out)).split()[1:]
    checked = await asyncio.to_thread(fenhe_client.cli.main, [*check, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert checked == 0
    assert (said["index"], said["size"], said["cosigned"][0]["name"]) == (0, 2, COSIGNER)
    assert said["bodies"].keys() == {"pub"} and said["withheld"] == ["hub"]
    command("receipt", "A-1", "--out", str(out), "--tier", "hub")
    assert b"500000" not in out.read_bytes()  # it is in base64
    assert await asyncio.to_thread(fenhe_client.cli.main, [*check, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bodies"]["hub"]["value_yuan"] == 500_000


async def test_a_changed_record_tells_when_it_was_first_delivered(
    node: Node, command: Callable[..., Any]
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        await look(node, clock.now)
        clock.at += 10 * 86_400
        put(node, [instrument("A-1", status="frequent_fault")])
        publish_all(node, clock)
        mirror(hub, node, "catalogue", at=clock.now() + 5)
        await look(node, clock.now)
    facts = command("receipt", "A-1")
    assert facts["index"] == 2 and facts["receipts"][0]["date"] == "2026-12-03"
    assert facts["first"] == {"log": "catalogue", "index": 0, "date": "2026-11-23"}


async def test_after_an_erasure_the_date_that_the_hub_kept_counts(
    node: Node, tmp_path: Path, command: Callable[..., Any]
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 5)
        Fed(tmp_path / "hub", hub).say(FirstReceipt(Place(f"{ORIGIN}/catalogue", 0), "2026-01-02"))
        await look(node, clock.now)
    assert command("receipt", "A-1")["receipts"][0]["date"] == "2026-01-02"


def test_a_record_without_a_receipt_and_one_without_a_leaf_are_told_apart(
    node: Node, command: Callable[..., Any]
) -> None:
    put(node, [instrument("A-9")])
    assert command("receipt", "A-1", code=1)["error"]["code"] == "receipt.none"
    assert command("receipt", "A-9", code=3)["error"]["code"] == "record.unpublished"


async def test_an_id_of_several_kinds_asks_for_the_kind(
    node: Node, command: Callable[..., Any]
) -> None:
    clock = Clock(NOW + 60)
    put(node, [service("A-1")])
    publish_all(node, clock)
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 65)
        await look(node, clock.now)
    assert command("receipt", "A-1", code=3)["error"]["found"] == "instrument, service_record"
    assert command("receipt", "A-1", "--kind", "instrument")["index"] == 0
