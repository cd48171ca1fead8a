"""Fee standards as lines of a table, and the one price that a list has room for. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.wording import Schema, yuan
from fenhe_node.published import Published


@dataclass(frozen=True, slots=True)
class Price:
    """One price line; amounts in yuan as text, empty where the unit names none."""

    standard: str
    item: str
    per: str
    internal: str
    external: str
    small_firm: str
    steps: tuple[str, ...]
    note: str
    basis: str
    expired: bool


def prices(schema: Schema, standards: Iterable[Published], today: str) -> list[Price]:
    """All price lines of the standards, in their order; `today` is an ISO date."""
    line = schema["properties"]["lines"]["items"]["properties"]
    return [_price(line, standard, fields, today) for standard, fields in _lines(standards)]


def least_external(schema: Schema, standards: Iterable[Published], today: str) -> str:
    """Say the lowest price in force for outside users (`300 元/小时起`); empty if there is none."""
    line = schema["properties"]["lines"]["items"]["properties"]
    in_force = (standard for standard in standards if not _expired(standard, today))
    offers = [fields for _, fields in _lines(in_force) if "external_fen" in fields]
    if not offers:
        return ""
    least = min(offers, key=lambda fields: int(fields["external_fen"]))
    per = _per(line, least)
    more = "起" if len(offers) > 1 else ""
    return f"{yuan(least['external_fen'])} 元" + (f"/{per}" if per else "") + more


def _lines(standards: Iterable[Published]) -> Iterator[tuple[Published, Mapping[str, Any]]]:
    for standard in standards:
        for fields in standard.fields.get("lines", ()):
            yield standard, fields


def _price(line: Schema, standard: Published, fields: Mapping[str, Any], today: str) -> Price:
    return Price(
        standard=standard.name,
        item=str(fields.get("item", "")),
        per=_per(line, fields),
        internal=_money(fields, "internal_fen"),
        external=_money(fields, "external_fen"),
        small_firm=_money(fields, "small_firm_fen"),
        steps=tuple(_step(line, step) for step in fields.get("steps", ())),
        note=str(fields.get("note", "")),
        basis=_basis(standard.fields),
        expired=_expired(standard, today),
    )


def _expired(standard: Published, today: str) -> bool:
    return str(standard.fields.get("in_force_to", today)) < today


def _money(fields: Mapping[str, Any], name: str) -> str:
    return yuan(fields[name]) if name in fields else ""


def _per(line: Schema, fields: Mapping[str, Any]) -> str:
    code = fields.get("charge_unit", "")
    label = line["charge_unit"].get("x-labels", {}).get(code, {}).get("zh", "")
    quantity = fields.get("charge_quantity", 1)
    return f"{quantity} {label}" if label and quantity != 1 else label


def _step(line: Schema, step: Mapping[str, Any]) -> str:
    labels = line["steps"]["items"]["properties"]["party"].get("x-labels", {})
    party = labels.get(step.get("party", ""), {}).get("zh", "")
    start, end = step.get("from_quantity"), step.get("below_quantity")
    reach = (f"满 {start}" if start else "") + (f" 不足 {end}" if end else "")
    price = f"{yuan(step['price_fen'])} 元" if "price_fen" in step else ""
    share = f"按 {step['percent']}%" if "percent" in step else ""
    return " ".join(part for part in (party, reach.strip(), price, share) if part)


def _basis(fields: Mapping[str, Any]) -> str:
    approval = fields.get("approval", {})
    document = approval.get("document_no") or approval.get("title", "")
    start, end = fields.get("in_force_from", ""), fields.get("in_force_to", "")
    period = f"{start} 至 {end}" if start and end else f"{start} 起" if start else ""
    return "，".join(part for part in (document, period) if part)
