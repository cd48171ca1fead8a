"""Receipts: which cosignature counts, and as which date."""

import pytest

from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    OpenedCheckpoint,
    cosign,
    open_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.note import NoteSignature, append_signature
from fenhe_protocol.receipt import Receipt, counted_witness_times, earliest_receipt
from tests.vectors import Case, as_bytes, load_cases


@pytest.mark.parametrize("case", load_cases("receipts"))
def test_receipt_vector(case: Case) -> None:
    keys = [VerifierKey.parse(key["vkey"]) for key in case.input["keys"]]
    origin = case.input["origin"]
    notes = [
        open_checkpoint(
            as_bytes(note),
            origin=origin,
            keys=[KeyRange(key.public) for key in keys if key.name == origin],
            cosigners=[key for key in keys if key.kind == COSIGNATURE],
        )
        for note in case.input["notes"]
    ]
    dates = {each["id"]: each["first"] for each in case.input.get("rcp", [])}
    found = earliest_receipt(origin, case.input["index"], notes, dates)
    assert found == Receipt(case.expected["time"], case.expected["date"])


def mirrored(origin: str, size: int, now: int) -> OpenedCheckpoint:
    key = SigningKey.from_seed(bytes(range(32)))
    mirror = VerifierKey("hub.example/m", COSIGNATURE, key.public)
    raw = sign_checkpoint(Checkpoint(origin, size, bytes(32)), key)
    raw = cosign(raw, name=mirror.name, key=key, now=now)
    return open_checkpoint(raw, origin=origin, keys=[KeyRange(key.public)], cosigners=[mirror])


def test_the_head_of_another_log_is_no_receipt() -> None:
    other = mirrored("u2.example/a/catalogue", 9, 100)
    own = mirrored("u1.example/a/catalogue", 9, 200)
    assert earliest_receipt("u1.example/a/catalogue", 3, [other, own]).time == 200
    assert earliest_receipt("u1.example/a/catalogue", 3, [other]) == Receipt(None, None)


# 2026-11-26 is a Thursday: the third working day after it is Tuesday 2026-12-01.
THURSDAY = 1_795_651_200
DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [
        (60, True),
        (5 * DAY, True),
        (6 * DAY, False),
        (0, False),  # not before the mirror's own
        (-60, False),
    ],
)
def test_a_witness_counts_when_the_bodies_came_within_three_working_days(
    seconds: int, counts: bool
) -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    witness = VerifierKey("w.example/w", COSIGNATURE, key.public)
    raw = sign_checkpoint(Checkpoint("u1.example/a/catalogue", 9, bytes(32)), key)
    note = cosign(raw, name=witness.name, key=key, now=THURSDAY)
    found = counted_witness_times(note, [witness], completed=THURSDAY + seconds)
    assert found == ([THURSDAY] if counts else [])
    assert counted_witness_times(note, [], completed=THURSDAY + seconds) == []


def test_a_bad_line_of_a_witness_counts_for_nothing() -> None:
    key = SigningKey.from_seed(bytes(range(32)))
    witness = VerifierKey("w.example/w", COSIGNATURE, key.public)
    raw = sign_checkpoint(Checkpoint("u1.example/a/catalogue", 9, bytes(32)), key)
    good = cosign(raw, name=witness.name, key=key, now=THURSDAY)
    bad = append_signature(good, NoteSignature(witness.name, witness.key_id, bytes(72)))
    assert counted_witness_times(bad, [witness], completed=THURSDAY + 60) == []
