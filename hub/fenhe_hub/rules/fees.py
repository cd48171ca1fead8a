"""Fee standards as numbers: which price a line asks of whom, when, and what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Any, NamedTuple

from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.facts import Outage, ResourceFacts, Submission


class Per(IntEnum):
    """What a price is multiplied by."""

    UNTOLD = 0  # what was used up is not in a service record: the amount cannot be compared
    MINUTES = 1
    SAMPLES = 2
    SERVICE = 3


class Price(NamedTuple):
    """The most that a line lets one party pay. Dates inclusive, None: open; `fen` for `quantity`.

    `party` is 0 internal, 1 external, 2 a small technology firm.
    """

    line: str
    party: int
    start: date | None
    end: date | None
    per: Per
    fen: int
    quantity: int


PARTIES = ("internal", "external", "small_firm")
_FIELDS = ("internal_fen", "external_fen", "small_firm_fen")
_UNITS: Mapping[str, tuple[Per, int]] = {
    "minute": (Per.MINUTES, 1),
    "hour": (Per.MINUTES, 60),
    "day": (Per.MINUTES, 24 * 60),
    "sample": (Per.SAMPLES, 1),
    "time": (Per.SERVICE, 1),
}


def prices(
    standards: Iterable[ResourceFacts], outages: Callable[[], Sequence[Outage]] = tuple
) -> Iterator[Price]:
    """Every price that any leaf of these fee standards asked, from the day on which it counts.

    A price that is dearer than all that its line asked of that party before counts from the day on
    which the hub received it, if that is later than the one it names: nobody was asked for it in
    public until then. Said again, it counts from no earlier day. Outages of the hub by which it
    came later are not counted.
    """
    for standard in standards:
        before: dict[tuple[str, int], list[tuple[Price, date]]] = {}
        for leaf in _leaves(standard):
            said = [
                counted
                for line in leaf.fields.get("lines", ())
                for price in _of_line(f"{standard.id}/{line.get('no')}", line, leaf.fields)
                if (counted := _counted(price, before, leaf.delivered_on, outages)) is not None
            ]
            for price, first in said:
                yield price
                before.setdefault((price.line, price.party), []).append((price, first))


def _counted(
    price: Price,
    before: Mapping[tuple[str, int], Sequence[tuple[Price, date]]],
    came: date | None,
    outages: Callable[[], Sequence[Outage]],
) -> tuple[Price, date] | None:
    """The price as it counts, and the first day from which as much may count when it is said again.

    None for a raised one that nobody can know of yet.
    """
    known = before.get((price.line, price.party))
    if known is None:
        return price, date.min
    first = min((day for each, day in known if _is_no_dearer(price, each)), default=date.max)
    if first <= (price.start or date.min):
        return price, first
    if came is not None:
        first = min(first, _could_come(came, outages()))
    if first == date.max:
        return None
    start = max(first, price.start or first)
    return price._replace(start=start), start


def _leaves(standard: ResourceFacts) -> list[Submission]:
    said = [each for each in standard.submissions if not each.refused]
    return said or [Submission(0, standard.public, None)]


def _is_no_dearer(price: Price, before: Price) -> bool:
    """Whether nobody pays more by this price than by one that was asked before."""
    if before.per is Per.UNTOLD:
        return True
    alike = price.per is before.per and price.quantity <= before.quantity
    return alike and price.fen * before.quantity <= before.fen * price.quantity


def _could_come(day: date, outages: Sequence[Outage]) -> date:
    """The day on which it would have come, had the hub been there before."""
    for outage in sorted(outages, key=lambda each: each.start, reverse=True):
        start, end = (
            datetime.fromtimestamp(at, UTC).astimezone(CHINA).date()
            for at in (outage.start, outage.end)
        )
        if start < day <= end:
            day = start
    return day


def _of_line(name: str, line: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Price]:
    start, end = (_day(said.get(member)) for member in ("in_force_from", "in_force_to"))
    per, size = _UNITS.get(line.get("charge_unit", ""), (Per.UNTOLD, 1))
    quantity = size * (line.get("charge_quantity") or 1)
    for party in range(len(PARTIES)):
        most = dearest(line, party)
        told = Per.UNTOLD if most is None else per
        yield Price(name, party, start, end, told, most or 0, quantity)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def dearest(line: Mapping[str, Any], party: int) -> int | None:
    """The highest price of a line for a party, steps included; a small firm pays no more."""
    base = line.get(_FIELDS[party])
    if base is None and party == PARTIES.index("small_firm"):
        return dearest(line, PARTIES.index("external"))
    found = [] if base is None else [base]
    for step in line.get("steps", ()):
        if step.get("party", PARTIES[party]) == PARTIES[party]:
            if "price_fen" in step:
                found.append(step["price_fen"])
            elif base is not None and "percent" in step:
                found.append(-(-base * step["percent"] // 100))
    return max(found, default=None)


def dearest_of_all(line: Mapping[str, Any]) -> int | None:
    """The highest price of a line for anybody."""
    found = [most for party in range(len(PARTIES)) if (most := dearest(line, party)) is not None]
    return max(found, default=None)


def basis(line: Mapping[str, Any]) -> tuple[int, int] | None:
    """(materials + utilities + labour, other) of a line in fen; None where none of it is told."""
    told = line.get("cost_basis") or {}
    parts = [
        told[name] for name in ("materials_fen", "utilities_fen", "labour_fen") if name in told
    ]
    other = told.get("other_fen", 0)
    return (sum(parts), other) if parts or other else None
