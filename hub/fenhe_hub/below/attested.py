"""Receipts that hubs beneath gave for what lies here: read from the `adv` of their `fed`.

What a unit delivered to a lower hub was there before we came, and the mirror's cosignature of an
enrolled hub says since when (feed §9; ADR 0014). A head counts if the lower hub announced it with
its own cosignature, our tree has the same root at that size, and its time steps back behind none
that stands before it. Start at `attest`.

    mirror/<H(log)>/beneath/<size>-<time>     the note, with the lower hub's cosignature
    mirror/<H(log)>/beneath.heard             how far the `fed` of each hub was read for that
"""

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import stored_hashes
from fenhe_hub.below.copies import Copy
from fenhe_hub.home import Home
from fenhe_hub.hub import FED
from fenhe_hub.index.tables import TIERS, log_number
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.mirror.cosign import LARGEST_STEP_BACK
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_protocol.checkpoint import Checkpoint, cosignatures_by, parse_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note

MOST_AT_ONCE = 256  # announcements looked at in one go

_LOGGER = logging.getLogger("fenhe_hub.below.attested")


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a hub's `fed` was read for one log, and the latest time of its cosignatures."""

    epoch: int = 0
    index: int = -1
    latest: int = 0

    def at(self, hub_no: int) -> tuple[int, int]:
        """The last `adv` that was read, as (log_no, index), of the hub of this number."""
        return log_number(hub_no, FED, self.epoch), self.index


def is_due(folder: Path, copies: Sequence[Copy]) -> bool:
    """Whether a hub has announced more of a log than was read."""
    known = _heard(folder) if copies else {}
    heard = ((copy, known.get(copy.at.hub.origin, Heard())) for copy in copies)
    return any(each.at(copy.at.number) != copy.said_at for copy, each in heard)


def attest(
    db: sqlite3.Connection, home: Home, log: MirrorLog, copies: Sequence[Copy], disk: Disk
) -> bool:
    """Keep what hubs beneath attest of a log; whether there is more to be looked at."""
    known, notes, more = dict(_heard(log.folder)), dict[Path, bytes](), False
    for copy in copies:
        reading = _Reading(home, log, copy, known.get(copy.at.hub.origin, Heard()))
        more = reading.read(db) or more
        known[copy.at.hub.origin] = reading.heard
        notes |= reading.notes
    replace_files(disk, notes)  # first: what is heard is not read again
    raw = orjson.dumps({hub: asdict(each) for hub, each in known.items()})
    replace_files(disk, {log.folder / "beneath.heard": raw})
    return more


def _heard(folder: Path) -> Mapping[str, Heard]:
    try:
        told = orjson.loads((folder / "beneath.heard").read_bytes())
        return {hub: Heard(**each) for hub, each in told.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # what is read again is kept under the same names


class _Reading:
    """The announcements of one log by one hub, from where they were heard."""

    def __init__(self, home: Home, log: MirrorLog, copy: Copy, heard: Heard) -> None:
        self.heard, self.notes = heard, dict[Path, bytes]()
        self._log, self._at = log, copy.at
        self._cosigners = current_root(home, copy.at.hub.origin, copy.at.hub.root1).cosigners
        self._read_body = body_reader(home)
        self._head = log.head()

    def read(self, db: sqlite3.Connection) -> bool:
        """Read on; whether there is more. What lies above our own head waits until that grows."""
        for count, (at, note) in enumerate(self._announced(db)):
            if count == MOST_AT_ONCE:
                return True
            latest = self.heard.latest
            if (found := _cosigned(note, self._cosigners)) is not None:
                head, time = found
                if self._head is None or head.size > self._head.size:
                    return False
                if self._counts(head, time):
                    self.notes[self._log.beneath / f"{head.size}-{time}"] = note
                latest = max(latest, time)
            self.heard = Heard(*at, latest)
        return False

    def _announced(self, db: sqlite3.Connection) -> Iterator[tuple[tuple[int, int], bytes]]:
        """Every later `adv` of the log in this hub's `fed`, the oldest first."""
        rows = db.execute(
            "SELECT l.origin, l.epoch, b.tier, b.idx FROM body b JOIN log l USING(log_no)"
            " WHERE b.kind = 'adv' AND b.id = ? AND l.unit_no = ? AND (b.log_no, b.idx) > (?, ?)"
            " ORDER BY b.log_no, b.idx LIMIT ?",
            [self._log.origin, self._at.number, *self.heard.at(self._at.number), MOST_AT_ONCE + 1],
        )
        for origin, epoch, tier, index in rows.fetchall():
            fields = self._read_body(origin, TIERS[tier], index) or {}
            yield (epoch, index), str(fields.get("note", "")).encode()

    def _counts(self, head: Checkpoint, time: int) -> bool:
        """Whether the tree is ours and the hub did not set its clock back for it (feed §10)."""
        if self._head is None or head.origin != self._log.origin:
            return False
        place = f"{self._at.hub.origin}: {head.origin} {head.size}"
        if root_at(head.size, stored_hashes(self._log.files, self._head.size)) != head.root:
            _LOGGER.error("%s has another root than ours", place)
            return False
        if time < self.heard.latest - LARGEST_STEP_BACK:
            _LOGGER.warning("%s is cosigned before what stands before it", place)
            return False
        return True


def _cosigned(raw: bytes, cosigners: Sequence[VerifierKey]) -> tuple[Checkpoint, int] | None:
    """The head of a note and when these cosigned it first; None where they did not."""
    try:
        note = parse_note(raw)
        times = [each.time for key in cosigners for each in cosignatures_by(note, key)]
        return (parse_checkpoint(note.text), min(times)) if times else None
    except Refused:
        return None
