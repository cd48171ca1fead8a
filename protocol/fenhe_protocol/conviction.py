"""What an evidence file proves, judged from the file and a fingerprint alone (feed §14).

`convict` returns what the accused has done or refuses the file: one changed byte, and it convicts
nobody. Pure; the words for people are the shell's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fenhe_protocol.checkpoint import (
    Checkpoint,
    OpenedCheckpoint,
    cosignatures_by,
    parse_checkpoint,
)
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import (
    Evidence,
    Kind,
    next_root_keys,
    only_lines_of,
    open_roots,
    signing_keys,
)
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import RecordLeaf
from fenhe_protocol.merkle import verify_consistency
from fenhe_protocol.note import parse_note, signed_by
from fenhe_protocol.proof import parse_proof, prove
from fenhe_protocol.root_document import RootDocument, open_next, root_key_name
from fenhe_protocol.root_text import is_mirror

LARGEST_STEP_BACK = 300  # seconds that cosignature times may step back (feed §10)


@dataclass(frozen=True, slots=True)
class Head:
    """A head that the accused signed; `time` is when, as a cosigner says (POSIX seconds)."""

    checkpoint: Checkpoint
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Conviction:
    """What the accused has signed that it must not have.

    `fingerprint` is for people to compare, empty where they gave the key itself. `newest` is the
    last root document of the file: a later one, which the accuser may have left out, could say that
    the key was out of force. `end` is where the root documents end the log; `index` and `lacking`
    say which bodies are withheld; `documents` are two root documents of one number.
    """

    kind: Kind
    signer: str
    heads: tuple[Head, ...]
    fingerprint: str = ""
    newest: RootDocument | None = None
    former_root: bytes = b""  # of the larger tree at the smaller size
    end: tuple[int, bytes] | None = None
    index: int | None = None
    lacking: Mapping[str, bytes] = field(default_factory=dict)
    documents: tuple[RootDocument, ...] = ()

    @property
    def log(self) -> str:
        """The log whose heads these are, or the name by which root documents are signed."""
        return self.heads[0].checkpoint.origin if self.heads else self.signer

    @property
    def unit(self) -> str:
        """The 统一社会信用代码 of the accused, empty where people gave the key itself."""
        return self.newest.unit if self.newest else ""

    @property
    def by_cosigner(self) -> bool:
        """Whether a cosigner is accused, and not the log itself."""
        return self.signer != self.log


def convict(
    raw: bytes, *, fingerprint: str | None = None, key: VerifierKey | None = None
) -> Conviction:
    """Judge a file. People compared `fingerprint`, or bring the `key` of the accused itself.

    Raises Refused: `evidence.form`; `evidence.key` where the accused's keys are neither in the file
    nor brought; `evidence.line`, `evidence.path`, `root.*`, `note.*`, `checkpoint.*`, `proof.*`
    where something is not signed or not proven; `evidence.nothing` where nobody did wrong.
    """
    evidence = Evidence.decode(raw)
    accused = _accused(evidence, fingerprint, key)
    return _JUDGES[evidence.kind](evidence, accused)


@dataclass(frozen=True, slots=True)
class _Accused:
    """The keys of who is accused: those of a log by size, or those of a cosigner."""

    name: str
    key: VerifierKey | None = None
    document: RootDocument | None = None
    fingerprint: str = ""

    def head(self, raw: bytes) -> Head:
        """The head of a note that the accused signed, and nobody else; Refused."""
        note = parse_note(raw)
        checkpoint = parse_checkpoint(note.text)
        keys = self._keys(checkpoint)
        only_lines_of(raw, keys)
        if self.name == checkpoint.origin:
            if any([signed_by(note, key) for key in keys]):
                return Head(checkpoint)
        elif times := [each.time for key in keys for each in cosignatures_by(note, key)]:
            return Head(checkpoint, min(times))
        raise Refused("checkpoint.unsigned", where=checkpoint.origin, expected=self.name)

    def _keys(self, checkpoint: Checkpoint) -> tuple[VerifierKey, ...]:
        """The keys of the accused that may sign this head."""
        if self.document is not None:
            return signing_keys(self.document, self.name, checkpoint)
        return (self.key,) if self.key else ()

    def convicted(self, kind: Kind, *heads: Head, **more: object) -> Conviction:
        """The accused has done it."""
        return Conviction(kind, self.name, heads, self.fingerprint, self.document, **more)  # type: ignore[arg-type]


def _accused(evidence: Evidence, fingerprint: str | None, key: VerifierKey | None) -> _Accused:
    if key is not None:
        if key.name != evidence.signer or evidence.roots:
            raise Refused("evidence.key", expected=evidence.signer, found=key.name)
        return _Accused(evidence.signer, key)
    if not evidence.roots:
        raise Refused("evidence.key", expected=evidence.signer)
    document, found = open_roots(evidence.roots, fingerprint)
    return _Accused(evidence.signer, None, document, found)


def _fork(evidence: Evidence, accused: _Accused) -> Conviction:
    first, then = _two(evidence, accused)
    one, other = first.checkpoint, then.checkpoint
    if one.size == other.size:
        if one.root == other.root or evidence.path:
            raise _nothing(evidence)
        return accused.convicted(Kind.FORK, first, then)
    if not evidence.path:
        raise _nothing(evidence)
    root, *path = evidence.path
    if not verify_consistency(one.size, other.size, path, root, other.root):
        raise Refused("evidence.path", where=one.origin, found=f"{one.size} -> {other.size}")
    if root == one.root:
        raise _nothing(evidence)
    return accused.convicted(Kind.FORK, first, then, former_root=root)


def _clock(evidence: Evidence, accused: _Accused) -> Conviction:
    first, then = _two(evidence, accused)
    if first.time is None or then.time is None or first.checkpoint.size == then.checkpoint.size:
        raise _nothing(evidence)
    if then.time >= first.time - LARGEST_STEP_BACK:
        raise _nothing(evidence)
    return accused.convicted(Kind.CLOCK, first, then)


def _two(evidence: Evidence, accused: _Accused) -> tuple[Head, Head]:
    """The two heads, of one log, the smaller first."""
    if len(evidence.notes) != 2:
        raise _nothing(evidence)
    first, then = (accused.head(raw) for raw in evidence.notes)
    one, other = first.checkpoint, then.checkpoint
    if one.origin != other.origin or one.size > other.size:
        raise _nothing(evidence)
    return first, then


def _ended(evidence: Evidence, accused: _Accused) -> Conviction:
    if len(evidence.notes) != 1 or accused.document is None:
        raise _nothing(evidence)
    head = accused.head(evidence.notes[0])
    found = head.checkpoint
    listed = accused.document.log(found.origin.rpartition("/")[2])
    if found.origin != accused.name or listed is None or listed.end is None:
        raise _nothing(evidence)
    end = listed.end
    if found.size < end.size or (found.size, found.root) == (end.size, end.root):
        raise _nothing(evidence)
    return accused.convicted(Kind.ENDED, head, end=(end.size, end.root))


def _withheld(evidence: Evidence, accused: _Accused) -> Conviction:
    proof = parse_proof(evidence.proof)
    head = accused.head(proof.note)
    opened = OpenedCheckpoint(head.checkpoint, parse_note(proof.note), ())
    leaf = prove(proof, opened).leaf
    committed = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    shown = proof.disclosed.keys() & evidence.lacking.keys()
    if not evidence.lacking or shown or not evidence.lacking.items() <= committed.items():
        raise _nothing(evidence)
    if accused.name != head.checkpoint.origin and not is_mirror(accused.name):
        raise _nothing(evidence)  # a witness holds no bodies
    return accused.convicted(Kind.WITHHELD, head, index=proof.index, lacking=dict(evidence.lacking))


def _roots(evidence: Evidence, accused: _Accused) -> Conviction:
    before = accused.document
    if before is None or accused.name != root_key_name(before.origin):
        raise _nothing(evidence)
    if len(evidence.documents) != 2 or evidence.documents[0] > evidence.documents[1]:
        raise _nothing(evidence)
    found = [open_next(before, raw, allow_loopback_http=True) for raw in evidence.documents]
    for raw in evidence.documents:
        only_lines_of(raw, next_root_keys(before, raw))
    if found[0].text == found[1].text:
        raise _nothing(evidence)
    return accused.convicted(Kind.ROOTS, documents=tuple(found))


_JUDGES: Mapping[Kind, Callable[[Evidence, _Accused], Conviction]] = {
    Kind.FORK: _fork,
    Kind.ENDED: _ended,
    Kind.CLOCK: _clock,
    Kind.WITHHELD: _withheld,
    Kind.ROOTS: _roots,
}


def _nothing(evidence: Evidence) -> Refused:
    return Refused("evidence.nothing", where=evidence.signer, found=evidence.kind.value)
