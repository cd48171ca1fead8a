"""A hub whose keys change, are stolen, or that moves: what its units and readers then believe."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_client.keys.seeds import load_seed
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_hub.hub import open_hub
from fenhe_protocol.fed import Registration, compose_word
from fenhe_protocol.keys import SigningKey
from tests import forked
from tests.federation.key_house import acquainted, proves, publish, received, trouble
from tests.federation.province import Province
from tests.node import homes


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with acquainted(tmp_path) as province:
        yield province


def test_a_hub_rotates_its_keys_and_its_receipts_stay(province: Province) -> None:
    for purpose in ("log", "request", "mirror", "root"):
        assert province.hub("rotate-key", purpose)["in_force"]
    # The receipt that was given by the former key still proves, for people and on the page.
    assert proves(province, "A-1")["cosigned"]
    publish(province, "A-2")
    received(province, "A-2")
    result = json.loads(province.fetch("/api/v1/verify?origin=u1.example/fenhe/catalogue&index=1"))
    assert result["ok"], result
    province.node("u1", "trust", province.url("hub"), "--fingerprint", province.fingerprint)
    assert not trouble(province)


def test_what_a_thief_of_the_hubs_log_key_says_is_believed_by_nobody(province: Province) -> None:
    hub = open_hub(province.home("hub"))
    stolen = SigningKey.from_seed(load_seed(hub.home.keys / "log.seed"))
    cursor = str(province.folder / "cursor")
    follow = ("follow", province.url("hub"), "--cursor", cursor, "--once")
    assert forked.run("fenhe", *follow).returncode == 0
    assert province.hub("rotate-key", "log", "--stolen")["in_force"]
    head = HeadStore(hub.home.heads).get(hub.fed_origin)
    assert head is not None
    copy = HeadStore(province.folder / "thief.sqlite")
    copy.advance(hub.fed_origin, None, size=head.size, root=head.root, now=homes.NOW)
    said = compose_word(Registration("x.example/u", "enrolled", homes.UNIT, "https://x"), unit="")
    entry = new_record(hub.fed_origin, {"pub": said})
    writer = FeedWriter(hub.fed_origin, hub.fed_files(), copy)
    writer.publish([entry], key=stolen, now=homes.NOW)
    for _ in range(2):
        assert forked.run("fenhe", *follow).returncode == 3
    # The unit reads the hub's new document when it is told of the theft, and takes no such head.
    trust = ("u1", "trust", province.url("hub"), "--fingerprint", province.fingerprint)
    assert province.node(*trust)["root_document"] == 2
    assert trouble(province).startswith("checkpoint.unsigned")


def test_a_hub_moves_and_its_units_trust_the_new_address(province: Province) -> None:
    new = province.url("hub-new")
    assert province.hub("set-url", new)["in_force"]
    province.stop("hub")
    province.ports["hub"] = province.ports.pop("hub-new")
    province.serve("hub")
    assert trouble(province)  # nobody is at the old address any more
    trust = ("u1", "trust", new, "--fingerprint", province.fingerprint)
    assert province.node(*trust)["root_document"] == 2
    assert not trouble(province)
    publish(province, "A-2")
    received(province, "A-2")
    assert proves(province, "A-1")["cosigned"]
