"""Receipts (feed §9): when a record counts as delivered, as the cosignatures say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fenhe_protocol.checkpoint import OpenedCheckpoint, cosignatures_by
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.workdays import Calendar

_WITNESS_DAYS = 3


@dataclass(frozen=True, slots=True)
class Receipt:
    """The time of the earliest cosignature (POSIX seconds) and the date at UTC+8 that counts.

    The two part where a record goes on from an erased leaf: then the date is the erased one's.
    """

    time: int | None
    date: str | None


def earliest_receipt(
    origin: str,
    index: int,
    notes: Iterable[OpenedCheckpoint],
    first_dates: Mapping[str, str] | None = None,
) -> Receipt:
    """Find the receipt of the leaf at `index`; both members are None where there is none yet.

    `notes` hold the cosignatures of enrolled cosigners only; `first_dates` are the `rcp` records
    of `fed`: id `<origin>#<index of the successor>` to date (feed §10).
    """
    times = [
        cosignature.time
        for note in notes
        if note.checkpoint.origin == origin and note.checkpoint.size > index
        for cosignature in note.cosignatures
    ]
    time = min(times, default=None)
    own = None if time is None else date_at(time)
    return Receipt(time, (first_dates or {}).get(f"{origin}#{index}", own))


def counted_witness_times(
    raw: bytes, witnesses: Sequence[VerifierKey], *, completed: int
) -> list[int]:
    """Times before `completed` at which witnesses cosigned this note and that count as receipts.

    `completed` is when the mirror had every body (POSIX seconds): within three working days of a
    witness's time, by dates at UTC+8 (feed §9). A bad line of a witness's key counts for nothing.
    """
    note = parse_note(raw)
    try:
        found = {c.time for key in witnesses for c in cosignatures_by(note, key)}
    except Refused:
        return []
    return sorted(time for time in found if time < completed and _is_in_time(time, completed))


def _is_in_time(witnessed: int, completed: int) -> bool:
    return date_at(completed) <= last_witness_day(witnessed)


def last_witness_day(witnessed: int) -> str:
    """The last date at UTC+8 on which bodies may be complete for a witness's time to count."""
    day = date.fromisoformat(date_at(witnessed))
    return Calendar.load().add_working_days(day, _WITNESS_DAYS).on.isoformat()
