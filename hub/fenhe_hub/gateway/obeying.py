"""What an operator says of services in the outbox: send again, and how the platform reviewed."""

from __future__ import annotations

import csv
from pathlib import Path

from fenhe_hub.upstream.outbox import Item, note_audit, send_again
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.errors import InputError

ALL = "all"
_FORM = "insCode,recordInnerId,auditStatus"


def send_returned(outbox: OutboxStore, uscc: str) -> None:
    """Put returned services of a unit, or of `all`, back in line; InputError `forward.unit`."""
    chosen = [item for item in outbox.items() if uscc in (ALL, item.candidate.uscc)]
    if not chosen and uscc != ALL:
        raise InputError("forward.unit", where=uscc, expected="统一社会信用代码 a unit's code, all")
    with outbox.transaction():
        for item in chosen:
            outbox.put(send_again(item))


def note_audits(outbox: OutboxStore, file: Path) -> None:
    """Take in the platform's review states; InputError `forward.audit` for a row that is none."""
    items = {(item.candidate.ins_code, item.candidate.record_id): item for item in outbox.items()}
    try:
        lines = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputError("source.unreadable", where=str(file), found=str(error)) from error
    with lines, outbox.transaction():
        for number, row in enumerate(csv.DictReader(lines), start=2):
            key, status = _read(row, f"{file.name}:{number}")
            if key in items:
                outbox.put(_noted(items[key], status))


def _noted(item: Item, status: int) -> Item:
    return note_audit(item, status, approval=False)


def _read(row: dict[str, str], where: str) -> tuple[tuple[str, str], int]:
    try:
        return (row["insCode"], row["recordInnerId"]), int(row["auditStatus"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("forward.audit", where=where, expected=_FORM) from error
