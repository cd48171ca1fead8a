"""Sealing: what is sealed opens with its key and its log alone, and nothing shows from outside."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import Refused
from fenhe_protocol.record import Record, Skip, judge_opened
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.seal import STEP, OpeningKey, open_body, parse_sealed, seal_body, seal_key_id
from fenhe_protocol.strict_json import dumps
from tests.vectors import Case, load_cases

USAGE = "u1.example/fenhe/usage"
UNIT = "12140000000000019W"
KEY = OpeningKey.from_seed(bytes(range(32)))
OTHER = OpeningKey.from_seed(bytes(range(32, 64)))
RECORD = {
    "unit": UNIT,
    "kind": "service_record",
    "id": "S-1",
    "applicant": "示例用户",
    "phone": "0351-0000000",
}


def reopened(body: bytes, origin: str = USAGE, *keys: OpeningKey) -> dict[str, Any]:
    return open_body(body, origin=origin, keys={key.id: key for key in keys or (KEY,)}).value


def refused(body: bytes, origin: str = USAGE, *keys: OpeningKey) -> Refused:
    with pytest.raises(Refused) as caught:
        reopened(body, origin, *keys)
    return caught.value


@pytest.mark.parametrize("case", load_cases("sealed"))
def test_sealed_vector(case: Case) -> None:
    key = OpeningKey.from_seed(bytes.fromhex(case.input["private"]))
    body, origin = case.input["body"].encode(), case.input["origin"]
    if case.expected["outcome"] == "OK":
        opened = open_body(body, origin=origin, keys={key.id: key})
        assert opened.plain == case.expected["plain"].encode()
    else:
        assert refused(body, origin, key).code.startswith("seal.")


@given(st.text(st.characters(codec="utf-8"), max_size=700))
def test_what_is_sealed_opens_to_the_same_object(text: str) -> None:
    record = RECORD | {"project_content": text}
    body = seal_body(record, origin=USAGE, public=KEY.public)
    assert reopened(body) == record
    assert (len(parse_sealed(body).sealed) - 32 - 16) % STEP == 0


def test_sealing_twice_gives_different_bytes_of_one_length() -> None:
    bodies = {seal_body(RECORD, origin=USAGE, public=KEY.public) for _ in range(20)}
    assert len(bodies) == 20
    assert len({len(body) for body in bodies}) == 1


def test_a_short_and_a_long_name_seal_to_one_length() -> None:
    lengths = {
        len(seal_body(RECORD | {"applicant": "示" * n}, origin=USAGE, public=KEY.public))
        for n in (1, 3, 9)
    }
    assert len(lengths) == 1


def test_another_key_another_log_and_a_turned_bit_do_not_open() -> None:
    body = seal_body(RECORD, origin=USAGE, public=KEY.public)
    assert refused(body, USAGE, OTHER).code == "seal.key"
    assert refused(body, "u1.example/fenhe/catalogue").code == "seal.open"
    sealed = bytearray(parse_sealed(body).sealed)
    for place in (32, len(sealed) - 1):
        turned = bytearray(sealed)
        turned[place] ^= 1
        assert refused(outer(bytes(turned))).code == "seal.open"


def outer(sealed: bytes, key: OpeningKey = KEY) -> bytes:
    return dumps({"key": key.id, "sealed": b64_encode(sealed)})


@pytest.mark.parametrize("weak", [bytes(32), b"\x01" + bytes(31)], ids=["zero", "one"])
def test_a_weak_key_is_refused_on_both_sides(weak: bytes) -> None:
    with pytest.raises(Refused, match=r"^key\.weak"):
        seal_body(RECORD, origin=USAGE, public=weak)
    sealed = parse_sealed(seal_body(RECORD, origin=USAGE, public=KEY.public)).sealed
    assert refused(outer(weak + sealed[32:])).code == "key.weak"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        dumps(RECORD),
        dumps({"key": KEY.id, "sealed": ""}),
        dumps({"key": KEY.id.upper(), "sealed": "A" * 64}),
        dumps({"key": KEY.id, "sealed": "A" * 64, "unit": UNIT}),
    ],
)
def test_another_form_is_refused_and_not_quoted(body: bytes) -> None:
    error = refused(body)
    assert error.code == "seal.form"
    assert "示例用户" not in str(error)


def sealed_by_hand(plain: bytes) -> bytes:
    """Seal bytes that `seal_body` would not."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    public = X25519PublicKey.from_public_bytes(KEY.public)
    return outer(suite.encrypt(plain, public, info=b"fenhe/v1/nat\n" + USAGE.encode()))


@pytest.mark.parametrize("plain", [dumps(RECORD), b"x" * STEP, b""], ids=["bare", "no json", "no"])
def test_what_is_wrong_inside_is_refused_and_not_quoted(plain: bytes) -> None:
    error = refused(sealed_by_hand(plain))
    assert error.code == "seal.form"
    assert "示例用户" not in str(error)


def test_a_private_key_does_not_show() -> None:
    assert KEY.id == seal_key_id(KEY.public)
    assert bytes(range(32)).hex() not in repr(KEY)
    assert "rivate" not in repr(KEY)


def judged(record: dict[str, Any], log: str = "usage", unit: str = UNIT) -> Record | Skip:
    opened = open_body(
        seal_body(record, origin=USAGE, public=KEY.public), origin=USAGE, keys={KEY.id: KEY}
    )
    return judge_opened(opened.value, opened.plain, log=log, unit=unit, schemas=SchemaSet.load())


def test_what_was_enclosed_is_judged_as_any_other_body() -> None:
    good = judged(RECORD)
    assert isinstance(good, Record)
    assert good.identity == (UNIT, "service_record", "S-1")
    for wrong, code in (
        (judged(RECORD | {"samples": 3}), "schema"),  # of another tier
        (judged(RECORD, log="catalogue"), "log"),
        (judged(RECORD, unit="91350100M000100Y43"), "unit"),
    ):
        assert isinstance(wrong, Skip)
        assert wrong.code == code
