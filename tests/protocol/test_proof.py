import json
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.body import BodyLine, commitment, encode_salt
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.encoding import b64u_encode
from fenhe_protocol.entry import Entry, plain_entry, record_entry
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import (
    CompactRange,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    perfect_root,
)
from fenhe_protocol.proof import compose_proof, parse_proof, verify_proof
from tests.protocol.memory_visit import key_ranges
from tests.vectors import Case, as_bytes, load_cases

ORIGIN = "u1.example/fenhe/catalogue"
LOG_KEY = SigningKey.from_seed(bytes(range(32)))
MIRROR_KEY = SigningKey.from_seed(bytes(range(64, 96)))
MIRROR = VerifierKey("hub.example/fenhe/m", COSIGNATURE, MIRROR_KEY.public)
BODIES = {"pub": b'{"id":"A-1"}', "hub": b'{"id":"A-1","value_yuan":5}'}


def entry(number: int) -> Entry:
    salts = {tier: bytes([number]) * 16 for tier in BODIES}
    return record_entry(ORIGIN, BODIES, salts)


ENTRIES = [*(entry(number) for number in range(6)), plain_entry(HeartbeatLeaf(1795392065))]


def proof_of(index: int, tiers: tuple[str, ...] = ()) -> bytes:
    hashes = leaf_hashes(each.leaf for each in ENTRIES)
    known = CompactRange()
    known.extend(hashes)
    note = sign_checkpoint(Checkpoint(ORIGIN, known.size, known.root()), LOG_KEY)
    note = cosign(note, name=MIRROR.name, key=MIRROR_KEY, now=1795392065)

    def read(level: int, at: int) -> bytes:
        return perfect_root(hashes[at << level : (at + 1) << level])

    path = inclusion_proof(index, known.size, read)
    lines = {tier: BodyLine(index, *ENTRIES[index].bodies[tier]) for tier in tiers}
    return compose_proof(index, path, ENTRIES[index].leaf, lines, note)


@pytest.mark.parametrize("case", load_cases("proofs"))
def test_proof_vectors(case: Case) -> None:
    given_ = case.input
    vkeys = [VerifierKey.parse(key["vkey"]) for key in given_["keys"]]
    cosigners = [vkey for vkey in vkeys if vkey.kind == COSIGNATURE]
    keys = key_ranges(given_["keys"])
    raw = as_bytes(given_["proof"])
    if case.expected["outcome"] == "REFUSE":
        with pytest.raises(Refused):
            verify_proof(raw, origin=given_["origin"], keys=keys, cosigners=cosigners)
        return
    proven = verify_proof(raw, origin=given_["origin"], keys=keys, cosigners=cosigners)
    assert case.expected == {
        "outcome": "OK",
        "index": proven.index,
        "size": proven.checkpoint.size,
        "tiers": sorted(proven.bodies),
        "cosigned": {each.name: each.time for each in proven.cosignatures},
    }
    proof = parse_proof(raw)
    again = compose_proof(proof.index, proof.siblings, proof.leaf, proof.disclosed, proof.note)
    assert again == raw


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_every_leaf_is_proven_with_what_is_disclosed_of_it(index: int) -> None:
    tiers = ("pub",) if ENTRIES[index].bodies else ()
    proven = verify_proof(
        proof_of(index, tiers), origin=ORIGIN, keys=[KeyRange(LOG_KEY.public)], cosigners=[MIRROR]
    )
    assert proven.bodies == {tier: BODIES[tier] for tier in tiers}
    assert [each.name for each in proven.cosignatures] == [MIRROR.name]


@given(st.data())
def test_no_proof_with_one_changed_byte_proves_anything_else(data: st.DataObject) -> None:
    raw = bytearray(proof_of(2, ("pub", "hub")))
    note_at = raw.index(b"\n\n") + 2
    end = raw.index(b"\n\n", note_at) + 1  # a changed cosignature line may be an unknown one
    raw[data.draw(st.integers(0, end - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Refused):
        verify_proof(bytes(raw), origin=ORIGIN, keys=[KeyRange(LOG_KEY.public)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"extra ", b"extras "),
        (b"index 2", b"index +2"),
        (b"index 2\n", b""),
        (b"\n\nu1", b"\nu1"),
        (b"v1\n", b"v1\r\n"),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(Refused) as caught:
        parse_proof(proof_of(2).replace(old, new, 1))
    assert caught.value.code == "proof.form"


def test_a_tier_cannot_be_disclosed_twice() -> None:
    good = parse_proof(proof_of(2, ("pub",)))
    line = b"pub %b %b\n" % (good.disclosed["pub"].salt.encode(), good.disclosed["pub"].body)
    twice = compose_proof(2, good.siblings, good.leaf, good.disclosed, good.note)
    with pytest.raises(Refused):
        parse_proof(doubled(twice, line))


def doubled(raw: bytes, line: bytes) -> bytes:
    lines = raw.split(b"\n")
    extra = b64decode(lines[1].removeprefix(b"extra "))
    lines[1] = b"extra " + b64encode(extra + line)
    return b"\n".join(lines)


@pytest.mark.parametrize("body", [b"{\n}", b"\n"])
def test_a_body_with_a_newline_is_not_written_into_a_proof(body: bytes) -> None:
    line = BodyLine(0, encode_salt(bytes(16)), body)
    with pytest.raises(ValueError, match="newline"):
        compose_proof(0, [], b"{}", {"pub": line}, b"")


def test_a_leaf_that_is_written_on_several_lines_is_proven() -> None:
    salt, body = bytes(16), BODIES["pub"]
    spread = json.dumps(
        {"v": 1, "k": "r", "c": {"pub": b64u_encode(commitment(ORIGIN, "pub", salt, body))}},
        indent="\t",
    ).encode()
    head = Checkpoint(ORIGIN, 1, leaf_hash(spread))
    line = BodyLine(0, encode_salt(salt), body)
    raw = compose_proof(0, [], spread, {"pub": line}, sign_checkpoint(head, LOG_KEY))
    proven = verify_proof(raw, origin=ORIGIN, keys=[KeyRange(LOG_KEY.public)])
    assert proven.bodies == {"pub": body}


def test_what_looks_like_disclosed_lines_but_stands_in_no_leaf_is_not_written() -> None:
    line = b"pub %b {}" % encode_salt(bytes(16)).encode()
    with pytest.raises(ValueError, match="no leaf"):
        compose_proof(0, [], b"{}\n" + line, {}, b"")


def test_too_long_a_proof_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused) as caught:
        parse_proof(b"c2sp.org/tlog-proof@v1\nextra " + b"A" * 3_000_000)
    assert caught.value.code == "proof.form"
