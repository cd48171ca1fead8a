"""What an order would cost by the published fee standards: steps, discounts, user class. Pure.

Two readings of a fee standard are decided here, and said on the page. A begun portion counts whole
(不足 2 小时按 2 小时计). A step is chosen by the whole quantity and applies to all of it: "4 只以上
160 元" means 160 yuan for each of four, not for the fourth alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Party = Literal["internal", "external", "small_firm"]
MOST = 1_000_000  # of anything in one order


@dataclass(frozen=True, slots=True)
class Offer:
    """One price line in force; `ref` is how a service record names it: `<standard>/<no>`."""

    ref: str
    item: str
    charge_unit: str  # code
    line: Mapping[str, Any]  # of the schema `fee_standard`


@dataclass(frozen=True, slots=True)
class Costed:
    """One line of an estimate; `fen` is None where the standard names no price for this party."""

    offer: Offer
    quantity: int
    portions: int
    step: Mapping[str, Any] | None
    fen: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """All lines that were asked for. `complete`: every one of them has a price."""

    lines: Sequence[Costed]
    total_fen: int

    @property
    def complete(self) -> bool:
        """Whether the total is the whole of it."""
        return all(line.fen is not None for line in self.lines)


def party_of(user_class: str) -> Party:
    """Which of the three prices a user class pays."""
    if user_class == "internal":
        return "internal"
    return "small_firm" if user_class == "tech_sme" else "external"


def offers_of(standards: Iterable[Mapping[str, Any]], on: str) -> list[Offer]:
    """The price lines of standards that are in force on a date (ISO), in their order."""
    return [offer for standard in standards if _in_force(standard, on) for offer in _of(standard)]


def estimate(offers: Sequence[Offer], quantities: Mapping[str, int], party: Party) -> Estimate:
    """Cost the quantities, by `ref`; those of lines that are not offered count for nothing."""
    lines = [
        _cost(offer, quantities[offer.ref], party)
        for offer in offers
        if quantities.get(offer.ref, 0) > 0
    ]
    return Estimate(lines, sum(line.fen or 0 for line in lines))


def _in_force(standard: Mapping[str, Any], on: str) -> bool:
    start, end = standard.get("in_force_from", on), standard.get("in_force_to", on)
    return bool(start <= on <= end)


def _of(standard: Mapping[str, Any]) -> Iterator[Offer]:
    for place, line in enumerate(standard.get("lines", ()), start=1):
        ref = f"{standard['id']}/{line.get('no', place)}"
        yield Offer(ref, str(line.get("item", "")), str(line.get("charge_unit", "")), line)


def _cost(offer: Offer, quantity: int, party: Party) -> Costed:
    party = _priced_as(offer.line, party)
    portions = -(-quantity // int(offer.line.get("charge_quantity", 1)))
    step = _step(offer.line.get("steps", ()), quantity, party)
    price = _price(offer.line, party)
    if step is not None and "price_fen" in step:
        price = int(step["price_fen"])
    if price is None:
        return Costed(offer, quantity, portions, step, None)
    percent = int(step.get("percent", 100)) if step is not None else 100
    return Costed(offer, quantity, portions, step, (price * portions * percent + 50) // 100)


def _priced_as(line: Mapping[str, Any], party: Party) -> Party:
    """A small firm pays what others outside pay, where the line says nothing of small firms."""
    if party != "small_firm" or "small_firm_fen" in line:
        return party
    named = any(step.get("party") == "small_firm" for step in line.get("steps", ()))
    return party if named else "external"


def _price(line: Mapping[str, Any], party: Party) -> int | None:
    found = line.get(f"{party}_fen")
    if found is None and party == "small_firm":
        found = line.get("external_fen")
    return None if found is None else int(found)


def _step(
    steps: Sequence[Mapping[str, Any]], quantity: int, party: Party
) -> Mapping[str, Any] | None:
    """The step of this very party before one for all, then the one that begins highest."""
    fitting = [
        step
        for step in steps
        if step.get("party", party) == party
        and step.get("from_quantity", 0) <= quantity
        and quantity < step.get("below_quantity", quantity + 1)
    ]
    return max(
        fitting, key=lambda each: ("party" in each, each.get("from_quantity", 0)), default=None
    )
