"""Sealing at a node: only to an enrolled gateway, only what changed, and nothing of it in clear."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from fenhe_client.fetching.fetch import Web
from fenhe_node.cli import main
from fenhe_node.hubs.gateway_trust import enrol_gateway, refresh_gateway
from fenhe_node.node import Node
from fenhe_node.preview import preview
from fenhe_node.publishing.heads import log_files
from fenhe_node.publishing.publish import Published
from fenhe_node.publishing.sealing import _RULE, _digest, open_seal, take_digests
from fenhe_node.standing import standing
from fenhe_node.store import Store, erased, feed, sealing
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.leaf import RecordLeaf, parse_leaf
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import EntryBundle, decode_bundle
from tests.node.a_gateway import GATEWAY, AGateway
from tests.node.homes import (
    NOW,
    UNIT,
    Clock,
    bodies,
    instrument,
    lines,
    new_node,
    publish_all,
    put,
    service,
)

USER = {"applicant": "示例用户甲", "phone": "0351-0000000", "project_name": "示例课题甲"}
ENVELOPE = {"unit": UNIT, "kind": "service_record"}
PERSON = {"name": "示例联系人", "phone": "000-0000-0000"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


@pytest.fixture
def gateway(tmp_path: Path) -> AGateway:
    return AGateway(tmp_path / "gateway")


async def enrol(node: Node, gateway: AGateway, fingerprint: str = "") -> None:
    async with Web() as client:
        mark = fingerprint or gateway.fingerprint
        await enrol_gateway(client, node.home, gateway.folder, mark, NOW)


def published(node: Node, clock: Clock, *records: dict[str, Any]) -> Published:
    put(node, records)
    return publish_all(node, clock)


def tiers(node: Node, size: int, log: str = "usage") -> list[set[str]]:
    raw = log_files(node.home, log).read(EntryBundle(0, size).path)
    assert raw is not None
    found = []
    for index, entry in enumerate(decode_bundle(raw, size, max_entry=1024)):
        leaf = parse_leaf(entry, index=index, log=log)
        assert isinstance(leaf, RecordLeaf)
        found.append(set(leaf.commitments))
    return found


def every_byte(node: Node) -> bytes:
    """Everything that is served, to whomever."""
    folders = (node.home.public, node.home.held)
    return b"".join(f.read_bytes() for each in folders for f in each.rglob("*") if f.is_file())


def test_without_a_gateway_users_stay_and_it_is_said_so(node: Node) -> None:
    done = published(node, Clock(), service("S-1", **USER), service("S-2"))
    assert (done.leaves["usage"], done.unsealed) == (2, 1)
    assert tiers(node, 2) == [{"hub"}, {"hub"}]
    assert "示例用户甲".encode() not in every_byte(node)
    with Store.open(node.home.store) as store:
        [shown] = preview(store, "S-1", schemas=SchemaSet.load())
    assert shown.could_seal and not shown.sealed
    assert {field.field for field in shown.stays} == USER.keys()


async def test_only_the_gateway_reads_what_is_sealed(node: Node, gateway: AGateway) -> None:
    await enrol(node, gateway)
    done = published(node, Clock(), service("S-1", **USER), service("S-2"))
    assert done.unsealed == 0
    assert tiers(node, 2) == [{"hub", "nat"}, {"hub"}]
    assert gateway.opened(node, "usage", 2) == [ENVELOPE | {"id": "S-1"} | USER]
    assert "applicant" not in bodies(node, "usage", "hub", 2)[0]
    everything = every_byte(node)
    assert not [text for text in USER.values() if text.encode() in everything]
    assert not (node.home.public / "usage").exists()


def test_what_is_sealed_of_each_is_known_whoever_stands_beside_it(node: Node) -> None:
    gone = ENVELOPE | {"id": "S-4", "deleted": {"on": "2026-11-20", "reason": "error"}}
    said = service("S-3", tax_note='"phone" and "ext"')
    records = [service("S-1"), service("S-2", **USER), said, gone, instrument("A-1")]
    put(node, records)
    schemas = SchemaSet.load()
    with Store.open(node.home.store) as store:
        take_digests(store, schemas)
        rows = store.table("SELECT id, nat FROM record WHERE id != ? ORDER BY id", [UNIT])
        assert sealing.unknown_kinds(store, _RULE) == []
    assert dict(rows) == {record["id"]: _digest(schemas, record) for record in records}
    assert [bool(nat) for _, nat in rows] == [False, False, True, False, True]


def test_what_another_program_imports_meanwhile_is_looked_at_too(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(node, [instrument("A-1")])
    waits = Store.transaction

    def imported_first(store: Store) -> AbstractContextManager[None]:
        """Who waits for its turn gets it after the import."""
        monkeypatch.setattr(Store, "transaction", waits)
        put(node, [service("S-1", **USER)])
        return waits(store)

    with Store.open(node.home.store) as store:
        monkeypatch.setattr(Store, "transaction", imported_first)
        take_digests(store, SchemaSet.load())
        take_digests(store, SchemaSet.load())
        assert sealing.count_to_seal(store) == 1


async def test_preview_shows_what_is_sealed(node: Node, gateway: AGateway) -> None:
    await enrol(node, gateway)
    put(node, [service("S-1", **USER, ext={"nat": {"x": 1}})])
    with Store.open(node.home.store) as store:
        [shown] = preview(store, "S-1", schemas=SchemaSet.load())
    assert {field.field for field in shown.sealed} == {*USER, "ext"}
    assert not shown.stays and not shown.could_seal


async def test_nothing_is_sealed_twice(node: Node, gateway: AGateway) -> None:
    await enrol(node, gateway)
    clock = Clock()
    records = [service("S-1", **USER), service("S-2", **USER)]
    published(node, clock, *records)
    assert published(node, clock, *records).leaves["usage"] == 0
    # What others read has changed, what is sealed has not; then the other way round.
    published(node, clock, records[0] | {"samples": 3}, records[1])
    published(node, clock, records[0] | {"samples": 3}, records[1] | {"applicant": "示例用户乙"})
    assert tiers(node, 4) == [{"hub", "nat"}, {"hub", "nat"}, {"hub"}, {"nat"}]
    assert gateway.opened(node, "usage", 4)[-1]["applicant"] == "示例用户乙"
    with Store.open(node.home.store) as store:
        where = feed.where_published(store, "service_record", "S-2")
        assert where is not None and where.index == 1
        where_sealed = erased.sealed_leaves(store, "service_record", "S-2")
        assert where_sealed == [("usage", 1), ("usage", 3)]
        sealed_at = feed.published_at(store, "usage", 3)
        assert sealed_at is not None and sealed_at.id == "S-2"


async def test_records_published_before_are_sealed_once_there_is_a_gateway(
    node: Node, gateway: AGateway
) -> None:
    clock = Clock()
    published(node, clock, service("S-1", **USER), service("S-2"))
    await enrol(node, gateway)
    assert standing(node, NOW).pending == 1
    assert publish_all(node, clock).leaves["usage"] == 1
    assert standing(node, NOW).pending == 0
    assert tiers(node, 3)[-1] == {"nat"}
    assert len(gateway.opened(node, "usage", 3)) == 1


async def test_a_new_key_seals_only_what_changes_later(node: Node, gateway: AGateway) -> None:
    await enrol(node, gateway)
    clock = Clock()
    published(node, clock, service("S-1", **USER), service("S-2", **USER))
    gateway.rotate()
    await enrol(node, gateway)
    assert publish_all(node, clock).leaves["usage"] == 0
    published(node, clock, service("S-1", **USER | {"phone": "0351-0000001"}))
    used = [line.body.split(b'"')[3].decode() for line in lines(node, "usage", "nat", 3)]
    assert used == [gateway.seals[0].id] * 2 + [gateway.seals[1].id]


async def test_another_gateway_gets_everything_sealed_again(
    node: Node, gateway: AGateway, tmp_path: Path
) -> None:
    await enrol(node, gateway)
    clock = Clock()
    published(node, clock, service("S-1", **USER), service("S-2"))
    other = AGateway(tmp_path / "other", 2)
    await enrol(node, other)
    assert publish_all(node, clock).leaves["usage"] == 1
    with pytest.raises(Refused, match=r"^seal\.key"):
        other.opened(node, "usage", 3)
    other.seals += gateway.seals
    assert [each["id"] for each in other.opened(node, "usage", 3)] == ["S-1", "S-1"]


async def test_what_goes_goes_under_seal_too(node: Node, gateway: AGateway) -> None:
    await enrol(node, gateway)
    clock = Clock()
    published(node, clock, service("S-1", **USER), service("S-2", **USER), service("S-3"))
    gone = {"on": "2026-11-23", "reason": "error"}
    deleted = {**ENVELOPE, "deleted": gone}
    published(node, clock, service("S-1"), deleted | {"id": "S-2"}, deleted | {"id": "S-3"})
    assert gateway.opened(node, "usage", 6)[2:] == [
        ENVELOPE | {"id": "S-1"},
        deleted | {"id": "S-2"},
    ]
    assert publish_all(node, clock).leaves["usage"] == 0
    # An emptied record that is deleted later is deleted in every tier as well.
    published(node, clock, deleted | {"id": "S-1"})
    assert gateway.opened(node, "usage", 7)[-1] == deleted | {"id": "S-1"}
    assert publish_all(node, clock).leaves["usage"] == 0


async def test_contact_persons_stay_and_what_was_once_sealed_of_them_is_taken_back(
    node: Node, gateway: AGateway
) -> None:
    await enrol(node, gateway)
    clock = Clock()
    published(node, clock, instrument("A-1", contact_person=PERSON))
    assert gateway.opened(node, "catalogue", 2) == []
    with Store.open(node.home.store) as store, store.transaction():
        store.run(
            "UPDATE published SET nat = ?, tiers = tiers || ' nat' WHERE kind = 'instrument'",
            ["0" * 64],
        )
    assert publish_all(node, clock).leaves["catalogue"] == 1
    emptied = {"unit": UNIT, "kind": "instrument", "id": "A-1"}
    assert gateway.opened(node, "catalogue", 3) == [emptied]
    assert publish_all(node, clock).leaves["catalogue"] == 0


async def test_a_sealed_part_that_is_too_long_is_refused_alone(
    node: Node, gateway: AGateway
) -> None:
    await enrol(node, gateway)
    long = {f"m{n:03}": "示例" * 1000 for n in range(50)}
    done = published(node, Clock(), service("S-1", ext={"nat": long}), service("S-2", **USER))
    assert [(refusal.id, refusal.tier) for refusal in done.refused] == [("S-1", "nat")]
    assert "示例" not in done.refused[0].line()
    assert len(gateway.opened(node, "usage", 1)) == 1


async def test_another_fingerprint_or_a_unit_is_no_gateway(
    node: Node, gateway: AGateway, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=r"^root\.fingerprint"):
        await enrol(node, gateway, "00" * 32)
    with pytest.raises(SetupError, match=r"^gateway\.no-seal"):
        await enrol(node, AGateway(tmp_path / "unit", 3, seals=False))
    with Store.open(node.home.store) as store:
        assert open_seal(node.home, store) is None


async def test_a_new_key_is_found_at_the_gateways_own_address(
    node: Node, gateway: AGateway
) -> None:
    app = web.Application()
    app.router.add_static("/", gateway.folder)
    async with TestServer(app) as server, Web() as client:
        url = str(server.make_url("")).rstrip("/")
        await enrol_gateway(client, node.home, url, gateway.fingerprint, NOW)
        gateway.rotate()
        assert await refresh_gateway(client, node.home) is None
        assert current_key(node) == gateway.seals[1].public
        (gateway.folder / "root" / "3").write_bytes(gateway.documents[0])
        assert isinstance(await refresh_gateway(client, node.home), Refused)
    assert current_key(node) == gateway.seals[1].public


def current_key(node: Node) -> bytes:
    with Store.open(node.home.store) as store:
        seal = open_seal(node.home, store)
    assert seal is not None and seal.gateway.origin == GATEWAY
    return seal.public


def command(node: Node, gateway: AGateway, *more: str) -> int:
    arguments = ["trust", str(gateway.folder), "--fingerprint", gateway.fingerprint, "--gateway"]
    return main(["--home", str(node.home.path), *arguments, *more])


def test_a_gateway_is_enrolled_and_forgotten_by_command(
    node: Node, gateway: AGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    put(node, [service("S-1", **USER)])
    assert main(["--home", str(node.home.path), "publish"]) == 0
    assert "1 条记录 records: 用户和项目信息留在本单位" in capsys.readouterr().out
    assert command(node, gateway, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["origin"], said["records_to_seal"]) == (GATEWAY, 1)
    assert said["seal"] == gateway.seals[0].id
    assert standing(node, NOW).gateway == GATEWAY
    assert [command(node, gateway, "--forget") for _ in range(2)] == [0, 1]
    assert standing(node, NOW).gateway is None


def test_a_hub_that_may_not_hold_what_is_sealed_comes_first(
    node: Node, gateway: AGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    config = node.home.config_file
    text = config.read_text("utf-8")
    config.write_text(text.replace('hub_tiers: ["hub", "nat"]', 'hub_tiers: ["hub"]'), "utf-8")
    assert command(node, gateway) == 1
    assert "gateway.hub-tiers" in capsys.readouterr().err
    assert standing(node, NOW).gateway is None
