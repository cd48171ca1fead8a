"""A unit under 密评: SM2-SM3 lines beside Ed25519, with the real commands over real sockets."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import fenhe_client.cli
from fenhe_client.stored.files import CHECKPOINT
from fenhe_node.hubs.push import Pushed, push_hubs
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import now
from fenhe_node.publishing.heads import log_files
from fenhe_protocol.note import NoteSignature, parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.second_line import second_key
from tests import forked, sm2
from tests.federation import push_house
from tests.federation.province import Province, province_in
from tests.node import homes
from tests.sm2 import need_libcrypto

UNIT, NAME = "u1.example/fenhe", "u1"
CATALOGUE = (UNIT, "catalogue")


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    need_libcrypto()
    with province_in(tmp_path) as province:
        province.found_hub(interval_seconds=3600)
        yield province


def fenhe(*arguments: str, code: int = 0) -> Any:
    """Run a command of `fenhe` as on some other machine."""
    said = StringIO()
    with redirect_stdout(said):
        found = fenhe_client.cli.main([*arguments, "--json"])
    assert found == code, said.getvalue()
    return json.loads(said.getvalue())


def turn_on(province: Province) -> str:
    """Make the unit's SM2 key and let its checkpoints be signed with it; what it hands over."""
    key = province.node(NAME, "sm2-key")["key"]
    assert isinstance(key, str)
    push_house.configure(province.home(NAME), sm2="true")
    return key


def publish(province: Province, *ids: str) -> Node:
    node = open_node(province.home(NAME))
    homes.put(node, [homes.instrument(id) for id in ids])
    # A clock of its own spares the ten seconds between two publishes.
    homes.publish_all(node, homes.Clock(int(time.time())))
    return node


def pushed(province: Province) -> dict[str, Pushed]:
    """Push what the unit has signed; what came of it by log."""
    done = asyncio.run(push_hubs(open_node(province.home(NAME)), now))
    return {each.log: each for each in done}


def flip(note: bytes, name: str) -> bytes:
    """The note with one bit of the signature by this name turned over."""
    (line,) = (each for each in parse_note(note).signatures if each.name == name)
    bad = NoteSignature(name, line.key_id, line.blob[:-1] + bytes([line.blob[-1] ^ 1]))
    return note.replace(line.line.encode(), bad.line.encode())


def check_renewal(province: Province, old: str) -> str:
    """The key is renewed while everybody serves, and at no time does a head lack a line."""
    new: str = province.node(NAME, "sm2-key", "--renew")["key"]
    publish(province, "B-1")
    assert province.sync()[CATALOGUE]["code"] == ""
    province.hub("enrol-sm2", UNIT, "--key", new, "--required")
    assert province.sync()[CATALOGUE]["code"] == ""
    province.node(NAME, "sm2-key", "--retire")
    publish(province, "B-2")
    report = province.sync()[CATALOGUE]
    assert (report["code"], report["cosigned"]) == ("", report["size"])
    url, by = f"{province.url(NAME)}/catalogue", province.node(NAME, "fingerprint")["fingerprint"]
    verify = ("verify", url, "--fingerprint", by, "--quiet")
    assert fenhe(*verify, "--sm2", new)["sm2"]
    assert fenhe(*verify, "--sm2", old, code=3)["error"]["code"] == "sm2.unsigned"
    return new


def check_proofs(province: Province, key: str) -> None:
    """A record proves by the unit's SM2 key as well, and not by another's."""
    record = ("prove", province.url("hub"), f"{homes.UNIT}/instrument/A-1")
    assert fenhe(*record, "--sm2", key)["sm2"] and "sm2" not in fenhe(*record)
    other = second_key("u2.example/fenhe", sm2.public_of(sm2.SECRET)).text
    assert fenhe(*record, "--sm2", other, code=3)["error"]["code"] == "sm2.unsigned"
    assert fenhe(*record, "--sm2", other, "--sm2", key)["sm2"]


