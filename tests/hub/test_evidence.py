from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.strict_json import loads
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.mouth import API, Client, ask, fetch, refuse, serving
from tests.hub.sample_records import COMPANY, UNIVERSITY

LOG = "u1.example/fenhe/catalogue"


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    return build_hub(tmp_path_factory.mktemp("hub"))


@pytest.fixture
async def client(made: MadeHub) -> AsyncIterator[Client]:
    async with serving(made.reading) as client:
        yield client


async def proof(client: Client, index: int, origin: str = LOG) -> bytes:
    answer, body = await fetch(client, f"{API}/proof", origin=origin, index=index)
    assert answer.status == 200
    assert answer.content_type == "text/plain"
    assert answer.headers["Fenhe-Source-State"] == "ok"
    return body


@pytest.mark.parametrize("index", [0, 2, 44, 45])
async def test_a_proof_verifies_against_keys_alone(
    client: Client, made: MadeHub, index: int
) -> None:
    raw = await proof(client, index)
    keys = (KeyRange(made.units[0].key.public),)
    proven = verify_proof(raw, origin=LOG, keys=keys, cosigners=[made.reading.cosigner])
    assert proven.index == index
    assert proven.cosignatures[0].name == "hub.example/fenhe/m"
    assert set(proven.bodies) == ({"pub"} if index < 45 else set())


async def test_a_proof_discloses_the_public_body_and_no_other(
    client: Client, made: MadeHub
) -> None:
    keys = (KeyRange(made.units[0].key.public),)
    proven = verify_proof(await proof(client, 2), origin=LOG, keys=keys)
    assert loads(proven.bodies["pub"])["id"] == "A-1001"
    held_only = verify_proof(await proof(client, 45), origin=LOG, keys=keys)
    assert held_only.bodies == {}


async def test_a_refused_body_is_in_no_proof(client: Client, made: MadeHub) -> None:
    db = made.db
    db.execute("DELETE FROM body WHERE idx = 4 AND tier = 0")
    db.close()
    keys = (KeyRange(made.units[0].key.public),)
    assert verify_proof(await proof(client, 4), origin=LOG, keys=keys).bodies == {}


@pytest.mark.parametrize(
    ("origin", "index"),
    [("u1.example/fenhe/usage", 0), (LOG, 47), ("nobody.example/x", 0), (LOG, 2**53 - 1)],
)
@pytest.mark.parametrize("path", ["/proof", "/verify"])
async def test_there_is_no_proof_of_what_is_not_public(
    client: Client, path: str, origin: str, index: int
) -> None:
    status, problem = await refuse(client, path, origin=origin, index=index)
    assert (status, problem["code"]) == (404, "api.not-found")


async def test_without_a_receipt_there_is_no_proof_yet(client: Client, made: MadeHub) -> None:
    for note in (made.units[0].folder / "notes").iterdir():
        note.unlink()
    status, problem = await refuse(client, "/proof", origin=LOG, index=2)
    assert (status, problem["code"]) == (404, "api.not-cosigned")
    told = await ask(client, "/verify", origin=LOG, index=2)
    assert not told["ok"]
    assert told["steps"][-1]["name"] == "checkpoint"


async def test_verification_says_every_step(client: Client) -> None:
    told = await ask(client, "/verify", origin=LOG, index=2)
    assert told["ok"]
    assert [step["name"] for step in told["steps"]] == [
        *("root", "checkpoint", "cosignature", "entry", "inclusion", "commitment", "record"),
    ]
    assert told["steps"][-1]["detail"] == {"unit": UNIVERSITY, "kind": "instrument", "id": "A-1001"}
    heartbeat = await ask(client, "/verify", origin=LOG, index=46)
    assert heartbeat["ok"]
    assert heartbeat["steps"][-1]["name"] == "inclusion"


def flip(file: Path, word: bytes) -> None:
    raw = file.read_bytes()
    at = raw.index(word)
    file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])


@pytest.mark.parametrize(
    ("path", "word", "step"),
    [
        ("public/body/pub/000", "示例仪器公司".encode(), "commitment"),
        ("public/tile/entries/000.p/47", b'"k":"r"', "entry"),
        ("public/tile/0/000.p/47", b"", "inclusion"),
        ("notes", b"catalogue", "checkpoint"),
    ],
)
async def test_a_byte_changed_in_the_mirror_is_seen_at_once(
    client: Client, made: MadeHub, path: str, word: bytes, step: str
) -> None:
    file = made.units[0].folder / path
    if file.is_dir():
        file = max(file.iterdir(), key=lambda each: int(each.name.partition("-")[0]))
    flip(file, word)
    told: list[Any] = [await ask(client, "/verify", origin=LOG, index=i) for i in (0, 2, 3, 4)]
    failed = [each["steps"][-1] for each in told if not each["ok"]]
    assert failed
    assert {each["name"] for each in failed} == {step}
    assert all(each["problem"] for each in failed)


async def test_another_unit_s_keys_are_not_believed(client: Client, made: MadeHub) -> None:
    db = made.db
    db.execute("UPDATE unit SET root1 = ? WHERE unit_no = 1", ("0" * 64,))
    db.close()
    told = await ask(client, "/verify", origin=LOG, index=2)
    assert [step["ok"] for step in told["steps"]] == [False]
    assert "root.fingerprint" in told["steps"][0]["problem"]


async def test_places_of_records_are_listed_and_found(client: Client) -> None:
    page = await ask(client, "/records", unit=UNIVERSITY, kind="instrument", id="A-1004")
    (place,) = page["items"]
    assert (place["origin"], place["index"], place["pub_idx"]) == (LOG, 42, 42)
    assert place["received_at"] == "2026-11-23T08:51:05+08:00"
    ids, cursor = [], ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        page = await ask(client, "/records", unit=UNIVERSITY, limit=10, **query)
        ids += [(item["kind"], item["id"]) for item in page["items"]]
        cursor = page["next"]
    assert len(ids) == len(set(ids)) == 43
    assert ("instrument", "H-1") not in ids
    status, _ = await refuse(client, "/records", unit=COMPANY, kind="instrument", id="A-1004")
    assert status == 404
