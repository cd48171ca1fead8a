"""Signed notes: their form, and whose line is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey
from fenhe_protocol.limits import Limits
from fenhe_protocol.note import NoteSignature, append_signature, parse_note, sign_note, signed_by

KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(range(1, 33)))
NAME = "u1.example/fenhe/root"
NOTE = sign_note(b"text\n\nmore\n", [(NAME, KEY)])


def known(key: SigningKey, name: str = NAME) -> VerifierKey:
    return VerifierKey(name, ED25519, key.public)


@given(
    st.lists(st.text(st.characters(min_codepoint=0x20, codec="utf-8")), min_size=1),
    st.lists(st.sampled_from([KEY, OTHER]), min_size=1, max_size=5),
)
def test_a_signed_text_is_read_back(lines: list[str], signers: list[SigningKey]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    note = parse_note(sign_note(text, [(NAME, key) for key in signers]))
    assert note.text == text
    assert len(note.signatures) == len(signers)
    assert [signed_by(note, known(key)) for key in (KEY, OTHER)] == [
        key in signers for key in (KEY, OTHER)
    ]


def test_another_name_or_key_has_not_signed() -> None:
    note = parse_note(NOTE)
    assert signed_by(note, known(KEY))
    assert not signed_by(note, known(OTHER))
    assert not signed_by(note, known(KEY, "u2.example/fenhe/root"))


def test_a_bad_line_refuses_even_beside_a_good_one() -> None:
    good = parse_note(NOTE).signatures[0]
    bad = NoteSignature(good.name, good.key_id, bytes(64))
    note = parse_note(append_signature(NOTE, bad))
    with pytest.raises(Refused, match=r"^note\.signature"):
        signed_by(note, known(KEY))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        NOTE.removesuffix(b"\n"),
        NOTE + b"\n",
        NOTE.replace(b"more\n\n", b"more\n"),
        NOTE.replace(b"more", b"mo\xff"),
        NOTE.replace(b"more", b"mo\x00"),
        NOTE.replace(b"more", b"mo\re"),
        NOTE.replace("\N{EM DASH}".encode(), b"-"),
        NOTE.replace(NAME.encode(), b"a+b"),
        NOTE.replace(NAME.encode(), "a\N{NO-BREAK SPACE}b".encode()),
        NOTE.replace(NAME.encode(), b""),
    ],
)
def test_what_is_not_of_the_form_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match=r"^note\.form"):
        parse_note(raw)


def test_the_limits_are_the_readers() -> None:
    with pytest.raises(Refused, match=r"^note\.size"):
        parse_note(NOTE, Limits(note_bytes=len(NOTE) - 1))
    with pytest.raises(Refused, match=r"^note\.lines"):
        parse_note(sign_note(b"a\n", [(NAME, KEY)] * 2), Limits(signature_lines=1))


def test_a_full_note_takes_no_further_line() -> None:
    full = sign_note(b"a\n", [(NAME, KEY)] * 64)
    with pytest.raises(Refused, match=r"^note\.lines"):
        append_signature(full, parse_note(full).signatures[0])
