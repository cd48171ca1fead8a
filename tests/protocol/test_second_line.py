"""Second lines: the form of their keys, and whom a bad one concerns."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    OpenedCheckpoint,
    open_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey, VerifierKey
from fenhe_protocol.note import NoteSignature, append_signature, parse_note
from fenhe_protocol.second_line import (
    IDENTIFIER,
    SecondLine,
    check_sm2,
    make_line,
    parse_second_key,
    public_of,
    second_fingerprint,
    second_key,
    with_second,
)
from tests import sm2

UNIT, ORIGIN = "u1.example/fenhe", "u1.example/fenhe/catalogue"
LOG_KEY = SigningKey.from_seed(bytes(range(32)))
HEAD = Checkpoint(ORIGIN, 2, bytes(range(32)))
NOTE = sign_checkpoint(HEAD, LOG_KEY)
SECRETS = (sm2.SECRET, bytes(range(2, 34)))
KEY, OTHER = (second_key(UNIT, sm2.public_of(secret)) for secret in SECRETS)
POINT = sm2.public_of(SECRETS[0])
SIGNATURE = sm2.sign(SECRETS[0], HEAD.text())
LINE = make_line(KEY, SIGNATURE)
SECONDED = append_signature(NOTE, LINE)


def asked(*keys: VerifierKey, required: bool = False) -> SecondLine:
    return SecondLine(keys, sm2.verify, required)


def opened(raw: bytes, second: SecondLine | None = None) -> OpenedCheckpoint:
    return open_checkpoint(raw, origin=ORIGIN, keys=[KeyRange(LOG_KEY.public)], second=second)


def refusal(raw: bytes, second: SecondLine | None) -> str:
    with pytest.raises(Refused) as caught:
        opened(raw, second)
    return caught.value.code


def test_the_arithmetic_by_hand_is_that_of_the_standards_example() -> None:
    known = sm2.sm2_vectors()
    assert (known["curve"], known["id"].encode()) == ("sm2p256v1", sm2.ID)
    secret, message = bytes.fromhex(known["priv"]), known["msg"].encode()
    signature = sm2.sign(secret, message, int(known["k"], 16))
    assert signature.hex().upper() == known["r"] + known["s"]
    assert sm2.verify(sm2.public_of(secret), signature, message)
    for case in known["sm3"]:
        assert sm2.sm3(bytes.fromhex(case["in"])).hex().upper() == case["out"]


def test_a_key_is_read_as_it_was_written_and_in_no_other_way() -> None:
    assert parse_second_key(KEY.text) == KEY
    assert public_of(KEY) == sm2.public_of(sm2.SECRET)
    name, key_id, typed = KEY.text.split("+", 2)
    raw = b64_decode(typed)
    assert (name, raw[:17]) == (f"{UNIT}/sm2", b"\xff" + IDENTIFIER)
    off_curve = raw[:-1] + bytes([raw[-1] ^ 1])
    for bad in (
        f"{UNIT}+{key_id}+{typed}",
        f"/sm2+{key_id}+{typed}",
        f"{name}+00000000+{typed}",
        f"{name}+{typed}",
        VerifierKey(f"{UNIT}/m", 0xFF, raw[1:]).text,
        VerifierKey(name, 0x01, raw[1:]).text,
        VerifierKey(name, 0xFF, b"fenhe/sm2-sm3/v2" + raw[17:]).text,
        VerifierKey(name, 0xFF, raw[17:]).text,
        VerifierKey(name, 0xFF, off_curve[1:]).text,
        VerifierKey(name, 0xFF, raw[1:] + b"\0").text,
    ):
        with pytest.raises(Refused, match=r"^key\.form"):
            parse_second_key(bad)


@given(st.binary(min_size=64, max_size=66))
def test_no_bytes_but_a_point_on_the_curve_are_a_public_key(raw: bytes) -> None:
    with pytest.raises(Refused, match=r"^key\.form"):
        check_sm2(b"\x04" + raw)


def test_a_coordinate_is_not_written_in_a_second_way() -> None:
    x = sm2.G[0] - sm2.P  # equal to x modulo p, and not below it
    with pytest.raises(Refused, match=r"^key\.form"):
        check_sm2(b"\x04" + (x % 2**256).to_bytes(32) + sm2.G[1].to_bytes(32))
    assert check_sm2(b"\x04" + sm2.G[0].to_bytes(32) + sm2.G[1].to_bytes(32))


def test_who_knows_the_key_sees_that_it_signed_and_nobody_else_minds() -> None:
    assert opened(SECONDED, asked(KEY)).seconded
    assert opened(SECONDED, asked(OTHER, KEY, required=True)).seconded
    assert not opened(NOTE, asked(KEY)).seconded
    assert not opened(SECONDED, asked(OTHER)).seconded
    assert not opened(SECONDED).seconded


def test_what_is_required_is_refused_without_it() -> None:
    assert refusal(NOTE, asked(KEY, required=True)) == "sm2.unsigned"
    assert refusal(SECONDED, asked(OTHER, required=True)) == "sm2.unsigned"


def test_a_second_line_never_stands_instead_of_the_first() -> None:
    alone = HEAD.text() + b"\n" + LINE.line.encode()
    for second in (asked(KEY, required=True), asked(KEY), None):
        assert refusal(alone, second) == "checkpoint.unsigned"


def test_a_bad_line_refuses_beside_a_good_one() -> None:
    bad = make_line(KEY, bytes(64))
    assert refusal(append_signature(SECONDED, bad), asked(KEY)) == "note.signature"
    assert opened(append_signature(SECONDED, bad)).checkpoint == HEAD


@given(bit=st.integers(0, 8 * len(SIGNATURE) - 1))
@settings(max_examples=25)
def test_a_flipped_bit_refuses_for_who_knows_the_key_and_for_nobody_else(bit: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    note = append_signature(NOTE, make_line(KEY, bytes(changed)))
    assert refusal(note, asked(KEY)) == "note.signature"
    assert opened(note).checkpoint == opened(note, asked(OTHER)).checkpoint == HEAD


@given(st.binary(min_size=1, max_size=80).filter(lambda blob: len(blob) != 64))
def test_a_signature_of_another_length_is_bad(blob: bytes) -> None:
    def never(public: bytes, signature: bytes, message: bytes) -> bool:
        raise AssertionError("not asked")

    note = append_signature(NOTE, NoteSignature(KEY.name, KEY.key_id, blob))
    assert refusal(note, SecondLine((KEY,), never)) == "note.signature"


def test_the_line_of_another_head_is_bad() -> None:
    later = sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), LOG_KEY)
    assert refusal(append_signature(later, LINE), asked(KEY)) == "note.signature"


def test_lines_are_taken_over_once() -> None:
    submitted = parse_note(append_signature(SECONDED, make_line(OTHER, bytes(64))))
    taken = with_second(NOTE, submitted, asked(KEY))
    assert taken == SECONDED == with_second(taken, submitted, asked(KEY))
    assert with_second(NOTE, submitted, None) == NOTE


def test_the_example_of_the_protocol_is_good() -> None:
    text = (Path(__file__).parents[2] / "docs/protocol.md").read_text("utf-8")
    lines = [each.removeprefix("    ") for each in text.splitlines() if f" {UNIT}/sm2" in each]
    (line,) = (each for each in lines if each.startswith("—"))
    key = parse_second_key(next(each for each in lines if "+" in each.partition(" ")[0]))
    assert public_of(key) == sm2.public_of(bytes(range(0x80, 0xA0)))
    head = f"{ORIGIN}\n2\nqmph9f/iG/lh6uXOb3ulk7yY0Wi7b4DZaPakmH7HYz4=\n"
    assert asked(key, required=True).check(parse_note(f"{head}\n{line}\n".encode()))


def test_people_compare_all_of_a_key() -> None:
    marks = {second_fingerprint(key) for key in (KEY, OTHER, second_key("u2.example/x", POINT))}
    assert len(marks) == 3 and all(len(mark) == 64 for mark in marks)
