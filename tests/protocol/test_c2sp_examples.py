"""Bytes that stand in the C2SP specifications, read and made by ours; `test_witness` has others."""

from hashlib import sha256

import pytest

from fenhe_protocol.checkpoint import cosign, cosignatures_by, parse_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.note import append_signature, parse_note, sign_note, signed_by
from fenhe_protocol.upload import MirrorInfo, compose_mirror_info, parse_mirror_info

# signed-note, "Verifier keys", "Example".
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()  # noqa: E501
KEY = SigningKey.from_seed(bytes(range(32)))


def test_the_verifier_key_of_signed_note_verifies_its_note() -> None:
    key = VerifierKey.parse(VKEY)
    assert (key.name, key.kind, key.key_id.hex()) == ("example.com/foo", ED25519, "530d903a")
    assert key.text == VKEY
    note = parse_note(NOTE)
    assert note.text == b"This is an example message.\n"
    assert signed_by(note, key)
    assert "".join(each.line for each in note.signatures).encode() == NOTE.split(b"\n\n")[1]


def test_a_key_that_shares_name_or_id_with_the_signer_has_not_signed() -> None:
    key, note = VerifierKey.parse(VKEY), parse_note(NOTE)
    other_name = VerifierKey("example.com/bar", ED25519, key.public)
    other_kind = VerifierKey("example.com/foo", COSIGNATURE, key.public)
    assert not signed_by(note, other_name)
    assert not note.lines_of(other_kind)


def test_every_flipped_bit_of_the_text_is_a_bad_signature() -> None:
    key = VerifierKey.parse(VKEY)
    for at in range(len(b"This is an example message.")):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        with pytest.raises(Refused, match=r"^note\.signature"):
            signed_by(parse_note(bytes(changed)), key)


def test_sixteen_signatures_are_taken_and_more() -> None:
    note = sign_note(b"text\n", [(f"s{number}.example/k", KEY) for number in range(64)])
    assert len(parse_note(note).signatures) == 64


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])
def test_a_key_id_is_computed_as_it_is_written(kind: int) -> None:
    """SHA-256(<name> || "\\n" || 0x01 or 0x04 || 32-byte Ed25519 public key)[:4]"""
    name = "witness.example/w1"
    expected = sha256(name.encode() + b"\n" + bytes([kind]) + KEY.public).digest()[:4]
    assert VerifierKey(name, kind, KEY.public).key_id == expected


def test_extension_lines_belong_to_what_is_cosigned() -> None:
    text = b"example.com/log42\n1\n" + b"A" * 43 + b"=\nextension one\n\xe4\xba\x8c\n"
    note = sign_note(text, [("example.com/log42", KEY)])
    assert parse_checkpoint(parse_note(note).text).size == 1
    witness = VerifierKey("w.example/w", COSIGNATURE, KEY.public)
    signed = cosign(note, name=witness.name, key=KEY, now=1679315147)
    (line,) = parse_note(signed).lines_of(witness)
    message = b"cosignature/v1\ntime 1679315147\n" + text
    assert line == (1679315147).to_bytes(8) + KEY.sign(message)
    other = signed.replace(b"extension one", b"extension two")
    with pytest.raises(Refused, match=r"^note\.signature"):
        cosignatures_by(parse_note(other), witness)


@pytest.mark.parametrize(
    "text", [b"\n1\nroot\n", b"o\n01\nroot\n", b"o\n1\nroot\n\nx\n", b"o\n1\n"]
)
def test_what_tlog_checkpoint_forbids_is_refused(text: bytes) -> None:
    with pytest.raises(Refused, match=r"^checkpoint\."):
        parse_checkpoint(text.replace(b"root", b"A" * 43 + b"="))


def test_a_mirror_info_has_three_lines_and_a_ticket_in_standard_base64() -> None:
    info = MirrorInfo(20852163, 20852014, b"\xfb\xff\xfe")
    assert compose_mirror_info(info) == b"20852163\n20852014\n+//+\n"
    assert compose_mirror_info(MirrorInfo(0, 0)) == b"0\n0\n\n"
    assert parse_mirror_info(b"20852163\n20852014\n+//+\n") == info
    with pytest.raises(Refused):
        parse_mirror_info(b"20852163\n20852014\n-__-\n")


def test_a_note_is_extended_at_its_end_alone() -> None:
    line = parse_note(NOTE).signatures[0]
    assert append_signature(NOTE, line) == NOTE + NOTE.split(b"\n\n")[1]
