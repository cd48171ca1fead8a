"""What is shown to a witness, and where its line is kept: a mirrored log's note, or `fed`'s head.

Both answer alike: `newest` is the note that is submitted, `prove` the consistency from an older
size, `keep` adds the lines to the very note that is served. Start at `Shown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_hub.home import locked_while_waiting
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.cosign import latest_note, show
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.merkle import consistency_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.witness import gather_cosignatures

_LOCK_PATIENCE = 5.0  # a visit to the log may last longer; then the next turn adds the line


@dataclass(frozen=True, slots=True)
class Newest:
    """A head as it is submitted; `file` is where its note lies."""

    size: int
    note: bytes
    file: Path


class Shown(Protocol):
    """A log of which witnesses are shown the newest head."""

    def newest(self) -> Newest:
        """The head to submit; StoreError `log.absent`."""

    def prove(self, old: int, size: int) -> Sequence[bytes]:
        """The consistency proof between two sizes."""

    async def keep(self, head: Newest, lines: bytes, key: VerifierKey) -> None:
        """Add the lines by this key to the note, which others may have changed meanwhile.

        StoreError `home.busy` where somebody is at work on it for long.
        """


class MirroredHead:
    """The newest head of a log that the mirror has cosigned."""

    def __init__(self, log: MirrorLog) -> None:
        self._log = log

    def newest(self) -> Newest:
        """See Shown."""
        if (kept := latest_note(self._log.notes)) is None:
            raise StoreError("log.absent", where=self._log.origin)
        return Newest(kept.size, _read(kept.file), kept.file)

    def prove(self, old: int, size: int) -> Sequence[bytes]:
        """See Shown."""
        return _proof(self._log.files, old, size)

    async def keep(self, head: Newest, lines: bytes, key: VerifierKey) -> None:
        """See Shown."""
        log = self._log
        async with locked_while_waiting(log.folder / "lock", patience=_LOCK_PATIENCE):
            note = gather_cosignatures(_read(head.file), lines, [key])
            replace_files(log.disk, {head.file: note})
            if (latest := latest_note(log.notes)) and latest.file == head.file:
                show(log.files, note)


class FedHead:
    """The head of the hub's own log: whoever reads it may ask the witness for what it was shown."""

    def __init__(self, hub: Hub, disk: Disk) -> None:
        self._lock, self._origin = hub.home.path / "fed.lock", hub.fed_origin
        self._files = hub.fed_files(disk)

    def newest(self) -> Newest:
        """See Shown."""
        note = self._files.read(CHECKPOINT)
        if note is None:
            raise StoreError("log.absent", where=self._origin)
        size = parse_checkpoint(parse_note(note).text).size
        return Newest(size, note, self._files.locate(CHECKPOINT))

    def prove(self, old: int, size: int) -> Sequence[bytes]:
        """See Shown."""
        return _proof(self._files, old, size)

    async def keep(self, head: Newest, lines: bytes, key: VerifierKey) -> None:
        """See Shown; where more was said meanwhile, the next turn submits that."""
        async with locked_while_waiting(self._lock, patience=_LOCK_PATIENCE):
            shown = self.newest()
            if parse_note(shown.note).text == parse_note(head.note).text:
                note = gather_cosignatures(shown.note, lines, [key])
                self._files.write_all({CHECKPOINT: note})


def _proof(files: FeedFiles, old: int, size: int) -> Sequence[bytes]:
    return consistency_proof(old, size, stored_hashes(files, size))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StoreError("store.read", where=str(file), found=str(error)) from error
