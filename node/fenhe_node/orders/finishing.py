"""From a finished order to its service record, held to the schema before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.editing import Hand, save, state_of
from fenhe_node.orders.record import KIND, service_record
from fenhe_node.store import Store, records
from fenhe_node.store.orders import StoredOrder
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: begin and end in POSIX seconds, effective minutes, money in fen."""

    begin: int
    end: int
    minutes: int
    fen: int
    samples: int = 0
    way: int = 0
    fee_line: str = ""
    agreement: bool | None = None

    def facts(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: getattr(self, name) for name in self.__slots__}


def fee_line_of(quantities: Mapping[str, int], refs: Sequence[str]) -> str:
    """The one price line that an order names, where it is one: a record has room for one."""
    named = [ref for ref in quantities if ref in refs]
    return named[0] if len(named) == 1 else ""


def keep_record(
    store: Store, order: StoredOrder, unit: str, offset_minutes: int, now: int, *, by: str
) -> str:
    """Draft, judge and keep the record of a finished order; its id. InputError says what is wrong.

    It is published like any other; a correction or a rating is a new state of the same record.
    """
    if order.outcome["end"] < order.outcome["begin"]:
        raise InputError("order.time", where=order.reference)
    record = service_record(order, unit, offset_minutes)
    old = records.find(store, KIND, record["id"])
    if old is not None and old.deleted:
        return str(record["id"])  # deleted by hand, or erased: it stays so
    hand = Hand(SchemaSet.load(), unit, now, by, f"服务申请 {order.reference}")
    saved = save(store, record, hand, seen=state_of(old.record) if old else "")
    if saved.problems:
        first = saved.problems[0]
        raise InputError(
            "order.record", where=first.field, expected=first.expected_zh, found=first.found
        )
    return str(record["id"])
