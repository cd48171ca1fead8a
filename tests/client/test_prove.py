"""One record proven through a hub that may lie."""

from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.reading.prove import Proven, Trust, parse_record, prove_record
from fenhe_client.writing.feed_writer import new_record
from fenhe_protocol.errors import InputError, PublisherError
from fenhe_protocol.fed import Place
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.proof import compose_proof, parse_proof
from fenhe_protocol.record import Identity
from fenhe_protocol.root_document import cosigner_name
from tests.client.hub_house import HUB, MIRROR_KEY, HubHouse
from tests.client.unit_log import CATALOGUE, KEY, USCC, instrument

RECORD = f"{USCC}/instrument/A-7"
KEYS = Trust(
    log_key=VerifierKey(CATALOGUE, ED25519, KEY.public),
    cosigner=VerifierKey(cosigner_name(HUB), COSIGNATURE, MIRROR_KEY.public),
)


@pytest.fixture
def hub(tmp_path: Path) -> HubHouse:
    house = HubHouse(tmp_path)
    house.publish([instrument(n) for n in range(300)])
    house.answer(RECORD, 7)
    return house


async def proven(hub: HubHouse, record: str = RECORD, trust: Trust = KEYS) -> Proven:
    return await prove_record(hub.open(""), parse_record(record), trust)


async def code_of(hub: HubHouse, record: str = RECORD, trust: Trust = KEYS) -> str:
    with pytest.raises((PublisherError, InputError)) as caught:
        await proven(hub, record, trust)
    return caught.value.code


async def test_a_record_is_proven_against_two_keys(hub: HubHouse) -> None:
    facts = (await proven(hub)).members()
    assert (facts["origin"], facts["index"], facts["size"]) == (CATALOGUE, 7, 300)
    assert facts["bodies"]["pub"]["id"] == "A-7"
    assert facts["cosigned"] == [{"name": cosigner_name(HUB), "time": "2026-11-23T08:01:05+08:00"}]
    assert facts["to_compare"] == {}


async def test_a_leaf_is_proven_by_its_place(hub: HubHouse) -> None:
    assert (await proven(hub, f"{CATALOGUE}#7")).record.index == 7


async def test_keys_from_the_network_are_to_be_compared(hub: HubHouse) -> None:
    found = await proven(hub, trust=Trust())
    assert found.to_compare == {
        "u1.example/fenhe": hub.unit_fingerprint,
        "hub": hub.fingerprint,
    }


async def test_fingerprints_that_were_compared_leave_nothing_to_compare(hub: HubHouse) -> None:
    trust = Trust(hub_fingerprint=hub.fingerprint, unit_fingerprint=hub.unit_fingerprint)
    assert (await proven(hub, trust=trust)).to_compare == {}


async def test_another_fingerprint_is_refused(hub: HubHouse) -> None:
    trust = Trust(hub_fingerprint=hub.fingerprint, unit_fingerprint="0" * 64)
    assert await code_of(hub, trust=trust) == "root.fingerprint"


async def test_another_log_key_is_refused(hub: HubHouse) -> None:
    other = SigningKey.from_seed(b"other".ljust(32)).public
    trust = Trust(log_key=VerifierKey(CATALOGUE, ED25519, other), cosigner=KEYS.cosigner)
    assert await code_of(hub, trust=trust) == "checkpoint.unsigned"


async def test_the_proof_of_another_record_is_refused(hub: HubHouse) -> None:
    hub.answer(RECORD, 8)
    assert await code_of(hub) == "prove.other"


async def test_the_proof_of_another_index_is_refused(hub: HubHouse) -> None:
    asked = next(path for path in hub.files if path.startswith("api/v1/proof"))
    hub.files[asked] = hub.prove(9)
    assert await code_of(hub) == "prove.other"


async def test_a_record_the_hub_does_not_have_is_told(hub: HubHouse) -> None:
    assert await code_of(hub, f"{USCC}/instrument/A-9999") == "prove.unknown"


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"no json", b'{"items":[]}', b'{"origin":1}'])
async def test_an_answer_that_is_none_is_refused(raw: bytes, hub: HubHouse) -> None:
    asked = next(path for path in hub.files if path.startswith("api/v1/records"))
    hub.files[asked] = raw
    assert await code_of(hub) == "prove.answer"


async def test_a_flipped_bit_of_the_proof_never_proves_anything_else(hub: HubHouse) -> None:
    asked = next(path for path in hub.files if path.startswith("api/v1/proof"))
    whole, good = hub.files[asked], (await proven(hub)).record
    for bit in range(0, 8 * len(whole), 23):
        raw = bytearray(whole)
        raw[bit // 8] ^= 1 << bit % 8
        hub.files[asked] = bytes(raw)
        try:
            found = (await proven(hub)).record
        except PublisherError:
            continue
        # A line by a cosigner whose name is no longer known proves nothing and harms nothing.
        assert found == replace(good, cosignatures=())


def test_records_are_named_by_identity_or_by_place() -> None:
    assert parse_record(f"{USCC}/instrument/A/7") == Identity(USCC, "instrument", "A/7")
    assert parse_record(f"{CATALOGUE}#7") == Place(CATALOGUE, 7)


@pytest.mark.parametrize("text", ["", "x", f"{USCC}/instrument", f"{USCC}/instrument/", "/a/b"])
def test_other_names_of_records_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_record(text)


async def test_a_proof_that_shows_nothing_of_the_record_is_no_proof_of_it(hub: HubHouse) -> None:
    """Of a leaf alone nobody sees whose it is, so a hub could name any other of the unit."""
    hub.answer(RECORD, 8)
    asked = next(path for path in hub.files if path.endswith("index=8"))
    bare = parse_proof(hub.files[asked])
    hub.files[asked] = compose_proof(bare.index, bare.siblings, bare.leaf, {}, bare.note)
    assert await code_of(hub) == "prove.other"
    assert (await proven(hub, f"{CATALOGUE}#8")).record.bodies == {}


async def test_a_body_that_is_no_json_is_shown_as_it_is_and_names_nobody(hub: HubHouse) -> None:
    hub.publish([new_record(CATALOGUE, {"pub": b"no json"})])
    hub.answer(RECORD, 300)
    assert await code_of(hub) == "prove.other"
    assert (await proven(hub, f"{CATALOGUE}#300")).members()["bodies"] == {"pub": "no json"}
