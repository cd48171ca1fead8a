"""Submitted checkpoints: the specification's bytes, every status, and the law of one history."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    OpenedCheckpoint,
    cosign,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.note import NoteSignature, append_signature, parse_note, sign_note
from fenhe_protocol.witness import (
    MOST_BYTES,
    AddCheckpoint,
    SizeConflict,
    compose_add_checkpoint,
    gather_cosignatures,
    judge_checkpoint,
    only_log_lines,
    parse_add_checkpoint,
)
from tests.histories import LOG_KEY, History

# The example request and answer of C2SP tlog-witness, to the letter.
SPEC_REQUEST = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()  # noqa: E501
SPEC_ANSWER = """\
— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
""".encode()  # noqa: E501
# The example of C2SP tlog-cosignature: a checkpoint with one line, and the message it signs.
SPEC_COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()  # noqa: E501
SPEC_MESSAGE = b"""\
cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""

NOW = 1795392065
ORIGIN = "u1.example/fenhe/catalogue"
NEXT_KEY = SigningKey.from_seed(bytes(range(1, 33)))
KEYS = [KeyRange(LOG_KEY.public, 0, 20), KeyRange(NEXT_KEY.public, 20)]
WITNESS_KEY = SigningKey.from_seed(bytes(range(0x40, 0x60)))
WITNESS = VerifierKey("witness.example/w1", COSIGNATURE, WITNESS_KEY.public)


LOG = History(ORIGIN)
OTHER = History(ORIGIN, tale="other")
root, proof, note = LOG.root, LOG.proof, LOG.note


def judged(
    request: AddCheckpoint, known: int = 5, known_root: bytes | None = None
) -> OpenedCheckpoint:
    return judge_checkpoint(
        request,
        keys_of=lambda origin: KEYS if origin == ORIGIN else None,
        latest=lambda _: (known, root(known) if known_root is None else known_root),
    )


def refusal(request: AddCheckpoint, known: int = 5) -> tuple[int, str]:
    with pytest.raises(RequestError) as caught:
        judged(request, known)
    return caught.value.status, caught.value.code


GOOD = AddCheckpoint(5, proof(5, 12), note(12))


def test_the_specifications_request_is_read_and_written_to_the_letter() -> None:
    request = parse_add_checkpoint(SPEC_REQUEST)
    assert (request.old, len(request.proof)) == (20852014, 4)
    assert request.proof[3] == base64.b64decode("/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=")
    assert parse_checkpoint(parse_note(request.note).text).size == 20852163
    assert compose_add_checkpoint(request) == SPEC_REQUEST


def test_the_specifications_answer_is_read_as_signature_lines() -> None:
    request = parse_add_checkpoint(SPEC_REQUEST)
    lines = parse_note(request.note + SPEC_ANSWER).signatures[2:]
    assert "".join(line.line for line in lines).encode() == SPEC_ANSWER
    # Of keys that are not ours nothing is taken up.
    assert gather_cosignatures(request.note, SPEC_ANSWER, [WITNESS]) == request.note


def test_a_cosignature_signs_the_specifications_message_at_its_place_and_time() -> None:
    spec_line = parse_note(SPEC_COSIGNED).signatures[1]
    assert int.from_bytes(spec_line.blob[:8], "big") == 1679315147
    ours = cosign(SPEC_COSIGNED, name=WITNESS.name, key=WITNESS_KEY, now=1679315147)
    line = parse_note(ours).signatures[2]
    assert len(line.blob) == len(spec_line.blob)
    assert line.blob == (1679315147).to_bytes(8, "big") + WITNESS_KEY.sign(SPEC_MESSAGE)


@given(
    st.integers(0, 2**53 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(max_size=200),
)
def test_a_request_is_read_back(old: int, hashes: list[bytes], rest: bytes) -> None:
    request = AddCheckpoint(old, tuple(hashes), rest)
    assert parse_add_checkpoint(compose_add_checkpoint(request)) == request


WRITTEN = compose_add_checkpoint(GOOD)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"old 5",
        b"old 5\n",
        WRITTEN.replace(b"old 5", b"old 05"),
        WRITTEN.replace(b"old 5", b"old +5"),
        WRITTEN.replace(b"old 5", b"old  5"),
        WRITTEN.replace(b"old 5", b"Old 5"),
        WRITTEN.replace(b"old 5", b"old -1"),
        WRITTEN.replace(b"old 5", b"old 9007199254740992"),
        WRITTEN.replace(b"old 5\n", b"old 5\r\n"),
        WRITTEN.replace(b"old 5\n", b"old 5\nAAAA\n"),
        WRITTEN.replace(b"old 5\n", b"old 5\n!\n"),
        WRITTEN.replace(b"old 5\n", b"\nold 5\n"),
        compose_add_checkpoint(AddCheckpoint(5, (bytes(32),) * 64, note(12))),
        WRITTEN + b"\x00" * MOST_BYTES,
    ],
)
def test_what_is_not_of_the_form_is_400(raw: bytes) -> None:
    with pytest.raises(RequestError, match=r"^witness\.form") as caught:
        parse_add_checkpoint(raw)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        note(12).removesuffix(b"\n"),
        note(12).replace(b"\n12\n", b"\n012\n"),
        note(12).replace(b"\n12\n", b"\n9007199254740992\n"),
        note(12) + b"what is no signature line\n",
        note(12) + "— name !\n".encode(),
        note(12) + note(12).splitlines(keepends=True)[-1] * 64,
        sign_note(ORIGIN.encode() + b"\n12\n", [(ORIGIN, LOG_KEY)]),
        note(12, root=b"\x00" * 31),
    ],
)
def test_a_note_that_is_no_checkpoint_is_400(bad: bytes) -> None:
    assert refusal(replace(GOOD, note=bad))[0] == 400


