"""`/record`: one record's page, with what lies at the node besides: receipts, photo, free times."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from fenhe_node.orders.calendar import Span, calendar
from fenhe_node.pages.availability import busy_days
from fenhe_node.pages.citing import Cited, citation, inert_json_ld, offer, schema_org
from fenhe_node.pages.ordering import offers, per_of, takes_orders
from fenhe_node.pages.record_page import Held, record_page
from fenhe_node.pages.site import Site, clock
from fenhe_node.published import Catalogue, Published
from fenhe_node.receipts.witnessed import lines_of
from fenhe_node.store import Store, calendars, orders, receipts
from fenhe_node.store.calendars import StoredCalendar
from fenhe_node.web.pages import asked_record, page, today
from fenhe_node.web.serving import Serving


@page
def show_record(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/record?kind=…&id=…`: one record."""
    return "record.html", record_context(serving, catalogue, site, asked_record(catalogue, request))


def record_context(
    serving: Serving, catalogue: Catalogue, site: Site, record: Published
) -> dict[str, Any]:
    """All that the template shows of a record."""
    held = receipts_shown(serving, record.log, record.index)
    context = record_page(
        record, catalogue, serving.schemas, serving.tables, site, today(serving), held
    )
    if record.kind != "instrument":
        return context
    named = cited(record, catalogue, serving, site)
    photo = str(record.fields.get("photo", ""))
    asks = site.takes_orders and takes_orders(record, serving.config.address)
    foreign = _foreign(serving, record)
    spans = spans_of(serving, record.id) if asks else []
    spans += [Span(*span) for span in foreign.spans] if foreign else []
    return context | {
        "photo": site.own_file(photo),
        "photo_elsewhere": "" if site.own_file(photo) else photo,
        "citation": citation(named),
        "json_ld": inert_json_ld(schema_org(named, _offers(serving, catalogue, record))),
        "pidinst": site.form("instrument", record.id, "pidinst.json"),
        "datacite": site.form("instrument", record.id, "datacite.xml"),
        "apply": site.apply(record.id) if asks else "",
        "busy": busy_days(spans, serving.now(), serving.config.utc_offset_minutes),
        "shows_busy": asks or foreign is not None,
        "busy_calendar": site.busy(record.id) if asks else "",
        "repeats": bool(foreign and foreign.repeats),
        "asked_at": clock(
            foreign.read_at if foreign else serving.now(), serving.config.utc_offset_minutes
        ),
    }


def receipts_shown(serving: Serving, log: str, index: int) -> list[Held]:
    """The receipts of a leaf of the public catalogue, then what witnesses say, earliest first."""
    with Store.open(serving.home.store) as store:
        found = receipts.covering(store, log, index)
        seen = lines_of(store, log, index)
    offset = serving.config.utc_offset_minutes
    held = [Held(each.cosigner, clock(each.time, offset)) for each in found]
    since = min((each.time for each in found), default=None)
    for each in seen:
        counts = bool(each.counts_at) or (since is not None and since <= each.time)
        shown = clock(each.time, offset)
        held.append(Held(each.witness, shown, is_witness=True, counts=counts))
    return held


def cited(record: Published, catalogue: Catalogue, serving: Serving, site: Site) -> Cited:
    """A record with what it takes to name it."""
    photo = str(record.fields.get("photo", ""))
    code = str(record.fields.get("class_code", ""))
    return Cited(
        record,
        catalogue.unit(),
        site.landing(record.kind, record.id),
        clock(catalogue.signed_at, serving.config.utc_offset_minutes)[:10],
        serving.tables.get("instrument-classes", {}).get(code, ""),
        photo if site.own_file(photo) else "",
    )


def busy_text(serving: Serving, record: Published, back: int = 0) -> str:
    """The calendar of an instrument, from `back` seconds ago on."""
    spans = spans_of(serving, record.id, back)
    return calendar(record.name, serving.config.origin, spans, serving.now())


def spans_of(serving: Serving, instrument: str, back: int = 0) -> list[Span]:
    """When an instrument is taken by scheduled requests, from `back` seconds ago on."""
    with Store.open(serving.home.store) as store:
        return [Span(*each) for each in orders.taken(store, instrument, serving.now() - back)]


def _foreign(serving: Serving, record: Published) -> StoredCalendar | None:
    """What the instrument's booking system said last, if it ever said anything."""
    address = str(record.fields.get("booking_free_busy", ""))
    if not address:
        return None
    with Store.open(serving.home.store) as store:
        found = calendars.find(store, record.id)
    return found if found and found.read_at and found.address == address else None


def _offers(serving: Serving, catalogue: Catalogue, record: Published) -> list[dict[str, Any]]:
    return [
        offer(each.item, each.line["external_fen"], per_of(each, serving.schemas))
        for each in offers(record, catalogue, today(serving))
        if "external_fen" in each.line
    ]
