"""Keys lost, stolen and rotated, with the real commands over real sockets (complaint 10).

What the manuals tell a unit or a hub to do is done here step by step.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fenhe_client.keys.seeds import load_seed
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_node.hubs.push import push_hubs
from fenhe_node.node import open_node
from fenhe_node.operations.options import now
from fenhe_node.publishing.heads import log_files
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import sign_request
from tests import forked
from tests.federation import push_house
from tests.federation.key_house import (
    CATALOGUE,
    acquainted,
    fenhe,
    proves,
    publish,
    received,
    ten_minutes_later,
    trouble,
)
from tests.federation.province import DONE_IN_PART, Province, province_in
from tests.node import homes
from tests.patience import until


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with acquainted(tmp_path) as province:
        yield province


def test_a_rotated_log_key_is_followed_and_old_records_still_prove(province: Province) -> None:
    before = proves(province, "A-1")
    for number in (2, 3):
        # The node goes on serving; nobody tells the hub anything.
        told = province.node("u1", "rotate-key", "log")
        assert told["in_force"]
        publish(province, f"A-{number}")
        ten_minutes_later(province)
        received(province, f"A-{number}")
    assert proves(province, "A-1")["index"] == before["index"]
    own = province.node("u1", "fingerprint")
    url = f"{province.url('u1')}/catalogue"
    by_chain = fenhe("verify", url, "--fingerprint", own["fingerprint"], "--quiet")
    by_key = fenhe("verify", url, "--key", own["keys"]["u1.example/fenhe/catalogue"], "--quiet")
    assert by_chain == by_key
    # A reader that follows the hub reads on over both rotations.
    cursor = str(province.folder / "cursor")
    followed = forked.run("fenhe", "follow", province.url("hub"), "--cursor", cursor, "--once")
    assert followed.returncode == 0
    ids = {json.loads(line).get("id") for line in followed.stdout.splitlines()}
    assert {"A-1", "A-2", "A-3"} <= ids


def test_what_a_thief_of_the_log_key_signs_above_the_bound_is_refused(province: Province) -> None:
    node = open_node(province.home("u1"))
    stolen = SigningKey.from_seed(load_seed(node.home.keys / "log.seed"))
    files = log_files(node.home, "catalogue")
    province.node("u1", "rotate-key", "log", "--stolen")
    # Whoever was robbed calls the hub, which looks at once.
    assert province.hub("look", "u1.example/fenhe")["n"] == 2
    good = {path: path.read_bytes() for path in node.home.public.rglob("*") if path.is_file()}
    # The thief serves a longer log in the unit's name, signed by the old key.
    thief = FeedWriter("u1.example/fenhe/catalogue", files, HeadStore(node.home.heads))
    body = homes.instrument("X-1")
    entry = new_record(thief.origin, {"pub": json.dumps(body).encode()})
    copy = HeadStore(province.folder / "thief.sqlite")
    head = HeadStore(node.home.heads).get(thief.origin)
    assert head is not None
    copy.advance(thief.origin, None, size=head.size, root=head.root, now=homes.NOW)
    FeedWriter(thief.origin, files, copy).publish([entry], key=stolen, now=homes.NOW)
    report = province.sync()[CATALOGUE]
    assert (report["outcome"], report["code"]) == ("refuse", "checkpoint.unsigned")
    assert report["size"] == report["cosigned"] == head.size
    assert b"X-1" not in province.fetch("/api/v1/resources")
    # The unit puts its own files back and goes on; the hub takes it up where it was.
    for path in set(node.home.public.rglob("*")) - good.keys():
        if path.is_file():
            path.unlink()
    for path, raw in good.items():
        path.write_bytes(raw)
    publish(province, "A-2")
    received(province, "A-2")
    assert (node.home.public / "catalogue" / CHECKPOINT).is_file()


def test_a_stolen_request_key_opens_nothing_once_the_hub_has_looked(province: Province) -> None:
    province.node("u1", "rotate-key", "request", "--stolen")
    # The hub has not looked yet: the new key is a stranger's. It looks when it is asked to.
    assert trouble(province)
    stolen = province.home("u1") / "keys" / "request.seed"
    assert _asks(province, stolen) == 200
    province.hub("look", "u1.example/fenhe")
    assert _asks(province, stolen) == 401
    # For some seconds the hub takes a key for unknown before it looks into its registry.
    until(lambda: not trouble(province))


def _asks(province: Province, seed: Path) -> int:
    """Ask as the unit for what only the unit may read; the status of the answer."""
    path = f"/in/{origin_hash('u1.example/fenhe')}/catalogue/rejected"
    headers = sign_request(
        method="GET",
        uri=province.url("hub") + path,
        body=None,
        key=SigningKey.from_seed(load_seed(seed)),
        now=int(time.time()),
        nonce=os.urandom(16),
    )
    try:
        with urlopen(Request(province.url("hub") + path, headers=headers)) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def test_a_request_key_rotated_in_time_is_never_a_strangers(province: Province) -> None:
    province.node("u1", "rotate-key", "request")
    assert not trouble(province)
    province.hub("rotate-key", "request")
    publish(province, "A-2")
    received(province, "A-2")


def test_root_keys_are_kept_elsewhere_and_one_of_three_may_be_lost(
    province: Province, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"
    safe.mkdir()
    keys = {name: fenhe("make-key", safe / f"{name}.seed")["key"] for name in "abc"}
    own = province.node("u1", "root-document", "show")
    assert own["waiting"] is None
    held = open_node(province.home("u1")).root.root[0]
    adding = [part for key in keys.values() for part in ("--add-root", key)]
    dropping = ("--drop-root", b64_encode(held))
    told = province.node(
        *("u1", "root-document", "propose", *adding, *dropping, "--threshold", "2"),
        allowed=DONE_IN_PART,
    )
    assert told["lacking"] == 2
    assert _signed_by(province, safe, "a", "b")["in_force"]
    (province.home("u1") / "keys" / "root.seed").unlink()
    # Daily work needs no root key.
    publish(province, "A-2")
    received(province, "A-2")
    # `b` is lost or stolen: the two others drop it and take in a fresh one.
    keys["d"] = fenhe("make-key", safe / "d.seed")["key"]
    province.node(
        *("u1", "root-document", "propose", "--drop-root", keys["b"], "--add-root", keys["d"]),
        allowed=DONE_IN_PART,
    )
    assert _signed_by(province, safe, "a", "c")["in_force"]
    # And the new one signs a rotation of the log key with them.
    province.node("u1", "rotate-key", "log", allowed=DONE_IN_PART)
    assert _signed_by(province, safe, "d", "c")["in_force"]
    publish(province, *(f"B-{number}" for number in range(3)))
    received(province, "B-2")


def _signed_by(province: Province, safe: Path, *names: str) -> Any:
    """Carry the draft to the keys and the lines back."""
    (draft,) = (province.home("u1") / "root-next").glob("*.txt")
    lines = []
    for name in names:
        lines.append(str(safe / f"{name}.line"))
        fenhe("sign-root", draft, "--seed-file", safe / f"{name}.seed", "--out", lines[-1])
    return province.node("u1", "root-document", "adopt", *lines)


def test_a_stolen_root_key_is_replaced_before_it_is_used(province: Province) -> None:
    told = province.node("u1", "rotate-key", "root", "--stolen")
    assert told["in_force"]
    province.node("u1", "rotate-key", "log", "--stolen")
    assert province.hub("look", "u1.example/fenhe")["added"] == [2, 3]
    publish(province, "A-2")
    received(province, "A-2")


def test_a_node_moves_and_the_hub_follows(province: Province) -> None:
    url = province.url("u1")
    new = province.url("u1-new")
    province.node("u1", "set-url", new)
    province.stop("u1")
    # For two days the old address still answers: here it is the only one that does.
    province.serve("u1")
    own = province.node("u1", "fingerprint")
    assert own["url"] == new
    publish(province, "A-2")
    received(province, "A-2")
    # The hub has read the new address there, and goes to it when it is the only one.
    assert province.hub("look", "u1.example/fenhe")["n"] == 2
    province.stop("u1")
    province.ports["u1"] = province.ports.pop("u1-new")
    province.serve("u1")
    publish(province, "A-3")
    received(province, "A-3")
    units = json.loads(province.fetch("/api/v1/units"))["items"]
    assert [unit["url"] for unit in units] == [new] != [url]


def quiet(what: str, done: int, total: int) -> None:
    """Say nothing of how far it is."""


def test_a_unit_that_only_pushes_rotates_whatever_was_stolen(tmp_path: Path) -> None:
    """The hub cannot come and look: the documents are pushed, by a key that it knows."""
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        node = push_house.found_pusher(province)
        push_house.sign(node, [homes.instrument("A-1")], minutes_ago=50)
        assert asyncio.run(push_hubs(node, now, quiet))
        for minutes_ago, purpose in ((40, "request"), (30, "log"), (20, "root")):
            province.node("u1", "rotate-key", purpose, "--stolen")
            push_house.sign(node, [homes.instrument(f"A-{purpose}")], minutes_ago=minutes_ago)
            pushed = asyncio.run(push_hubs(node, now, quiet))
            assert [each.error for each in pushed if each.error] == []
        sizes = push_house.mirrored(province)
        assert sizes["catalogue"] == (6, 6)
        assert proves(province, "A-root")["cosigned"]
        assert proves(province, "A-1")["cosigned"]
