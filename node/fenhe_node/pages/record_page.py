"""A record's page: its fields in groups that a visitor asks for in this order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.prices import Price, prices
from fenhe_node.pages.site import Site
from fenhe_node.pages.usage_table import UsageTable, usage_table
from fenhe_node.pages.wording import Fact, Schema, Tables, facts, is_web_address, remaining, say
from fenhe_node.published import Catalogue, Published

# Fields by their name, whatever the kind: a group shows those that the record has.
GROUPS = (
    ("用途", ("function", "service_content", "technical_specification", "achievement")),
    ("使用办法", ("user_notice", "share_mode")),
)
ASIDE = (
    *("service_office", "booking_url", "booking_free_busy"),
    *("fee_standards", "fee_text", "photo"),
)
HEAD = ("name_zh", "name_en", "status")
OUT_OF_USE = frozenset({"frequent_fault", "awaiting_repair", "awaiting_scrap"})


# What a page of an instrument has besides, from whoever serves it.
WITHOUT: Mapping[str, Any] = {
    **dict.fromkeys(("photo", "photo_elsewhere", "citation", "json_ld", "pidinst", "datacite"), ""),
    **dict.fromkeys(("apply", "busy_calendar", "asked_at"), ""),
    **dict.fromkeys(("shows_busy", "repeats"), False),
    "busy": (),
}


@dataclass(frozen=True, slots=True)
class Held:
    """Who certifies to hold a record, or a witness to have seen it, since when as one reads it.

    `counts`: by that time it counts as delivered.
    """

    by: str
    since: str
    is_witness: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and what stands under it."""

    title: str
    facts: list[Fact]


def record_page(
    record: Published,
    catalogue: Catalogue,
    schemas: Mapping[str, Schema],
    tables: Tables,
    site: Site,
    today: str,
    receipts: Sequence[Held] = (),
) -> dict[str, Any]:
    """Give the template what it shows of one record."""
    schema, fields = schemas[record.kind], record.fields
    return {
        "section": "",
        "name": record.name,
        "name_en": fields.get("name_en", ""),
        "status": _status(schema, fields, tables),
        "in_use": fields.get("status") not in OUT_OF_USE,
        "groups": _groups(schema, record, tables),
        "shows_terms": record.kind == "instrument",
        "fee_text": fields.get("fee_text", ""),
        "fees": _fees(record, catalogue, schemas, today),
        "usage": _usage(record, catalogue, schemas),
        "booking": _web_address(fields.get("booking_url", "")),
        "free_busy": _web_address(fields.get("booking_free_busy", "")),
        **WITHOUT,
        "office": _office(record, catalogue, schemas, tables),
        "index": record.index,
        "raw": site.raw(record.kind, record.id),
        "receipts": receipts,
        "delivered": any(not each.is_witness for each in receipts),
        "proof": site.proof(record.kind, record.id),
    }


def _web_address(value: str) -> str:
    return value if is_web_address(value) else ""


def fees_of(record: Published, catalogue: Catalogue) -> list[Published]:
    """The fee standards that a record names and that are published."""
    ids = record.fields.get("fee_standards", ())
    found = (catalogue.records.get(("fee_standard", id)) for id in ids)
    return [standard for standard in found if standard]


def _groups(schema: Schema, record: Published, tables: Tables) -> list[Group]:
    shown = [*HEAD, *ASIDE, *(name for _, names in GROUPS for name in names)]
    groups = [Group(title, facts(schema, record.fields, names, tables)) for title, names in GROUPS]
    rest = facts(schema, record.fields, remaining(schema, record.fields, shown), tables)
    return [*groups, Group("基本信息", [Fact("编号", record.id), *rest])]


def _status(schema: Schema, fields: Mapping[str, Any], tables: Tables) -> str:
    if "status" not in fields or "status" not in schema["properties"]:
        return ""
    return say(schema["properties"]["status"], fields["status"], tables)


def _fees(
    record: Published, catalogue: Catalogue, schemas: Mapping[str, Schema], today: str
) -> list[Price]:
    return prices(schemas["fee_standard"], fees_of(record, catalogue), today)


def _usage(
    record: Published, catalogue: Catalogue, schemas: Mapping[str, Schema]
) -> UsageTable | None:
    own = [s for s in catalogue.of("usage_summary") if s.fields.get("instrument") == record.id]
    return usage_table(schemas["usage_summary"], own) if own else None


def _office(
    record: Published, catalogue: Catalogue, schemas: Mapping[str, Schema], tables: Tables
) -> list[Fact]:
    """The record's own service office, else the unit's."""
    unit = catalogue.unit()
    for holder in (record, unit):
        if holder and (
            office := facts(schemas[holder.kind], holder.fields, ("service_office",), tables)
        ):
            return office
    return []
