"""A request key is public: who lists another's as its own takes nothing away from its holder."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.config import ReaderSettings
from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.visiting.workshop import publish_owed
from fenhe_hub.web import doormen
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import open_first, sign_root
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.provinces import Province
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher

GATEWAY = SigningKey.from_seed(os.urandom(32))
GRANT = ReaderSettings(name="gateway", key=b64_encode(GATEWAY.public), tiers=("hub", "nat"))
House = tuple[Province, Pusher, Pusher]


def claiming(node: FakeNode, *keys: bytes) -> bytes:
    """Root document 2 of a unit that lists these request keys beside its own."""
    first = open_first(
        node.read("root", "root/1"), fingerprint=node.fingerprint, allow_loopback_http=True
    )
    text = compose_next(first, time=NOW, request=[*first.request, *keys])
    return sign_root(text, node.origin, [node.root_key])


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A unit, a gateway, and a second unit that has listed the keys of both as its own."""
    monkeypatch.setattr(doormen, "_LEAST_SECONDS", 0.0)  # before the registry is looked at again
    node, thief = FakeNode(tmp_path / "u1"), FakeNode(tmp_path / "u2", number=2)
    node.publish(instrument("A-1"))
    node.publish(service("S-1"), log="usage")
    async with pushing(tmp_path, node, readers=(GRANT,)) as (province, pusher):
        enrol_pushing(province.hub, thief.read("root", "root/1"), thief.fingerprint)
        await publish_owed(province.hub, lambda: NOW)
        other = replace(pusher, node=thief, known={})
        second = claiming(thief, node.request_key.public, GATEWAY.public)
        answer = await other.signed("PUT", f"{other.inbox()}/root/2", second)
        assert answer.status == 204
        yield province, pusher, other


async def test_the_unit_pushes_asks_and_reads_as_before(house: House) -> None:
    _, pusher, _ = house
    assert (await pusher.signed("GET", f"{pusher.inbox('catalogue')}/missing")).status == 200
    assert await pusher.push("usage")
    usage = origin_hash(f"{pusher.node.origin}/usage")
    assert (await pusher.signed("GET", f"m/{usage}/checkpoint")).status == 200
    assert (await pusher.signed("GET", f"{pusher.inbox('usage')}/rejected")).status == 200


async def test_it_finds_its_usage_in_fed_as_before(house: House) -> None:
    province, pusher, _ = house
    assert await pusher.push("usage")
    await publish_owed(province.hub, lambda: NOW + 60)
    answer = await pusher.signed("GET", "fed/body/hub/000")
    assert f"{pusher.node.origin}/usage".encode() in await answer.read()


async def test_a_reader_keeps_what_it_was_granted(house: House) -> None:
    _, pusher, _ = house
    assert await pusher.push("usage")
    usage = origin_hash(f"{pusher.node.origin}/usage")
    assert (await pusher.signed("GET", f"m/{usage}/checkpoint", key=GATEWAY)).status == 200
    assert (await pusher.signed("GET", "forwarded", key=GATEWAY)).status == 200


async def test_who_lists_them_gains_nothing(house: House) -> None:
    _, pusher, other = house
    usage = origin_hash(f"{pusher.node.origin}/usage")
    for path in (f"m/{usage}/checkpoint", "forwarded", f"{pusher.inbox('usage')}/rejected"):
        assert (await other.signed("GET", path)).status == 403
    assert (await other.signed("GET", f"{other.inbox('usage')}/rejected")).status == 200