def test_an_unknown_origin_is_404() -> None:
    strange = sign_checkpoint(Checkpoint("u2.example/fenhe/usage", 12, root(12)), LOG_KEY)
    assert refusal(replace(GOOD, note=strange)) == (404, "witness.origin")


def test_no_signature_by_a_trusted_key_is_403() -> None:
    other = note(12, key=SigningKey.from_seed(bytes(32)))
    assert refusal(replace(GOOD, note=other)) == (403, "checkpoint.unsigned")


def test_a_key_outside_its_range_is_no_trusted_key() -> None:
    late = AddCheckpoint(5, proof(5, 20), note(20, key=LOG_KEY))
    assert refusal(late) == (403, "checkpoint.unsigned")
    assert judged(replace(late, note=note(20, key=NEXT_KEY))).checkpoint.size == 20


def test_a_bad_line_of_a_trusted_key_is_403_even_beside_a_good_one() -> None:
    bad = NoteSignature(ORIGIN, VerifierKey(ORIGIN, ED25519, LOG_KEY.public).key_id, bytes(64))
    assert refusal(replace(GOOD, note=append_signature(note(12), bad))) == (403, "note.signature")


def test_an_old_size_above_the_new_one_is_400() -> None:
    assert refusal(AddCheckpoint(13, (), note(12))) == (400, "witness.old")


@pytest.mark.parametrize("old", [0, 4, 6, 12])
def test_another_old_size_is_409_with_the_known_size_as_the_body(old: int) -> None:
    with pytest.raises(SizeConflict) as caught:
        judged(replace(GOOD, old=old))
    assert (caught.value.status, caught.value.body) == (409, b"5\n")


def test_an_empty_tree_under_another_root_is_422() -> None:
    empty = AddCheckpoint(0, (), note(0, root=bytes(32)))
    assert refusal(empty, known=0) == (422, "checkpoint.root")
    assert judged(replace(empty, note=note(0, root=EMPTY_ROOT)), known=0).checkpoint.size == 0


def test_a_proof_from_the_empty_tree_is_422() -> None:
    assert refusal(AddCheckpoint(0, (bytes(32),), note(12)), known=0) == (422, "witness.proof")
    assert judged(AddCheckpoint(0, (), note(12)), known=0).checkpoint.size == 12


@pytest.mark.parametrize(
    "hashes", [(), proof(5, 12)[:-1], (*proof(5, 12), bytes(32)), proof(6, 12), proof(5, 13)]
)
def test_a_wrong_proof_is_422(hashes: tuple[bytes, ...]) -> None:
    assert refusal(replace(GOOD, proof=hashes)) == (422, "witness.proof")


def test_the_same_size_with_another_root_is_422() -> None:
    assert refusal(AddCheckpoint(5, (), note(5, root=bytes(32)))) == (422, "witness.root")


def test_the_same_size_with_its_root_wants_no_proof() -> None:
    assert judged(AddCheckpoint(5, (), note(5))).checkpoint.size == 5
    assert refusal(AddCheckpoint(5, (bytes(32),), note(5))) == (422, "witness.proof")


def test_whose_fault_comes_first_is_told_first() -> None:
    wrong = AddCheckpoint(9, (), note(0, root=bytes(32)))
    assert refusal(wrong) == (400, "witness.old")
    assert refusal(replace(wrong, old=0)) == (409, "witness.size")
    unsigned = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), WITNESS_KEY)
    assert refusal(replace(wrong, note=unsigned)) == (403, "checkpoint.unsigned")


@given(st.integers(0, 19), st.integers(0, 19), st.integers(0, 19), st.booleans())
def test_only_the_honest_next_head_is_taken(known: int, old: int, size: int, honest: bool) -> None:
    told = LOG if honest else OTHER
    request = AddCheckpoint(old, proof(old, size), told.note(size))
    same_tree = honest or size == 0
    if known == old <= size and (same_tree or known == 0):
        assert judged(request, known).checkpoint.size == size
    else:
        refusal(request, known)


def test_what_strangers_append_is_not_kept() -> None:
    crowded = cosign(note(12), name=WITNESS.name, key=WITNESS_KEY, now=NOW)
    opened = judged(replace(GOOD, note=crowded))
    assert only_log_lines(opened, KEYS) == note(12)


def test_a_good_answer_is_taken_up_once() -> None:
    cosigned = cosign(note(12), name=WITNESS.name, key=WITNESS_KEY, now=NOW)
    answer = cosigned.removeprefix(note(12))
    gathered = gather_cosignatures(note(12), SPEC_ANSWER + answer * 2, [WITNESS])
    assert gathered == cosigned
    assert gather_cosignatures(gathered, answer, [WITNESS]) == cosigned
    opened = open_checkpoint(gathered, origin=ORIGIN, keys=KEYS, cosigners=[WITNESS])
    assert [each.time for each in opened.cosignatures] == [NOW]


@pytest.mark.parametrize(
    "answer",
    [
        b"thank you\n",
        NoteSignature(WITNESS.name, WITNESS.key_id, bytes(72)).line.encode(),
        cosign(note(11), name=WITNESS.name, key=WITNESS_KEY, now=NOW).removeprefix(note(11)),
    ],
)
def test_an_answer_that_does_not_sign_this_note_is_refused(answer: bytes) -> None:
    with pytest.raises(Refused, match=r"^note\.(form|signature)"):
        gather_cosignatures(note(12), answer, [WITNESS])


def test_an_empty_answer_adds_nothing() -> None:
    assert gather_cosignatures(note(12), b"", [WITNESS]) == note(12)
