"""Service records entered and corrected by hand. Start at `enter`.

A correction says why, and the former state stays here beside it, to be shown to whoever asks; what
was published of it is superseded by the next publish, as any change is.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fenhe_node.editing import Hand, Saved, save
from fenhe_node.store import Store, records, services
from fenhe_node.store.services import Former
from fenhe_protocol.errors import InputError

KIND = "service_record"
LATE_DAYS = 30
"""A record that comes in later than this after its service is marked as late."""
LATE_SECONDS = LATE_DAYS * 86_400


def new_id(store: Store, day: str) -> str:
    """An id for what is entered by hand on a day (2026-11-23): H20261123-1."""
    beginning = f"H{day.replace('-', '')}-"
    return f"{beginning}{services.next_number(store, beginning)}"


def enter(store: Store, record: Mapping[str, Any], hand: Hand, *, seen: str = "") -> Saved:
    """Keep a new record, or one changed from the state `seen`, which needs a reason.

    InputError `usage.reason`, and as `editing.save`.
    """
    if not seen:
        return save(store, record, replace(hand, reason=hand.reason or "手工登记 by hand"))
    if not hand.reason:
        raise InputError("usage.reason", where=str(record["id"]))
    with store.transaction():
        old = records.find(store, KIND, str(record["id"]))
        saved = save(store, record, hand, seen=seen)
        if old is not None and saved.fields and not saved.problems:
            former = Former(hand.now, hand.by, hand.reason, old.record)
            services.keep_former(store, saved.id, former)
    return saved
