"""Checkpoints: vectors, round trips, and that no changed bit is admitted."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import (
    Checkpoint,
    Cosignature,
    KeyRange,
    OpenedCheckpoint,
    cosign,
    open_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.note import sign_note
from tests.vectors import Case, as_bytes, load_cases

NOW = 1795392065
ORIGIN = "u1.example/fenhe/catalogue"
KEY = SigningKey.from_seed(bytes(range(32)))
MIRROR_KEY = SigningKey.from_seed(bytes(range(0x40, 0x60)))
MIRROR = VerifierKey("hub.example/fenhe/m", COSIGNATURE, MIRROR_KEY.public)
HEAD = Checkpoint(ORIGIN, 2, bytes(range(32)))


def opened(raw: bytes, cosigners: tuple[VerifierKey, ...] = (MIRROR,)) -> OpenedCheckpoint:
    return open_checkpoint(raw, origin=ORIGIN, keys=[KeyRange(KEY.public)], cosigners=cosigners)


def mirrored(head: Checkpoint = HEAD, now: int = NOW) -> bytes:
    return cosign(sign_checkpoint(head, KEY), name=MIRROR.name, key=MIRROR_KEY, now=now)


@pytest.mark.parametrize("case", load_cases("checkpoints"))
def test_checkpoint_vector(case: Case) -> None:
    listed = [(VerifierKey.parse(key["vkey"]), key) for key in case.input["keys"]]
    raw, origin = as_bytes(case.input["note"]), case.input["origin"]
    keys = [
        KeyRange(key.public, listing.get("from", 0), listing.get("to"))
        for key, listing in listed
        if key.kind != COSIGNATURE
    ]
    cosigners = [key for key, _ in listed if key.kind == COSIGNATURE]
    if case.expected["outcome"] == "REFUSE":
        with pytest.raises(Refused, match=r"^(checkpoint|note)\."):
            open_checkpoint(raw, origin=origin, keys=keys, cosigners=cosigners)
    else:
        found = open_checkpoint(raw, origin=origin, keys=keys, cosigners=cosigners)
        assert found.checkpoint.size == case.expected["size"]
        assert found.checkpoint.root == base64.b64decode(case.expected["root"])
        assert {each.name: each.time for each in found.cosignatures} == case.expected.get(
            "cosigned", {}
        )


@given(st.integers(1, 2**53 - 1), st.binary(min_size=32, max_size=32), st.integers(0, 2**37))
def test_a_head_is_read_back(size: int, root: bytes, now: int) -> None:
    head = Checkpoint(ORIGIN, size, root)
    found = opened(mirrored(head, now))
    assert found.checkpoint == head
    assert found.cosignatures == (Cosignature(MIRROR.name, now),)


def flips(raw: bytes) -> list[bytes]:
    return [
        raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :]
        for at in range(len(raw))
        for bit in range(8)
    ]


def admitted(raws: list[bytes], cosigners: tuple[VerifierKey, ...]) -> list[bytes]:
    def is_admitted(raw: bytes) -> bool:
        try:
            opened(raw, cosigners)
        except Refused:
            return False
        return True

    return [raw for raw in raws if is_admitted(raw)]


def test_no_flipped_bit_of_a_signed_head_is_admitted() -> None:
    assert admitted(flips(sign_checkpoint(HEAD, KEY)), ()) == []


def test_a_flipped_bit_can_only_make_a_known_line_an_unknown_one() -> None:
    # The name and the key ID of a line say whose it is; nothing else of it may be changed.
    changed = admitted(flips(mirrored()), (MIRROR,))
    assert changed
    for raw in changed:
        assert opened(raw).checkpoint == HEAD
        assert opened(raw).note.text == HEAD.text()
        assert opened(raw).cosignatures == ()


@given(st.data())
def test_a_flipped_bit_leaves_a_refused_note_or_an_equal_head(data: st.DataObject) -> None:
    head = Checkpoint(
        ORIGIN, data.draw(st.integers(1, 10**6)), data.draw(st.binary(min_size=32, max_size=32))
    )
    unknown = sign_note(head.text(), [(ORIGIN, KEY), ("w.example/w", MIRROR_KEY)])
    raw = data.draw(st.sampled_from(flips(unknown)))
    for changed in admitted([raw], ()):
        found = opened(changed, ())
        assert (found.checkpoint, found.note.text) == (head, head.text())
        assert changed.splitlines()[:-1] == unknown.splitlines()[:-1]


def test_a_repeated_cosignature_counts_once() -> None:
    raw = mirrored()
    line = raw.splitlines(keepends=True)[-1]
    assert opened(raw + line).cosignatures == (Cosignature(MIRROR.name, NOW),)


def test_every_cosignature_of_another_time_counts() -> None:
    raw = cosign(mirrored(), name=MIRROR.name, key=MIRROR_KEY, now=NOW + 60)
    assert [each.time for each in opened(raw).cosignatures] == [NOW, NOW + 60]


@pytest.mark.parametrize("now", [253_402_300_800, 2**64 - 1])
def test_a_cosignature_at_a_time_without_a_date_is_refused(now: int) -> None:
    with pytest.raises(Refused, match=re.escape("note.signature")):
        opened(mirrored(now=now))
