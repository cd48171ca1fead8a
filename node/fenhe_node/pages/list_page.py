"""The front page: the unit's list with search, order, paging, and what its export holds. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.listing import Query, find, page_of
from fenhe_node.pages.prices import least_external
from fenhe_node.pages.record_page import fees_of
from fenhe_node.pages.site import Site
from fenhe_node.pages.wording import NOT_SHOWN, Schema, Tables, say
from fenhe_node.published import Catalogue, Published

# What stands beside the list on pages of its own, or about nothing that can be used.
ELSEWHERE = frozenset({"unit", "fee_standard", "usage_summary"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    address: str
    name: str
    model: str
    id: str
    classification: str
    price: str
    status: str
    since: str


def listed(catalogue: Catalogue) -> list[Published]:
    """The records that are resources."""
    return [r for r in catalogue.records.values() if r.kind not in ELSEWHERE]


def list_page(
    catalogue: Catalogue,
    query: Query,
    schemas: Mapping[str, Schema],
    tables: Tables,
    site: Site,
    today: str,
) -> dict[str, Any]:
    """Give the template one page of hits and the choices above it."""
    resources = listed(catalogue)
    page = page_of(find(resources, query), query.page)
    rows = rows_of(page.rows, catalogue, schemas, tables, site, today)
    return {
        "section": "",
        "query": query,
        "page": page,
        "rows": rows,
        "filled": filled(rows),
        "kinds": _kinds(resources, schemas),
        "statuses": _statuses(resources, schemas),
    }


def rows_of(
    found: Iterable[Published],
    catalogue: Catalogue,
    schemas: Mapping[str, Schema],
    tables: Tables,
    site: Site,
    today: str,
) -> list[Row]:
    """A line of the list for each record."""
    return [_row(record, catalogue, schemas, tables, site, today) for record in found]


def filled(rows: Sequence[Row]) -> set[str]:
    """The columns that somebody fills; the others are not shown."""
    return {name for name in Row.__slots__ if any(getattr(row, name) for row in rows)}


def export_rows(
    records: Sequence[Published], schemas: Mapping[str, Schema], tables: Tables
) -> Iterator[list[str]]:
    """The hits as a table with a head: every public field that any of them has."""
    columns = _columns(records, schemas)
    yield ["类型", "编号", *columns.values()]
    for record in records:
        properties = schemas[record.kind]["properties"]
        cells = (_cell(properties, record.fields, name, tables) for name in columns)
        yield [str(schemas[record.kind]["title"]), record.id, *cells]


def _cell(properties: Schema, fields: Mapping[str, Any], name: str, tables: Tables) -> str:
    known = name in fields and name in properties
    return say(properties[name], fields[name], tables) if known else ""


def _columns(records: Iterable[Published], schemas: Mapping[str, Schema]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for kind in dict.fromkeys(record.kind for record in records):
        used = {name for record in records if record.kind == kind for name in record.fields}
        for name, field in schemas[kind]["properties"].items():
            if name in used and name not in NOT_SHOWN:
                columns.setdefault(name, str(field["title"]))
    return columns


def _row(
    record: Published,
    catalogue: Catalogue,
    schemas: Mapping[str, Schema],
    tables: Tables,
    site: Site,
    today: str,
) -> Row:
    properties, fields = schemas[record.kind]["properties"], record.fields
    return Row(
        address=site.record(record.kind, record.id),
        name=record.name,
        model=str(fields.get("model", "")),
        id=record.id,
        classification=_class(fields, tables),
        price=_price(record, catalogue, schemas, today),
        status=_cell(properties, fields, "status", tables),
        since=str(fields.get("in_service_on", "")),
    )


def _price(
    record: Published, catalogue: Catalogue, schemas: Mapping[str, Schema], today: str
) -> str:
    least = least_external(schemas["fee_standard"], fees_of(record, catalogue), today)
    return least or ("见详情" if "fee_text" in record.fields else "")


def _class(fields: Mapping[str, Any], tables: Tables) -> str:
    code = str(fields.get("class_code", ""))
    return tables.get("instrument-classes", {}).get(code, code)


def _kinds(records: Iterable[Published], schemas: Mapping[str, Schema]) -> list[tuple[str, str]]:
    return [(kind, schemas[kind]["title"]) for kind in sorted({r.kind for r in records})]


def _statuses(records: Iterable[Published], schemas: Mapping[str, Schema]) -> list[tuple[str, str]]:
    used = {(r.kind, r.fields["status"]) for r in records if "status" in r.fields}
    labels = {
        status: say(schemas[kind]["properties"].get("status", {}), status, {})
        for kind, status in sorted(used)
    }
    return list(labels.items())
