"""The form for a service and the applicant's own page, as templates show them. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.orders.estimate import Estimate, Offer, estimate, offers_of, party_of
from fenhe_node.orders.wish import DIRECTIONS, USER_CLASSES, WAYS, Fault
from fenhe_node.pages.record_page import fees_of
from fenhe_node.pages.wording import Schema, yuan
from fenhe_node.published import Catalogue, Published

# The schema's words are the norm's; a visitor asks what he has to do himself.
WAY_WORDS = {
    "3": "委托测试：由本单位测，交付结果",
    "2": "在技术人员指导下自己操作",
    "1": "自己操作",
    "4": "远程",
}
CLOSED_STATUS = frozenset({"awaiting_repair", "awaiting_scrap"})
APPLY = "/apply?"


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of an estimate in words."""

    item: str
    quantity: str
    price: str
    fen: str


@dataclass(frozen=True, slots=True)
class Costs:
    """An estimate in words; `complete` is False where some line has no price to go by."""

    lines: Sequence[CostLine]
    total: str
    complete: bool


def takes_orders(record: Published | None, address: str) -> bool:
    """Whether an instrument's service can be asked for here: no booking system, not out of use."""
    if record is None or record.kind != "instrument":
        return False
    fields = record.fields
    booking = str(fields.get("booking_url", ""))
    elsewhere = bool(booking) and not booking.startswith(address + APPLY)
    return (
        not elsewhere
        and fields.get("share_mode") != "none"
        and fields.get("status") not in CLOSED_STATUS
    )


def offers(record: Published, catalogue: Catalogue, today: str) -> list[Offer]:
    """The price lines in force of the standards that an instrument names."""
    return offers_of((standard.fields for standard in fees_of(record, catalogue)), today)


def apply_page(
    record: Published,
    offered: Sequence[Offer],
    schemas: Mapping[str, Schema],
    form: Mapping[str, str],
    faults: Sequence[Fault] = (),
) -> dict[str, Any]:
    """Give the template the form, what was filled in, what is wrong, and what it would cost."""
    service = schemas["service_record"]["properties"]
    return {
        "section": "",
        "record": record,
        "name": record.name,
        "form": defaultdict(str, form),
        "faults": defaultdict(str, {fault.field: fault.text for fault in faults}),
        "fault_list": faults,
        "classes": [(code, _label(service["user_class"], code)) for code in USER_CLASSES],
        "directions": [(code, _label(service["direction"], code)) for code in DIRECTIONS],
        "ways": [(code, WAY_WORDS[code]) for code in WAYS],
        "offers": [(offer, per_of(offer, schemas), _prices(offer)) for offer in offered],
        "costs": costs_of(_quantities(form, offered), offered, form.get("user_class", ""), schemas),
    }


def costs_of(
    quantities: Mapping[str, int],
    offered: Sequence[Offer],
    user_class: str,
    schemas: Mapping[str, Schema],
) -> Costs | None:
    """An estimate in words; None where nothing was counted."""
    found: Estimate = estimate(offered, quantities, party_of(user_class))
    if not found.lines:
        return None
    lines = [
        CostLine(
            line.offer.item,
            f"{line.quantity} {unit_of(line.offer, schemas)}".rstrip(),
            f"{line.portions} 份" if line.portions != line.quantity else "",
            "面议" if line.fen is None else f"{yuan(line.fen)} 元",
        )
        for line in found.lines
    ]
    return Costs(lines, f"{yuan(found.total_fen)} 元", found.complete)


def unit_of(offer: Offer, schemas: Mapping[str, Schema]) -> str:
    """What the quantity of a price line is counted in: 小时, 样."""
    line = schemas["fee_standard"]["properties"]["lines"]["items"]["properties"]
    return _label(line["charge_unit"], offer.charge_unit)


def per_of(offer: Offer, schemas: Mapping[str, Schema]) -> str:
    """What one price covers: 小时, 30 分钟."""
    quantity = int(offer.line.get("charge_quantity", 1))
    unit = unit_of(offer, schemas)
    return f"{quantity} {unit}" if quantity != 1 else unit


def _prices(offer: Offer) -> str:
    named = (
        ("内部", "internal_fen"),
        ("外部", "external_fen"),
        ("科技型中小微企业", "small_firm_fen"),
    )
    return "，".join(
        f"{label} {yuan(offer.line[name])} 元" for label, name in named if name in offer.line
    )


def _quantities(form: Mapping[str, str], offered: Sequence[Offer]) -> dict[str, int]:
    texts = {offer.ref: form.get(f"q:{offer.ref}", "").strip() for offer in offered}
    return {
        ref: int(text)
        for ref, text in texts.items()
        if text.isascii() and text.isdigit() and len(text) <= 7
    }


def _label(schema: Schema, code: str) -> str:
    label = schema.get("x-labels", {}).get(code, {}).get("zh", "")
    return str(label)
