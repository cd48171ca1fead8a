"""Price lines as people read them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.api.labels import code_label
from fenhe_hub.portal.values import yuan
from fenhe_protocol.schema import Field, SchemaSet

_PARTIES = ("internal", "external", "small_firm")
_COSTS = ("materials_fen", "utilities_fen", "labour_fen", "other_fen")


@dataclass(frozen=True, slots=True)
class Price:
    """One line: what is done, per what, for whom at what price, and what is to be known."""

    number: int
    item: str
    unit: str
    prices: tuple[str, ...]  # internal, external, small firms; in yuan
    notes: tuple[str, ...]


def price_lines(lines: Iterable[Mapping[str, Any]]) -> list[Price]:
    """The lines of a fee standard."""
    return [
        Price(
            number=line["no"],
            item=line["item"],
            unit=_unit(line),
            prices=tuple(_price(line.get(f"{party}_fen")) for party in _PARTIES),
            notes=tuple(_notes(line)),
        )
        for line in lines
    ]


def _field(path: str) -> Field:
    return SchemaSet.load().kind("fee_standard").field(path)


def _unit(line: Mapping[str, Any]) -> str:
    if "charge_unit" not in line:
        return ""
    name = code_label(_field("lines[].charge_unit"), line["charge_unit"]).zh
    quantity = line.get("charge_quantity", 1)
    return name if quantity == 1 else f"{quantity} {name}"


def _price(fen: int | None) -> str:
    if fen is None:
        return "—"
    return "免费" if fen == 0 else yuan(fen)


def _notes(line: Mapping[str, Any]) -> Iterator[str]:
    for step in line.get("steps", ()):
        yield _step(step)
    if cost := line.get("cost_basis"):
        parts = [
            f"{_field(f'lines[].cost_basis.{name}').title_zh} {yuan(cost[name])}"
            for name in _COSTS
            if name in cost
        ]
        yield "成本 " + "、".join(parts)
    if note := line.get("note"):
        yield str(note)


def _step(step: Mapping[str, Any]) -> str:
    words = []
    if "party" in step:
        words.append(code_label(_field("lines[].steps[].party"), step["party"]).zh)
    begin, end = step.get("from_quantity"), step.get("below_quantity")
    if begin is not None:
        words.append(f"自 {begin} 起")
    if end is not None:
        words.append(f"不足 {end}")
    if "percent" in step:
        words.append(f"按 {step['percent']}% 收")
    if "price_fen" in step:
        words.append(f"单价 {yuan(step['price_fen'])} 元")
    return " ".join(words)
