"""What strangers signed: notes, heads, cosignatures, root documents, proofs, evidence, keys."""

from fenhe_client.keys import sm2_forms
from fenhe_client.proof_check import check_proof
from fenhe_hub.mirror.second_lines import check_second_key
from fenhe_protocol.body import BodyLine, Committer, decode_salt, encode_salt
from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    OpenedCheckpoint,
    cosign,
    open_checkpoint,
    parse_checkpoint,
    parse_head,
)
from fenhe_protocol.conviction import convict
from fenhe_protocol.encoding import (
    b64_decode,
    b64_encode,
    b64u_decode,
    b64u_encode,
    parse_decimal,
    parse_time,
)
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import Evidence, decode_history, encode_history, open_roots
from fenhe_protocol.identifiers import check_ror, check_uscc
from fenhe_protocol.keys import ED25519, VerifierKey, check_ed25519, check_x25519
from fenhe_protocol.merkle import inclusion_proof, leaf_hash
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import check_origin
from fenhe_protocol.proof import compose_proof, parse_proof, prove
from fenhe_protocol.root_document import fingerprint, open_chain
from fenhe_protocol.root_text import read_root_text
from fenhe_protocol.second_line import SecondLine, parse_second_key, second_key
from fenhe_protocol.witness import gather_cosignatures
from tests.fuzz.target import Target, text_of
from tests.protocol.accused import (
    GUILTY,
    HUB,
    KEY,
    LOG,
    MIRROR,
    MIRROR_KEY,
    NOW,
    A,
    hub_root,
    root,
    signed,
    tree,
)
from tests.protocol.accused import (
    text_of as text_of_note,
)

