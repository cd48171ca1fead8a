"""How a log is read, as steps without I/O (feed §6.1-3). Start at `decide`, then `spool.Spool`.

A shell (over HTTP, a folder, a push) drives it like this; `stored` answers for the reader's own
copy of the tree, `spooled()` gives back, in order, all entries that `take` has given out since the
stored size, visits before included:

    if the log is quarantined:      end of visit, QUARANTINE, until an operator acts
    if a Progress was kept and progress.fits(head, now):
        pass                                            # the checkpoint is not fetched again
    else:                                               # what lies on the spool is dropped
        found = decide(head, raw checkpoint, ...)       # raises Refused, Forked
        if found is not Grown: end of visit             # Unchanged, Older
        progress = Progress.start(head, found.opened, now)
    spool = Spool(head, progress, stored=stored, spooled=spooled, now=now, max_leaves=...)
    while not spool.done:
        for part in spool.needed():                     # may be fetched ahead, taken in order
            try the paths of the part one by one, at most most_bytes(path) each
            entries = spool.take(part, path, raw)       # or take(part, None, b"") if none is there
            append entries to the spool on disk         # none of them is proven yet
            if spool.turned: break                      # done, or other files are needed now
        else: store spool.kept(), end of visit, DEFER   # this visit's share is used up
    head = spool.finish()                               # all entries are proven: admit them

`take` raises Deferred (no path is there), Refused or Forked (its notes are the evidence). After any
error that ends the visit, those of fetching too, the shell calls `spool.failed(error)` and stores
`spool.kept()`: None means that checkpoint and spool are dropped, else the next visit goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.errors import Ended, Forked
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.merkle import (
    EMPTY_ROOT,
    CompactRange,
    HashReader,
    consistency_proof,
    range_at,
    root_at,
)
from fenhe_protocol.second_line import SecondLine


@dataclass(frozen=True)
class LogHead:
    """The last verified head of a log, the compact range of its tree and the note that signed it.

    Before the first visit: `LogHead(origin)`.
    """

    origin: str
    size: int = 0
    root: bytes = EMPTY_ROOT
    range: CompactRange = field(default_factory=CompactRange)
    note: bytes = b""

    @classmethod
    def stored(cls, checkpoint: Checkpoint, note: bytes, stored: HashReader) -> "LogHead":
        """The head of a log that lies on the reader's disk; ValueError if its tree is another."""
        known = range_at(checkpoint.size, stored)
        if known.root() != checkpoint.root:
            raise ValueError(f"the stored tree of {checkpoint.origin} is not that of its head")
        return cls(checkpoint.origin, checkpoint.size, checkpoint.root, known, note)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The stored head again, maybe under other signatures."""

    opened: OpenedCheckpoint


@dataclass(frozen=True, slots=True)
class Older:
    """A former head: an old copy, not admitted, to be counted."""

    opened: OpenedCheckpoint


@dataclass(frozen=True, slots=True)
class Grown:
    """A larger head: its entries are to be read."""

    opened: OpenedCheckpoint


def decide(
    head: LogHead,
    raw: bytes,
    *,
    keys: Sequence[KeyRange],
    stored: HashReader,
    cosigners: Sequence[VerifierKey] = (),
    end: tuple[int, bytes] | None = None,
    second: SecondLine | None = None,
) -> Unchanged | Older | Grown:
    """Verify a served checkpoint and compare it with the stored head (feed §6.1-2, §11).

    `end` is the size and root at which a root document ended the log. Raises Refused, of these
    Ended `log.ended` for a head above it (the note is evidence), or Forked.
    """
    opened = open_checkpoint(raw, origin=head.origin, keys=keys, cosigners=cosigners, second=second)
    found = opened.checkpoint
    if end is not None:
        _check_end(found, raw, *end)
    if found.size > head.size:
        return Grown(opened)
    expected = head.root if found.size == head.size else root_at(found.size, stored)
    if found.root != expected:
        raise _fork((head.note, raw), found, expected, _history(found, head, expected, stored))
    return Unchanged(opened) if found.size == head.size else Older(opened)


def _history(
    found: Checkpoint, head: LogHead, root: bytes, stored: HashReader
) -> tuple[bytes, ...]:
    """That the stored tree had this root at the smaller size."""
    if found.size == head.size:
        return ()
    return root, *consistency_proof(found.size, head.size, stored)


def _check_end(found: Checkpoint, raw: bytes, size: int, root: bytes) -> None:
    if found.size > size:
        expected = f"size <= {size}"
        raise Ended(
            "log.ended", note=raw, where=found.origin, expected=expected, found=f"{found.size}"
        )
    if found.size == size and found.root != root:
        raise _fork((raw,), found, root)


def _fork(
    evidence: tuple[bytes, ...],
    found: Checkpoint,
    expected: bytes,
    history: tuple[bytes, ...] = (),
) -> Forked:
    return Forked(
        "log.fork",
        evidence=evidence,
        history=history,
        where=f"{found.origin} size {found.size}",
        expected=expected.hex(),
        found=found.root.hex(),
    )
