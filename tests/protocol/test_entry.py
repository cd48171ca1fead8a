from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.body import SALT_BYTES, commitment, encode_salt
from fenhe_protocol.entry import Entry, plain_entry, record_entries, record_entry
from fenhe_protocol.leaf import HeartbeatLeaf, RecordLeaf, encode_leaf

ORIGIN = "u1.example/fenhe/catalogue"
BODIES = {
    "pub": (
        '{"id":"A-1001","kind":"instrument","name_zh":"核磁共振波谱仪","unit":"12140000000000019W"}'
    ),
    "hub": '{"id":"A-1001","kind":"instrument","unit":"12140000000000019W","value_yuan":3200000}',
}
SALTS = {"pub": bytes(range(16)), "hub": bytes(range(16, 32))}


def test_the_record_of_the_worked_example() -> None:
    entry = record_entry(ORIGIN, {t: body.encode() for t, body in BODIES.items()}, SALTS)
    assert entry.leaf == (
        b'{"c":{"hub":"vKR2OBcvNy4CG4hzSNqpLzFFR2ho1ECE5pxiff-ZYGs",'
        b'"pub":"abaQQZIsKDnky9qRmippr1cqwKdZinUAOwSfqBaoTOc"},"k":"r","v":1}'
    )
    assert entry.bodies["pub"] == ("AAECAwQFBgcICQoLDA0ODw", BODIES["pub"].encode())


def test_a_heartbeat_has_no_bodies() -> None:
    entry = plain_entry(HeartbeatLeaf(1795392000))
    assert entry.leaf == b'{"k":"h","t":"2026-11-23T08:00:00+08:00","v":1}'
    assert entry.bodies == {}


@pytest.mark.parametrize("salts", [{"pub": bytes(15), "hub": bytes(16)}, {"pub": bytes(16)}])
def test_every_tier_needs_a_salt_of_16_bytes(salts: dict[str, bytes]) -> None:
    with pytest.raises((KeyError, ValueError)):
        record_entry(ORIGIN, {t: body.encode() for t, body in BODIES.items()}, salts)


RECORD = st.dictionaries(st.sampled_from(["pub", "hub", "nat"]), st.binary(max_size=9), min_size=1)
ALIKE = st.lists(st.fixed_dictionaries({"pub": st.binary(max_size=9), "hub": st.binary()}))


@given(st.lists(RECORD) | ALIKE, st.randoms(use_true_random=False))
def test_many_records_are_each_what_the_definition_says(
    records: list[dict[str, bytes]], dice: Random
) -> None:
    own = [{tier: dice.randbytes(SALT_BYTES) for tier in bodies} for bodies in records]
    salts = [each[tier] for each in own for tier in sorted(each)]
    made = record_entries(ORIGIN, records, salts)
    assert list(made) == [by_definition(*pair) for pair in zip(records, own, strict=True)]
    assert list(made[1:3]) == list(made)[1:3]


def by_definition(bodies: dict[str, bytes], salts: dict[str, bytes]) -> Entry:
    """One record, word by word as it is defined."""
    hashes = {tier: commitment(ORIGIN, tier, salts[tier], body) for tier, body in bodies.items()}
    salted = {tier: (encode_salt(salts[tier]), body) for tier, body in bodies.items()}
    return Entry(encode_leaf(RecordLeaf(hashes)), salted)


def test_a_record_without_a_body_is_none() -> None:
    with pytest.raises(ValueError, match="body"):
        record_entry(ORIGIN, {}, {})


@pytest.mark.parametrize("salts", [[bytes(16)], [bytes(16)] * 3, [bytes(16), bytes(17)]])
def test_many_records_need_a_salt_for_each_body(salts: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"salt|zip"):
        record_entries(ORIGIN, [{"pub": b"{}"}, {"hub": b"{}"}], salts)