# The base point of sm2p256v1: a point on the curve that is nobody's key.
_POINT = (
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
_KEYS = (KeyRange(KEY.public),)
_COSIGNER = VerifierKey(MIRROR, 4, MIRROR_KEY.public)
_UNIT = LOG.rpartition("/")[0]
_SM2 = second_key(_UNIT, bytes.fromhex(_POINT))
_NOTE = signed(A)
_COSIGNED = cosign(_NOTE, name=MIRROR, key=MIRROR_KEY, now=NOW)
_WORDS = (
    *(b"\n\n", "— ".encode(), b"\xe2\x80\x94 ", b"fenhe/v1\n", LOG.encode(), HUB.encode()),
    *(b"+", b"AAAA", b"=", b"==", MIRROR.encode(), b"18446744073709551616"),
)
_BETWEEN = b"\n----\n"
_LAST_LINE = "\n— key AAAAAAAA\n".encode()


def _open(raw: bytes) -> object:
    second = SecondLine((_SM2,), lambda *_: False, required=False)
    return open_checkpoint(raw, origin=LOG, keys=_KEYS, cosigners=(_COSIGNER,), second=second)


def _read_text(raw: bytes) -> object:
    return read_root_text(raw), read_root_text(raw, allow_loopback_http=True)


def _read_chain(raw: bytes) -> object:
    documents = raw.split(_BETWEEN)
    mark = fingerprint(parse_note(documents[0]).text)
    open_chain(documents, fingerprint=mark, allow_loopback_http=True)
    return open_roots(documents)


def _head(raw: bytes) -> object:
    text = parse_note(raw + _LAST_LINE).text
    return parse_head(text), parse_checkpoint(text)


def _signed_proof(raw: bytes) -> object:
    return check_proof(raw, VerifierKey(LOG, ED25519, KEY.public), (_COSIGNER,))


def _prove(raw: bytes) -> object:
    """What stands behind the signatures: a head is made that fits the file."""
    proof = parse_proof(raw)
    head = Checkpoint(LOG, 1, leaf_hash(proof.leaf))
    return prove(proof, OpenedCheckpoint(head, parse_note(_NOTE), ()))


def _evidence(raw: bytes) -> object:
    found = Evidence.decode(raw)
    assert found.encode() == raw
    return convict(raw)


def _history(raw: bytes) -> object:
    found = decode_history(raw)
    assert encode_history(found) == raw
    return found


def _keys(raw: bytes) -> None:
    text = text_of(raw)
    for read in (VerifierKey.parse, parse_second_key, lambda t: check_second_key(_UNIT, t)):
        try:
            found = read(text)
        except Refused:
            continue
        assert found.text == text


def _raw_keys(raw: bytes) -> None:
    for check in (check_ed25519, check_x25519):
        try:
            check(raw)
        except Refused:
            continue


def _words(raw: bytes) -> None:
    """The small spellings that every other form is made of."""
    text = text_of(raw)
    for read in (b64_decode, b64u_decode, parse_decimal, parse_time, decode_salt, check_origin):
        try:
            read(text)
        except (ValueError, Refused):
            continue
    for check in (check_uscc, check_ror):
        try:
            check(text)
        except ValueError:
            continue


def _forms(raw: bytes) -> None:
    """What a signing command or a token answers."""
    for read in (sm2_forms.public_from_der, sm2_forms.signature_from_der):
        try:
            read(raw)
        except ValueError:
            continue


_SALT, _BODY = bytes(range(16)), b'{"id":"A-1","kind":"instrument"}'
_COMMITTED = b64u_encode(Committer(LOG, "pub").of(_SALT, _BODY)).encode()
_LEAF = b'{"c":{"pub":"%b"},"k":"r","v":1}' % _COMMITTED
_DISCLOSED = {"pub": BodyLine(0, encode_salt(_SALT), _BODY)}
_MANY = [_LEAF, *A]
_PROVEN = compose_proof(
    0,
    inclusion_proof(0, len(_MANY), tree(_MANY)),
    _LEAF,
    _DISCLOSED,
    cosign(signed(_MANY), name=MIRROR, key=MIRROR_KEY, now=NOW),
)
_ALONE = compose_proof(0, [], _LEAF, _DISCLOSED, _NOTE)

_EVIDENCE = [make().encode() for make in GUILTY.values()]
_FIRST = root()
_ROOTS = (_FIRST, root(2, text_of_note(_FIRST)), hub_root())
_CHAIN = _FIRST + _BETWEEN + root(2, text_of_note(_FIRST))

_DER = [
    sm2_forms.signature_to_der(bytes(31) + b"\1" + b"\xff" * 32),
    sm2_forms.public_to_der(bytes.fromhex(_POINT)),
]

TARGETS = (
    Target("signed note", parse_note, (Refused,), [_NOTE, _COSIGNED, *_ROOTS], _WORDS),
    Target("text of a head", _head, (Refused,), [text_of_note(_NOTE)], _WORDS),
    Target("signed and cosigned head", _open, (Refused,), [_NOTE, _COSIGNED], _WORDS),
    Target(
        "cosignature lines",
        lambda raw: gather_cosignatures(_NOTE, raw, [_COSIGNER]),
        (Refused,),
        [_COSIGNED.removeprefix(_NOTE)],
        _WORDS,
    ),
    Target("root document", _read_text, (Refused,), list(map(text_of_note, _ROOTS)), _WORDS),
    Target("chain of root documents", _read_chain, (Refused,), [_CHAIN, _ROOTS[2]], _WORDS),
    Target("proof file", _signed_proof, (Refused,), [_PROVEN], _WORDS),
    Target("what a proof file proves", _prove, (Refused,), [_ALONE], _WORDS),
    Target("evidence file", _evidence, (Refused,), _EVIDENCE, _WORDS),
    Target(
        "history in evidence",
        _history,
        (Refused,),
        [encode_history(e.path) for e in (make() for make in GUILTY.values()) if e.path],
        found={"a last line without its end": b64_encode(bytes(32)).encode()},
    ),
    Target("verifier key", _keys, (), [_COSIGNER.text.encode(), _SM2.text.encode()], _WORDS),
    Target("public key", _raw_keys, (), [KEY.public, bytes(32), b"\xff" * 32, b"\1" + bytes(31)]),
    Target(
        "small spellings",
        _words,
        (),
        [
            *(b"AAAA", b"9007199254740991", b"2026-11-23T08:01:05+08:00", LOG.encode()),
            *(b"12140000000000019W", b"https://ror.org/03yrm5c26", b64_encode(bytes(16)).encode()),
        ],
    ),
    Target("signature in DER", _forms, (), _DER),
)
