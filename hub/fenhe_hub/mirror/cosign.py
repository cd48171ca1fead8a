"""The mirror's cosignature: promised before it is signed, signed before it is shown (feed §9).

It says one thing: every entry below this size and every body of it was received, checked and is
stored. Whether that is so, `is_complete` decides; that no two such statements about one log ever
disagree, the `HeadStore` sees to, whatever is killed when.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import CHECKPOINT, FeedFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_protocol.checkpoint import Checkpoint, cosign
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import SigningKey, VerifierKey
from fenhe_protocol.receipt import counted_witness_times

# Times of cosignatures never step back by more than five minutes, or the hub is at fault (§10).
LARGEST_STEP_BACK = 300

_NOTE = re.compile(r"(0|[1-9][0-9]*)-(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the mirror holds of one log, as the index knows it."""

    size: int  # the verified head
    indexed: int
    gaps: int  # bodies, of any tier, that were committed to and are not here
    left_out: bool  # a line was refused for privacy: received for nothing (ADR 0003)

    @property
    def is_complete(self) -> bool:
        """Whether the head may be cosigned."""
        return self.indexed == self.size and not self.gaps and not self.left_out


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A cosigned note in the mirror: `notes/<size>-<time>`; the time is one that counts for it."""

    size: int
    at: int
    file: Path


class Mirror:
    """The cosigner of one hub: name, the key in force, and what it has promised so far."""

    def __init__(
        self,
        name: str,
        key: Callable[[], SigningKey],
        heads: HeadStore,
        disk: Disk,
        witnesses: Sequence[VerifierKey] = (),
    ) -> None:
        self._name, self._key, self._heads, self._disk = name, key, heads, disk
        self._witnesses = witnesses

    def sign(self, notes: Path, raw: bytes, head: Checkpoint, *, now: int, latest: int) -> KeptNote:
        """Promise this head, sign it, keep the note; `latest` is our youngest cosignature's time.

        Where witnesses signed it before us and in time, it is kept under their times as well.
        Raises StoreError `cosign.clock`, `head.moved` or `head.backwards`. Done again after a kill,
        it goes on where it stopped.
        """
        if now < latest - LARGEST_STEP_BACK:
            raise StoreError("cosign.clock", where=head.origin, expected=f">= {latest}")
        if (kept := latest_note(notes)) and kept.size == head.size:
            return kept
        row = f"{self._name} {head.origin}"
        known = self._heads.get(row)
        self._heads.advance(row, known, size=head.size, root=head.root, now=now)
        signed = cosign(raw, name=self._name, key=self._key(), now=now)
        times = [*counted_witness_times(raw, self._witnesses, completed=now), now]
        replace_files(self._disk, {notes / f"{head.size}-{time}": signed for time in times})
        return KeptNote(head.size, now, notes / f"{head.size}-{now}")


def show(files: FeedFiles, note: bytes) -> None:
    """Let the mirror serve this cosigned note as its checkpoint."""
    if files.read(CHECKPOINT) != note:
        files.write_all({CHECKPOINT: note})


def kept_notes(notes: Path) -> Iterator[KeptNote]:
    """The cosigned notes of one log, in no order."""
    for file in notes.iterdir() if notes.is_dir() else ():
        if match := _NOTE.fullmatch(file.name):
            yield KeptNote(int(match[1]), int(match[2]), file)


def notes_of_size(notes: Path, size: int) -> list[KeptNote]:
    """The notes of one head, our own last."""
    return sorted((note for note in kept_notes(notes) if note.size == size), key=lambda n: n.at)


def latest_note(notes: Path) -> KeptNote | None:
    """The note of the largest size; of two, the younger."""
    return max(kept_notes(notes), key=lambda note: (note.size, note.at), default=None)
