"""Receipts (feed §9): when a record counts as delivered, as the cosignatures say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fenhe_protocol.checkpoint import OpenedCheckpoint
from fenhe_protocol.encoding import date_at


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
