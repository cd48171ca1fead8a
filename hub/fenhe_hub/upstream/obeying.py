"""What an operator says of items in an outbox: send again, how the platform reviewed, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from fenhe_hub.upstream.audit_table import read_table
from fenhe_hub.upstream.outbox import Item, ItemState, note_audit, send_again
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.errors import InputError

ALL = "all"
_GONE = ItemState.GONE
_LONGEST_STATUS = 9  # characters
_ONE_KIND: Mapping[str, str] = {"": ""}  # all that is there is of one kind


def chosen(items: Iterable[Item], uscc: str) -> list[Item]:
    """Items of a unit, or of `all`; InputError `forward.unit` where a code means nobody."""
    found = [item for item in items if uscc in (ALL, item.candidate.uscc)]
    if not found and uscc != ALL:
        raise InputError("forward.unit", where=uscc, expected="统一社会信用代码 a unit's code, all")
    return found


def send_returned(outbox: OutboxStore, uscc: str) -> None:
    """Put returned items of a unit, or of `all`, back in line; InputError `forward.unit`."""
    with outbox.transaction():
        for item in chosen(outbox.items(), uscc):
            outbox.put(send_again(item))


def note_withdrawn(outbox: OutboxStore, place: str) -> None:
    """Say no more of `USCC:ID`: it was taken down at the platform. InputError `forward.gone`.

    Where records of several kinds have that id, `USCC:KIND:ID` says which.
    """
    uscc, _, rest = place.partition(":")
    with outbox.transaction():
        of_unit = [i for i in outbox.items() if (i.candidate.uscc, i.state) == (uscc, _GONE)]
        named = [i for i in of_unit if f"{i.candidate.kind}:{i.candidate.record_id}" == rest]
        found = named or [item for item in of_unit if item.candidate.record_id == rest]
        if len(found) == 1:
            outbox.remove(found[0])
            return
    meant = " · ".join(f"{uscc}:{i.candidate.kind}:{rest}" for i in found)
    raise InputError("forward.gone", where=place, expected=meant or "USCC:ID")


def note_audits(
    outbox: OutboxStore,
    file: Path,
    *,
    number: str,
    approval: bool,
    kinds: Mapping[str, str] = _ONE_KIND,
) -> None:
    """Take in the platform's review states: insCode, `number` and auditStatus, CSV or Excel.

    `number` is what the platform calls a record's own number; `kinds` says what an item is by a
    fourth column, instruType, which may be missing. InputError `forward.audit` for a row that is
    none; then nothing is taken in, and no value is quoted.
    """
    items = {
        (item.candidate.ins_code, _kind(item, kinds), item.candidate.record_id): item
        for item in outbox.items()
    }
    with outbox.transaction():
        for row_number, row in read_table(file, "insCode"):
            (ins_code, id), status = _read(row, number, f"{file.name}:{row_number}")
            key = (ins_code, kinds.get(row.get("instruType") or "", kinds[""]), id)
            if key in items:
                outbox.put(note_audit(items[key], status, approval=approval))


def _kind(item: Item, kinds: Mapping[str, str]) -> str:
    return item.candidate.kind if kinds is not _ONE_KIND else ""


def _read(row: dict[str, str], number: str, where: str) -> tuple[tuple[str, str], int]:
    try:
        return (row["insCode"], row[number]), _status(row["auditStatus"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "forward.audit", where=where, expected=f"insCode,{number},auditStatus"
        ) from error


def _status(text: str) -> int:
    """A review state; ValueError for what is none, and for more than any table keeps."""
    if len(text) > _LONGEST_STATUS:
        raise ValueError(text[:_LONGEST_STATUS])
    return int(text)
