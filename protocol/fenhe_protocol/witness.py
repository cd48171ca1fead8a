"""Submitted checkpoints (C2SP tlog-witness `add-checkpoint`): the request, and how it is judged.

    old <size known to the one asked>
    <b64 of 32 bytes, once for each hash of the consistency proof>

    <checkpoint with its signatures>

A witness and a mirror judge alike (`judge_checkpoint`) and differ only in what `latest` answers:
the head cosigned last, or the pending one. Then `only_log_lines` is what is worth keeping (a mirror
keeps `with_cosignatures` of the witnesses that it names), and `gather_cosignatures` is how the one
who submitted takes up the answer.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    OpenedCheckpoint,
    cosignatures_by,
    parse_head,
    verify_checkpoint,
)
from fenhe_protocol.encoding import b64_decode, b64_encode, parse_decimal
from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency
from fenhe_protocol.note import NoteSignature, SignedNote, append_signature, parse_note
from fenhe_protocol.second_line import SecondLine

MOST_PROOF_LINES = 63
MOST_BYTES = len("old 9007199254740991\n") + 45 * MOST_PROOF_LINES + 1 + DEFAULTS.note_bytes
SIZE_TYPE = "text/x.tlog.size"

KeysOf = Callable[[str], Sequence[KeyRange] | None]
"""Origin -> the log's keys, None where the origin is unknown."""

SecondOf = Callable[[str], SecondLine | None]
"""Origin -> what is asked of its second line, if anything."""

Latest = Callable[[str], tuple[int, bytes]]
"""Origin -> size and root last accepted; (0, EMPTY_ROOT) where there was none."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """One `add-checkpoint`: the size known to the one asked, the proof from there, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes


class SizeConflict(RequestError):
    """409: the old size is not the `size` known here; `body` is the answer to the letter."""

    def __init__(self, origin: str, *, known: int, old: int) -> None:
        super().__init__(
            "witness.size", status=409, where=origin, expected=str(known), found=str(old)
        )
        self.size = known

    @property
    def body(self) -> bytes:
        """The answer, of type `SIZE_TYPE`."""
        return b"%d\n" % self.size


def compose_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Write the request's body."""
    proof = "".join(f"{b64_encode(each)}\n" for each in request.proof)
    return f"old {request.old}\n{proof}\n".encode() + request.note


def parse_add_checkpoint(raw: bytes) -> AddCheckpoint:
    """Take a request's body apart; RequestError 400 `witness.form`. The note is not looked at."""
    if len(raw) > MOST_BYTES:
        raise RequestError("witness.form", expected=f"<= {MOST_BYTES} bytes", found=str(len(raw)))
    # With no proof the empty line follows the first one at once: it ends the head all the same.
    head, separator, note = raw.partition(b"\n\n")
    first, *proof = head.split(b"\n")
    if not separator or not first.startswith(b"old ") or len(proof) > MOST_PROOF_LINES:
        raise RequestError(
            "witness.form", expected=f"old <size>, <= {MOST_PROOF_LINES} hashes, an empty line"
        )
    try:
        old = parse_decimal(first.removeprefix(b"old ").decode("ascii"))
        hashes = tuple(b64_decode(each.decode("ascii"), size=HASH_BYTES) for each in proof)
    except ValueError as error:
        raise RequestError("witness.form", found=str(error)) from error
    return AddCheckpoint(old, hashes, note)


def claimed_origin(request: AddCheckpoint) -> str:
    """Which log the checkpoint says to be of, nothing verified; RequestError 400."""
    return _parsed(request.note)[1].origin


