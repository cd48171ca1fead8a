"""What witnesses' lines say of a record: who saw its leaf when, and at which hub that counts.

A line counts at a hub that names the witness and whose own cosignature came to the same note within
three working days (feed §9); until then it is evidence that the record was published by that time.
Kept by `keep_own` and `keep_mirrored`, read by `lines_of`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fenhe_node.store import Store, witnessed
from fenhe_node.store.witnessed import Witnessed
from fenhe_protocol.checkpoint import (
    Cosignature,
    OpenedCheckpoint,
    cosignatures_by,
    parse_checkpoint,
)
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.note import SignedNote
from fenhe_protocol.receipt import counted_witness_times, last_witness_day


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness saw a head above the leaf at `time` (POSIX seconds), `date` at UTC+8.

    `counts_at` are the hubs at which that is the date of delivery; `until` is the last date on
    which a hub may complete its bodies for that.
    """

    witness: str
    time: int
    date: str
    until: str
    size: int  # of the head
    key: str  # the witness's verifier key
    note: bytes
    counts_at: tuple[str, ...] = ()


def keep_own(store: Store, log: str, note: SignedNote, key: VerifierKey) -> None:
    """Keep the line that a witness gave to our own checkpoint."""
    size = parse_checkpoint(note.text).size
    for time in _times(note, key):
        row = Witnessed("", log, key.name, size, time, key.text, note.raw)
        witnessed.keep(store, row)


def keep_mirrored(
    store: Store, hub: str, log: str, opened: OpenedCheckpoint, witnesses: Sequence[VerifierKey]
) -> None:
    """Keep the lines on a verified note that count once its hub has cosigned it."""
    size, raw = opened.checkpoint.size, opened.note.raw
    completed = min((each.time for each in opened.cosignatures), default=0)
    for key in witnesses:
        for time in counted_witness_times(raw, [key], completed=completed):
            witnessed.keep(store, Witnessed(hub, log, key.name, size, time, key.text, raw))


def _times(note: SignedNote, key: VerifierKey) -> list[int]:
    try:
        return [each.time for each in cosignatures_by(note, key)]
    except Refused:
        return []


def lines_of(store: Store, log: str, index: int) -> list[WitnessLine]:
    """What witnesses say of the leaf at `index`, by witness and time, the earliest first."""
    found: dict[tuple[str, int], WitnessLine] = {}
    for row in witnessed.covering(store, log, index):
        place = row.key, row.time
        line = found.setdefault(place, _line(row))
        if row.hub in witnessed.naming(store, row.key):
            # The note that the hub cosigned shows by itself that the line counts.
            counts_at = (*line.counts_at, row.hub)
            found[place] = replace(line, note=row.note, size=row.size, counts_at=counts_at)
    return sorted(found.values(), key=lambda line: (line.time, line.witness))


def _line(row: Witnessed) -> WitnessLine:
    date, until = date_at(row.time), last_witness_day(row.time)
    return WitnessLine(row.witness, row.time, date, until, row.size, row.key, row.note)


def counted_at(lines: Sequence[WitnessLine], hub: str) -> tuple[Cosignature, ...]:
    """Those that count as receipts at this hub."""
    return tuple(Cosignature(each.witness, each.time) for each in lines if hub in each.counts_at)
