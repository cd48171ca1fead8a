"""One mirrored log read again and healed from whoever else has it. Start at `MirrorCheck`.

The verified head says what must be here; of the bodies those are excused that the index knows to be
missing, that were let go (feed §3), or that are not stored for privacy (ADR 0003). A body that
nobody can give becomes a gap like any other: each visit asks for it, and who pushes is told.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

from fenhe_client.checking.copies import Copies, Copy
from fenhe_client.checking.healing import HERE, Mend, heal_bodies, heal_tree
from fenhe_client.checking.log_check import StoredLog, examine
from fenhe_client.checking.proven import Rest
from fenhe_client.reading.log_copy import own_note
from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.home import Home
from fenhe_hub.index.tables import TIERS, open_index
from fenhe_hub.ingest.log import Ingest, LogName
from fenhe_hub.mirror.cosign import KeptNote, kept_notes, latest_note, notes_of_size, show
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.sealed_ledger import dropped
from fenhe_hub.self_check.marks import damaged_marks, mend_marks
from fenhe_hub.visiting.archive import Archive
from fenhe_protocol.block import Erased
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import BodyFile, parse_path

VERIFIED = "verified"
NOTES = "notes"
ASIDE = ".damaged"


@dataclass(frozen=True, slots=True)
class MirrorCheck:
    """A mirrored log, by whose keys it is signed and cosigned, and who else has it."""

    home: Home
    archive: Archive
    name: LogName
    keys: Sequence[KeyRange]
    cosigners: Sequence[VerifierKey]
    copies: Sequence[Copy]

    def look(self, rest: Rest) -> bool:
        """Read everything once, without the lock of the log: whether all is as it was signed."""
        log = self.archive.mirror(self.name)
        if (head := self._verified(log)) is None or not self._is_shown(log):
            return False
        return not damaged_marks(log) and not examine(self._stored(log, head), rest).paths

    async def mend(self) -> list[Mend]:
        """Read it again under the caller's lock, and mend what can be.

        Damaged notes of receipts are put aside, for `told_receipts` to find again in `fed`.
        """
        log = self.archive.mirror(self.name)
        marks, blocks = mend_marks(log)
        mends = [*await self._mend_verified(log), *marks]
        if (head := self._verified(log)) is None:
            return mends
        if blocks:  # first: what may not be kept here must not be healed from anybody
            await asyncio.to_thread(self._index_again, blocks)
        stored = self._stored(log, head)
        proven, found = await heal_tree(stored, self.copies)
        mends += found
        if proven is not None:
            found = await heal_bodies(stored, proven, self.copies)
            await self._judge_again(found)
            mends += found
        return [*mends, *self._mend_notes(log)]

    def _stored(self, log: MirrorLog, head: Checkpoint) -> StoredLog:
        erased = self.archive.erased(self.name) or (lambda index, tier: False)
        return StoredLog(log.files, head, TIERS, erased, self._excused(log))

    def _excused(self, log: MirrorLog) -> Erased:
        gaps = self.archive.gaps(self.name)
        let_go = dropped(log.folder)
        left_out = lru_cache(16)(log.left_out)

        def is_excused(index: int, tier: str) -> bool:
            return (
                gaps.lacks(index, tier)
                or (tier == SEALED_TIER and any(a <= index < b for a, b in let_go))
                or index in left_out(tier, index // BLOCK)
            )

        return is_excused

    async def _judge_again(self, mends: Sequence[Mend]) -> None:
        """Let the index know what bodies are here now: visits ask for those that are not.

        Healed lines are judged as others are, and go again if they may not be kept.
        """
        parts = [parse_path(mend.path) for mend in mends]
        blocks = {part.index for part in parts if isinstance(part, BodyFile)}
        if blocks:
            await asyncio.to_thread(self._index_again, sorted(blocks))

    def _index_again(self, blocks: Collection[int]) -> None:
        with closing(open_index(self.home.index)) as db:
            Ingest(self.home, db, SchemaSet.load()).bring_up(self.name, touched=blocks)

    def _verified(self, log: MirrorLog) -> Checkpoint | None:
        """The head that the verified note says, if a key of the unit has signed it."""
        opened = self._opened(log.verified() or b"")
        return None if opened is None else opened.checkpoint

    def _indexed(self) -> Checkpoint | None:
        """The head that the index knows."""
        row = self.archive.db.execute(
            "SELECT size, root FROM log WHERE log_no = ?", [self.name.log_no]
        ).fetchone()
        return Checkpoint(self.name.origin, *row) if row else None

    def _opened(self, raw: bytes) -> OpenedCheckpoint | None:
        try:
            return open_checkpoint(
                raw, origin=self.name.origin, keys=self.keys, cosigners=self.cosigners
            )
        except Refused:
            return None

    async def _mend_verified(self, log: MirrorLog) -> list[Mend]:
        """Another note of the same head, from the receipts here or from who shows one."""
        if self._verified(log) is not None:
            return []
        offers = [(HERE, each.file.read_bytes()) for each in kept_notes(log.notes)]
        async for offer in Copies(self.copies, 0).notes():
            offers.append(offer)
        for name, raw in offers:
            opened = self._opened(raw)
            if opened is not None and opened.checkpoint == self._indexed():
                note = own_note(raw, self.name.origin)
                replace_files(log.disk, {log.folder / VERIFIED: note})
                return [Mend(VERIFIED, name)]
        return [Mend(VERIFIED)]

    def _is_shown(self, log: MirrorLog) -> bool:
        """Whether the mirror shows its newest receipt, and every receipt is one."""
        notes = list(kept_notes(log.notes))
        if not all(map(self._is_receipt, notes)):
            return False
        latest, shown = latest_note(log.notes), log.files.read(CHECKPOINT)
        return shown == (latest.file.read_bytes() if latest else None)

    def _is_receipt(self, note: KeptNote) -> bool:
        return self._receipt(note.file.read_bytes(), note.size)

    def _receipt(self, raw: bytes, size: int) -> bool:
        opened = self._opened(raw)
        if opened is None or not opened.cosignatures:
            return False
        return opened.checkpoint.size == size

    def _mend_notes(self, log: MirrorLog) -> list[Mend]:
        mends = [self._mend_note(log, each) for each in kept_notes(log.notes)]
        if (latest := latest_note(log.notes)) is not None:
            raw = latest.file.read_bytes()
            if log.files.read(CHECKPOINT) != raw:
                show(log.files, raw)
                mends.append(Mend(CHECKPOINT, HERE))
        return [mend for mend in mends if mend is not None]

    def _mend_note(self, log: MirrorLog, note: KeptNote) -> Mend | None:
        """Have a receipt from another note of the same head, else put it aside."""
        if self._is_receipt(note):
            return None
        path = f"{NOTES}/{note.file.name}"
        same = [each.file.read_bytes() for each in notes_of_size(log.notes, note.size)]
        for raw in (log.files.read(CHECKPOINT) or b"", *same):
            if self._receipt(raw, note.size):
                replace_files(log.disk, {note.file: raw})
                return Mend(path, HERE)
        note.file.rename(note.file.with_name(note.file.name + ASIDE))
        return Mend(path)