def judge_checkpoint(
    request: AddCheckpoint, *, keys_of: KeysOf, latest: Latest, second_of: SecondOf | None = None
) -> OpenedCheckpoint:
    """Return the checkpoint where it may follow the latest one, in the order of tlog-witness.

    RequestError: 400 where it is not of the form, 404 unknown origin, 403 not signed by the log or
    a bad line of its keys, 400 old size above the new, SizeConflict (409), 422 the rest.
    """
    note, head = _parsed(request.note)
    keys = keys_of(head.origin)
    if keys is None:
        raise RequestError("witness.origin", status=404, where=head.origin)
    opened = _verified(note, head, keys, second_of(head.origin) if second_of else None)
    if request.old > head.size:
        raise RequestError(
            "witness.old", where=head.origin, expected=f"<= {head.size}", found=str(request.old)
        )
    known, root = latest(head.origin)
    if request.old != known:
        raise SizeConflict(head.origin, known=known, old=request.old)
    _check_follows(head, known, root, request.proof)
    return opened


def _parsed(raw: bytes) -> tuple[SignedNote, Checkpoint]:
    try:
        note = parse_note(raw)
        return note, parse_head(note.text)
    except Refused as error:
        raise _as_request(error, 400) from error


def _verified(
    note: SignedNote, head: Checkpoint, keys: Sequence[KeyRange], second: SecondLine | None
) -> OpenedCheckpoint:
    try:
        return verify_checkpoint(note, head, keys=keys, second=second)
    except Refused as error:
        raise _as_request(error, 403) from error


def _as_request(error: Refused, status: int) -> RequestError:
    return RequestError(
        error.code,
        status=status,
        where=error.where,
        expected=error.expected,
        found=error.found,
        advice=error.advice,
    )


def _check_follows(head: Checkpoint, known: int, root: bytes, proof: Sequence[bytes]) -> None:
    where = f"{head.origin} {known} -> {head.size}"
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise RequestError("checkpoint.root", status=422, where=where)
    if known == 0:
        follows = not proof
    elif known == head.size and head.root != root:
        raise RequestError(
            "witness.root",
            status=422,
            where=where,
            expected=b64_encode(root),
            found=b64_encode(head.root),
        )
    else:
        follows = verify_consistency(known, head.size, proof, root, head.root)
    if not follows:
        raise RequestError("witness.proof", status=422, where=where, found=f"{len(proof)} hashes")


def only_log_lines(opened: OpenedCheckpoint, keys: Sequence[KeyRange]) -> bytes:
    """The note with the lines of the log's own keys alone: what strangers appended is dropped."""
    head, note = opened.checkpoint, opened.note
    known = [VerifierKey(head.origin, ED25519, key.public) for key in keys if key.covers(head.size)]
    wanted = {(key.name, key.key_id) for key in known}
    lines = [each.line for each in note.signatures if (each.name, each.key_id) in wanted]
    return note.text + b"\n" + "".join(dict.fromkeys(lines)).encode()


def with_cosignatures(
    note: bytes, submitted: SignedNote, cosigners: Sequence[VerifierKey]
) -> bytes:
    """`note` with those good cosignatures of `submitted` that it lacks, of the same text.

    Keys of which any line is bad, and lines for which a note has no room, are left out.
    """
    for key in cosigners:
        with suppress(Refused):
            cosignatures_by(submitted, key)
            lacking = set(submitted.lines_of(key)) - set(parse_note(note).lines_of(key))
            for blob in sorted(lacking):
                note = append_signature(note, NoteSignature(key.name, key.key_id, blob))
    return note


def gather_cosignatures(note: bytes, answer: bytes, cosigners: Sequence[VerifierKey]) -> bytes:
    """The note with those lines of an answer that are good cosignatures by these keys, each once.

    Lines of unknown keys are ignored; Refused `note.*` where the answer is not of the form or a
    line of a known key is bad.
    """
    submitted, answered = parse_note(note), parse_note(note + answer)
    for key in cosigners:
        cosignatures_by(answered, key)
    wanted = {(key.name, key.key_id) for key in cosigners}
    for line in dict.fromkeys(answered.signatures):
        if (line.name, line.key_id) in wanted and line not in submitted.signatures:
            note = append_signature(note, line)
    return note
