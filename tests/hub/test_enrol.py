"""A unit becomes known: by its fingerprint, beside nobody else's name, and in `fed`."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_hub.cli import main
from fenhe_hub.desk.enrolling import enrol_unit, publish_registration
from fenhe_hub.fed.log import FedLog
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.roots import root_files
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import Refused
from fenhe_protocol.terminal import grouped
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import enrolled, new_hub


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return new_hub(tmp_path / "hub")


def dumped(hub: Hub, table: str) -> list[dict[str, object]]:
    db = open_index(hub.home.index)
    rows = [json.loads(line) for line in dump_index(db)]
    db.close()
    return [row for row in rows if row["table"] == table]


async def test_a_unit_is_enrolled_and_said(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        await enrolled(hub, node)
    assert publish_registration(hub, now=START + 60)
    (reg,) = [row for row in dumped(hub, "said") if row["kind"] == "reg"]
    assert json.loads(str(reg["body"])) == {
        "kind": "reg",
        "id": node.origin,
        "unit": hub.uscc,
        "state": "enrolled",
        "uscc": node.uscc,
        "url": node.url,
        "root1": node.fingerprint,
        "depth": 0,
    }
    (unit,) = dumped(hub, "unit")
    assert (unit["unit_no"], unit["origin"], unit["enrolled_at"]) == (1, node.origin, START + 60)


async def test_a_wrong_fingerprint_leaves_no_trace(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        with pytest.raises(Refused) as caught:
            await enrol_unit(hub, node.url, "ab" * 32, allow_private=True)
    assert caught.value.code == "root.fingerprint"
    assert len(Registry(hub.home.registry_file)) == 0
    assert not list((hub.home.path / "mirror").iterdir())


async def test_a_fingerprint_may_be_typed_as_it_is_read_aloud(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        typed = ["--fingerprint", grouped(node.fingerprint).upper(), "--allow-private"]
        command = ["--home", str(hub.home.path), "enrol", node.url, *typed]
        assert await asyncio.to_thread(main, command) == 0
    (unit,) = Registry(hub.home.registry_file)
    assert unit.root1 == node.fingerprint


async def test_private_addresses_need_permission(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        with pytest.raises(Refused) as caught:
            await enrol_unit(hub, node.url, node.fingerprint, allow_private=False)
    assert caught.value.code.startswith("fetch.")
    assert node.asked == []


async def test_a_name_inside_another_is_refused(hub: Hub, tmp_path: Path) -> None:
    node, inside = FakeNode(tmp_path / "u1", 1), FakeNode(tmp_path / "u2", 2)
    inside.rename(f"{node.origin}/catalogue")
    async with node.serving(), inside.serving():
        await enrolled(hub, node)
        with pytest.raises(Refused) as caught:
            await enrolled(hub, inside)
    assert caught.value.code == "enrol.origin"
    assert [unit.origin for unit in Registry(hub.home.registry_file)] == [node.origin]
    assert root_files(hub.home, inside.origin).read("root/1") is None


async def test_two_units_do_not_share_a_request_key(hub: Hub, tmp_path: Path) -> None:
    node, other = FakeNode(tmp_path / "u1", 1), FakeNode(tmp_path / "u2", 2)
    other.request_key = node.request_key
    other.rename(other.origin)
    async with node.serving(), other.serving():
        await enrolled(hub, node)
        with pytest.raises(Refused) as caught:
            await enrolled(hub, other)
    assert caught.value.code == "enrol.key"


async def test_units_keep_their_numbers_when_their_reg_is_said_later(
    hub: Hub, tmp_path: Path
) -> None:
    nodes = [FakeNode(tmp_path / f"u{number}", number) for number in (1, 2, 3)]
    for node in nodes:
        async with node.serving():
            await enrolled(hub, node)
    with FedRound(hub) as fed:
        fed.catch_up(START)
    before = [(row["unit_no"], row["origin"]) for row in dumped(hub, "unit")]
    assert before == [(n, node.origin) for n, node in enumerate(nodes, 1)]
    assert publish_registration(hub, now=START + 5)
    assert [(row["unit_no"], row["origin"]) for row in dumped(hub, "unit")] == before


async def test_the_same_is_not_said_twice(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        await enrolled(hub, node)
    assert publish_registration(hub, now=START)
    assert not publish_registration(hub, now=START + 100)


def test_a_heartbeat_comes_every_hour(hub: Hub) -> None:
    said = []
    for minutes in range(0, 190, 10):
        with FedRound(hub) as fed:
            said.append(fed.publish(START + 60 * minutes).words)
    beats = [minutes * 10 for minutes, words in enumerate(said) if words]
    assert beats == [0, 60, 120, 180]


def test_a_clock_set_back_says_no_time_that_steps_back(hub: Hub) -> None:
    with FedRound(hub) as fed:
        assert fed.publish(START).words == {"h": 1, "rule": 1}
        assert fed.publish(START - 7200).words == {}
    assert [row["at"] for row in dumped(hub, "beat")] == [START]


def test_the_protocols_ten_seconds_are_kept(hub: Hub) -> None:
    strict = replace(hub, config=replace(hub.config, publish_seconds=10))
    with FedRound(strict) as fed:
        assert fed.wait(START) == 0
        fed.publish(START)
        assert fed.wait(START + 3) == 7
        assert fed.wait(START + 10) == 0


def test_a_fed_shorter_than_the_index_is_not_read_over(hub: Hub) -> None:
    from fenhe_client.stored.head_store import HeadStore
    from fenhe_hub.fed.index import catch_up_fed
    from fenhe_protocol.errors import StoreError

    with FedRound(hub) as fed:
        fed.publish(START)
    db = open_index(hub.home.index)
    db.execute("UPDATE fed SET size = 99")
    with pytest.raises(StoreError) as caught:
        catch_up_fed(db, FedLog(hub, hub.fed_files(Disk()), HeadStore(hub.home.heads)))
    db.close()
    assert caught.value.code == "index.ahead"
