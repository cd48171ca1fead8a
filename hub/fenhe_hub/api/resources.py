"""Records of the catalogue: hits of the full text with facets, and one record with its place."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote

from fenhe_hub.api.labels import RESOURCE_KINDS, class_label, facet_label, kind_label
from fenhe_hub.api.operation import Asked, not_found
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.shapes import (
    FacetValue,
    HistoryEntry,
    Provenance,
    Ratings,
    Resource,
    ResourcePage,
    ResourceSummary,
)
from fenhe_hub.index.facets import Facets, facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.grams import words
from fenhe_hub.index.places import history, receipt
from fenhe_hub.index.ratings import FEWEST, ratings_of
from fenhe_hub.index.read import Log, Record, Unit, record, records_of, units
from fenhe_hub.index.search import Hit, find
from fenhe_protocol.encoding import date_at, format_time

FACETS = ("kind", "unit", "city", "class_code", "value_band", "status")


def list_resources(asked: Asked) -> ResourcePage:
    """A page of hits under the filters; facets and total unless they were declined."""
    filters, query = filters_of(asked), asked.text("q") or ""
    hits, cursor = _page(asked, query, filters)
    with_units = units(asked.db, (hit.unit_no for hit in hits))
    counted = facets(asked.db, query, filters) if asked.values["facets"] else None
    return ResourcePage(
        items=tuple(_summaries(asked, hits, with_units)),
        total=counted.total if counted else None,
        facets=_facet_values(asked, counted) if counted else {},
        sources={unit.uscc: asked.source(unit) for unit in with_units.values()},
        next=cursor,
    )


def _page(asked: Asked, query: str, filters: Filters) -> tuple[list[Hit], str | None]:
    order, limit = str(asked.values["sort"]), asked.number("limit")
    if order == "relevance" and not words(query):
        order = "name"
    key: type[int] | type[bytes] = int if order == "relevance" else bytes
    after = read_cursor(order, asked.text("cursor"), key, int)
    hits = find(asked.db, query, filters, order=order, limit=limit + 1, after=after)
    more = len(hits) > limit
    return hits[:limit], write_cursor(order, hits[limit - 1].place) if more else None


def filters_of(asked: Asked) -> Filters:
    """The filters of a request."""
    kind = asked.text("kind")
    return Filters(
        kinds=(kind,) if kind else RESOURCE_KINDS,
        unit_no=asked.unit_no(),
        city=asked.text("city"),
        class_code=asked.text("class_code"),
        value_band=asked.text("value_band"),
        status=asked.text("status"),
    )


def _summaries(
    asked: Asked, hits: Iterable[Hit], with_units: Mapping[int, Unit]
) -> Iterator[ResourceSummary]:
    identities = ((hit.unit_no, hit.kind, hit.id) for hit in hits)
    for found in records_of(asked.db, identities):
        yield summarise(asked, found, with_units[found.unit_no])


def summarise(asked: Asked, found: Record, unit: Unit) -> ResourceSummary:
    """A record in short."""
    pub, location = found.pub, found.pub.get("location") or {}
    return ResourceSummary(
        unit=unit.uscc,
        unit_name=unit.name,
        kind=found.kind,
        id=found.id,
        name_zh=str(pub.get("name_zh") or found.id),
        name_en=pub.get("name_en"),
        model=pub.get("model"),
        manufacturer=pub.get("manufacturer"),
        class_code=pub.get("class_code"),
        city=location.get("city"),
        value_band=pub.get("value_band"),
        status=pub.get("status"),
        page=f"{asked.reading.url}{record_path(unit.uscc, found.kind, found.id)}",
    )


def record_path(uscc: str, kind: str, id_: str) -> str:
    """The path of a record's page."""
    return f"/r/{uscc}/{kind}/{quote(id_, safe='')}"


def _facet_values(asked: Asked, counted: Facets) -> dict[str, tuple[FacetValue, ...]]:
    depth = min(6, len(asked.text("class_code") or "") + 2)
    classes: Counter[str] = Counter()
    for code, count in counted.class_code.items():
        classes[code[:depth]] += count
    return {
        "kind": _values(counted.kind, kind_label),
        "unit": _unit_values(asked, counted.unit_no),
        "city": _values(counted.city, lambda value: (value, "")),
        "class_code": _values(classes, class_label),
        "value_band": _values(counted.value_band, lambda value: facet_label("value_band", value)),
        "status": _values(counted.status, lambda value: facet_label("status", value)),
    }


def _values(
    counter: Counter[str], label: Callable[[str], tuple[str, str]]
) -> tuple[FacetValue, ...]:
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetValue(value, *label(value), count) for value, count in ordered)


def _unit_values(asked: Asked, counter: Counter[int]) -> tuple[FacetValue, ...]:
    known = units(asked.db, counter)
    return tuple(
        FacetValue(known[no].uscc, known[no].name, str(known[no].pub.get("name_en", "")), count)
        for no, count in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
        if no in known
    )


def one_resource(asked: Asked) -> Resource:
    """The public state of a record with its provenance and history; a deleted one too."""
    unit, found, log = find_resource(asked)
    return Resource(
        unit=unit.uscc,
        unit_name=unit.name,
        kind=found.kind,
        id=found.id,
        deleted_on=found.deleted_on,
        record=found.pub,
        provenance=_provenance(asked, found, log),
        history=_history(asked, found),
        source=asked.source(unit),
        ways=asked.ways(unit),
        ratings=_ratings(asked, found),
        page=f"{asked.reading.url}{record_path(unit.uscc, found.kind, found.id)}",
    )


def _ratings(asked: Asked, found: Record) -> Ratings | None:
    if found.kind != "instrument" or found.deleted_on:
        return None
    shown = ratings_of(asked.db, found.unit_no, found.id)
    if not shown.count:
        return Ratings(None, None, FEWEST)
    return Ratings(shown.count, shown.average_tenths, FEWEST)


def find_resource(asked: Asked) -> tuple[Unit, Record, Log]:
    """The record named in the path, whose it is and where it stands; RequestError 404."""
    unit = asked.unit()
    found = record(asked.db, unit.unit_no, str(asked.values["kind"]), str(asked.values["id"]))
    for log in unit.logs:
        if found is not None and log.log_no == found.log_no and log.public:
            return unit, found, log
    raise not_found(f"{unit.uscc} {asked.values['kind']} {asked.values['id']}")


def _history(asked: Asked, found: Record) -> tuple[HistoryEntry, ...]:
    places = history(asked.db, found.unit_no, found.kind, found.id)
    return tuple(
        HistoryEntry(each.origin, each.index, each.deleted, time_text(each.received_at))
        for each in places
    )


def _provenance(asked: Asked, found: Record, log: Log) -> Provenance:
    at = receipt(asked.db, found.log_no, found.pub_idx)
    place = leaf_query(log.origin, found.pub_idx)
    return Provenance(
        origin=log.origin,
        index=found.pub_idx,
        size=log.cosigned_size,
        received_at=time_text(at),
        received_on=None if at is None else date_at(at),
        cosigner=asked.reading.cosigner.name,
        proof=f"{asked.reading.url}/api/v1/proof?{place}",
        verify=f"{asked.reading.url}/api/v1/verify?{place}",
    )


def leaf_query(origin: str, index: int) -> str:
    """The query that names a leaf to `/proof` and `/verify`."""
    return f"origin={quote(origin, safe='')}&index={index}"


def time_text(at: int | None) -> str | None:
    """A time as the API writes it."""
    return None if at is None else format_time(at)
