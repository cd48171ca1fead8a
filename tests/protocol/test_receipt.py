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
from fenhe_protocol.receipt import Receipt, earliest_receipt
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