def test_a_second_line_goes_all_the_way_and_a_bad_one_stops_at_who_knows_the_key(
    province: Province,
) -> None:
    province.found_node(NAME, "示例大学", homes.UNIT)
    publish(province, "A-1")
    key = turn_on(province)
    for name in ("hub", NAME):
        province.serve(name)
    province.enrol(NAME)
    told = province.hub("enrol-sm2", UNIT, "--key", key, "--required")
    assert (told["keys"], told["required"]) == ([key], True)
    assert told["fingerprints"] == [province.node(NAME, "sm2-key")["fingerprint"]]
    # The head signed before is given its line as soon as the node writes again.
    node = publish(province, "A-2")
    report = province.sync()[CATALOGUE]
    assert (report["code"], report["cosigned"]) == ("", report["size"])
    assert province.standing()[CATALOGUE]["sm2"] == "signed"
    url, log = f"{province.url(NAME)}/catalogue", node.root.verifier_keys[f"{UNIT}/catalogue"]
    mirror = f"{province.url('hub')}/m/{origin_hash(f'{UNIT}/catalogue')}"
    for place in (url, mirror):
        assert fenhe("verify", place, "--key", log, "--sm2", key, "--quiet")["sm2"]
        assert "sm2" not in fenhe("verify", place, "--key", log, "--quiet")
    check_proofs(province, key)
    asked = f"/api/v1/verify?origin={UNIT}/catalogue&index=0"
    steps = {step["name"]: step for step in json.loads(province.fetch(asked))["steps"]}
    assert steps["checkpoint"]["detail"]["sm2"] == f"{UNIT}/sm2"

    key = check_renewal(province, key)
    node = publish(province, "A-3")
    file = log_files(node.home, "catalogue").locate(CHECKPOINT)
    good = file.read_bytes()
    file.write_bytes(flip(good, f"{UNIT}/sm2"))
    report = province.sync()[CATALOGUE]
    assert (report["outcome"], report["code"]) == ("refuse", "note.signature")
    refused = fenhe("verify", url, "--key", log, "--sm2", key, "--quiet", code=3)
    assert refused["error"]["where"] == f"{UNIT}/sm2"
    assert fenhe("verify", url, "--key", log, "--quiet")["size"] == report["size"] + 1


def check_hubs_line(province: Province, own: str, key: str) -> None:
    """The hub's own log carries the hub's second line, which verify, follow and trust ask for."""
    fed = f"{province.url('hub')}/fed"
    by = ("--fingerprint", province.fingerprint, "--quiet")
    assert fenhe("verify", fed, *by, "--sm2", own)["sm2"]
    assert fenhe("verify", fed, *by, "--sm2", key, code=3)["error"]["code"] == "sm2.unsigned"
    province.sync()  # it says what was pushed
    cursor, hub = str(province.folder / "cursor"), province.url("hub")
    given = ("follow", hub, "--cursor", cursor, "--once")
    assert follow(*given, *by[:2], "--sm2", own, "--sm2", key) == (0, ["A-1"])
    other = second_key("hub.example/fenhe", sm2.public_of(sm2.SECRET)).text
    stranger = second_key("u9.example/fenhe", sm2.public_of(sm2.SECRET)).text
    for wrong in (other, stranger):
        assert follow(*given, "--sm2", wrong) == (3, [])
        # What was enrolled stays so until it is taken back.
        assert follow(*given) == (3, [])
    assert follow(*given, "--no-sm2") == follow(*given) == (0, [])
    trust = (NAME, "trust", hub, "--fingerprint", province.fingerprint)
    assert province.node(*trust, "--sm2", own)["sm2"] == [own]
    for wrong, code in ((other, "sm2.unsigned"), (key, "sm2.name"), ("no key", "key.form")):
        refused = province.node(*trust, "--sm2", wrong, allowed=(1, 2, 3))
        assert refused["error"]["code"] == code
    assert province.node(*trust)["sm2"] == [own]


def follow(*arguments: str) -> tuple[int, list[str]]:
    """Follow as a program of its own; its exit code and the ids that it told."""
    done = forked.run("fenhe", *arguments)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [each["id"] for each in told if each.get("kind") == "instrument"]


def test_a_unit_that_only_pushes_is_told_what_its_heads_lack(province: Province) -> None:
    push_house.configure(province.home("hub"), sm2="true")
    own = province.hub("sm2-key")["key"]
    province.serve("hub")
    push_house.found_pusher(province)
    key = province.node(NAME, "sm2-key")["key"]
    province.hub("enrol-sm2", UNIT, "--key", key, "--required")
    push_house.sign(open_node(province.home(NAME)), [homes.instrument("A-1")], minutes_ago=5)
    error = pushed(province)["catalogue"].error
    assert error is not None and "sm2.unsigned" in str(error), error
    turn_on(province)
    # The head that was signed without it is given its line, and is taken.
    homes.publish_all(open_node(province.home(NAME)), homes.Clock(int(time.time())))
    done = pushed(province)["catalogue"]
    assert done.error is None and done.receipt
    assert province.standing()[CATALOGUE]["sm2"] == "signed"
    # The receipt proves offline by all three keys.
    out = str(province.folder / "A-1.tlog-proof")
    receipt = province.node(NAME, "receipt", "A-1", "--out", out)
    command = ("verify-proof", out, "--key", receipt["key"], "--sm2", key)
    checked = fenhe(*command, "--cosigner", receipt["receipts"][0]["key"])
    assert checked["sm2"] and checked["cosigned"]
    check_hubs_line(province, own, key)
