"""The service record of a finished order: what was done becomes a record of kind service_record.

Pure. Tiers are the schema's: times, hours, money, class and rating go to the hub; who it was, what
for and in which words only sealed to the national platform, where the unit has turned that on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fenhe_node.store.orders import StoredOrder
from fenhe_protocol.encoding import format_time

KIND = "service_record"
HOUR = 3600
_OF_WISH = ("applicant", "applicant_unit", "phone", "mail", "content")


def record_id(order: StoredOrder) -> str:
    """The id of an order's service record: references are random, so none is given twice."""
    return f"S-{order.reference}"


def service_record(order: StoredOrder, unit: str, offset_minutes: int) -> dict[str, Any]:
    """Draft the record; `outcome` has begin and end in POSIX seconds and what was done between."""
    outcome, wish = order.outcome, order.wish
    record: dict[str, Any] = {
        "unit": unit,
        "kind": KIND,
        "id": record_id(order),
        "instrument": order.instrument,
        "started_at": format_time(_hour(outcome["begin"]), offset_minutes),
        "ended_at": format_time(_hour(outcome["end"] + HOUR - 1), offset_minutes),
        "effective_minutes": outcome["minutes"],
        "amount_fen": outcome["fen"],
        "user_class": wish["user_class"],
        "capture": "manual",
    }
    record |= _said(outcome, ("fee_line", "samples", "way", "agreement"))
    record |= _said(wish, ("direction", *_OF_WISH))
    if order.rating:
        record["rating"] = order.rating
    if order.comment:
        record["comment"] = order.comment
    return record


def local_time(text: str, offset_minutes: int) -> int:
    """POSIX seconds of `2026-11-23T09:30` where the unit is; ValueError."""
    zone = timezone(timedelta(minutes=offset_minutes))
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=zone).timestamp())


def local_text(posix: int, offset_minutes: int) -> str:
    """The same the other way; empty for 0."""
    if not posix:
        return ""
    shown = datetime.fromtimestamp(posix, UTC) + timedelta(minutes=offset_minutes)
    return shown.strftime("%Y-%m-%dT%H:%M")


def _hour(posix: int) -> int:
    # Offsets of whole hours; where they are not, the schema's full hour is the local one's start.
    return posix - posix % HOUR


def _said(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) not in (None, "", 0)}
