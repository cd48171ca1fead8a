"""The unit's public pages: a request in, a rendered template out. What they say is in `pages`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from fenhe_node.attaching.attach import file_names
from fenhe_node.pages.list_page import export_rows, list_page, listed
from fenhe_node.pages.listing import find, read_query
from fenhe_node.pages.site import Site, clock
from fenhe_node.pages.unit_pages import (
    feedback_page,
    fees_page,
    fees_rows,
    unit_page,
    usage_page,
    usage_rows,
)
from fenhe_node.published import Catalogue, Published
from fenhe_node.web.export import XLSX, workbook
from fenhe_node.web.serving import SERVING, Serving
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, RequestError

# Nothing is loaded from elsewhere and nothing runs; a page that is fooled can do no harm.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
Compose = Callable[[Serving, Catalogue, Site, web.Request], tuple[str, Mapping[str, Any]]]


def page(compose: Compose) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler of a function that names a template and what goes into it."""

    async def handle(request: web.Request) -> web.Response:
        serving = request.app[SERVING]
        catalogue = await serving.shelf.catalogue()
        site = site_of(serving, catalogue)
        template, context = await asyncio.to_thread(compose, serving, catalogue, site, request)
        return await asyncio.to_thread(render, serving, site, template, context)

    return handle


def site_of(serving: Serving, catalogue: Catalogue) -> Site:
    """What all pages have in common."""
    unit = catalogue.unit()
    offset = serving.config.utc_offset_minutes
    return Site(
        unit=unit.name if unit else serving.config.unit_name,
        uscc=serving.config.uscc,
        base=serving.config.base,
        size=catalogue.size,
        signed_at=clock(catalogue.signed_at, offset) if catalogue.size else "",
        fingerprint=serving.fingerprint,
        address=serving.config.address,
        logo=serving.looks.logo,
        files=file_names(serving.home.files),
        takes_orders=serving.config.orders.open,
    )


def render(
    serving: Serving, site: Site, template: str, context: Mapping[str, Any], status: int = 200
) -> web.Response:
    """Render a template; everything that goes in is escaped."""
    text = serving.templates.get_template(template).render(site=site, **context)
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


async def error_page(request: web.Request, error: FenheError, status: int) -> web.Response:
    """Tell a person what a program is told as a problem."""
    serving = request.app[SERVING]
    site = site_of(serving, await serving.shelf.catalogue())
    context = {"section": None, "title": error.text.zh, "text": error.text.en}
    return render(serving, site, "error.html", context, status)


@page
def show_list(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/`: the list."""
    query = read_query(request.query)
    return "list.html", list_page(
        catalogue, query, serving.schemas, serving.tables, site, today(serving)
    )


@page
def show_fees(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/fees`: all fee standards."""
    return "fees.html", fees_page(
        catalogue, read_query(request.query), serving.schemas, today(serving)
    )


@page
def show_usage(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/usage-summary`: all usage summaries."""
    return "usage.html", usage_page(catalogue, read_query(request.query), serving.schemas, site)


@page
def show_unit(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/unit`: the unit and its regimes."""
    return "unit.html", unit_page(catalogue, serving.schemas, serving.tables)


@page
def show_feedback(
    serving: Serving, catalogue: Catalogue, site: Site, request: web.Request
) -> tuple[str, Mapping[str, Any]]:
    """`/feedback`: where to complain."""
    return "feedback.html", feedback_page(catalogue, serving.schemas, serving.tables)


async def raw_record(request: web.Request) -> web.Response:
    """`/record.json?kind=…&id=…`: the very bytes that are bound to the leaf."""
    catalogue = await request.app[SERVING].shelf.catalogue()
    record = asked_record(catalogue, request)
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=record.body, content_type="application/json", headers=headers)


async def export(request: web.Request) -> web.Response:
    """`/export.xlsx`: the hits of a query as a workbook."""
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    hits = find(listed(catalogue), read_query(request.query))
    rows = export_rows(hits, serving.schemas, serving.tables)
    return await _download(serving, rows, "仪器设备", "")


async def export_fees(request: web.Request) -> web.Response:
    """`/fees.xlsx`: the prices of a query as a workbook."""
    serving = request.app[SERVING]
    catalogue, query = await serving.shelf.catalogue(), read_query(request.query)
    found = fees_page(catalogue, query, serving.schemas, today(serving))
    return await _download(serving, fees_rows(found["standards"]), "收费标准", "-fees")


async def export_usage(request: web.Request) -> web.Response:
    """`/usage-summary.xlsx`: the summaries of a query as a workbook."""
    serving = request.app[SERVING]
    catalogue, query = await serving.shelf.catalogue(), read_query(request.query)
    found = usage_page(catalogue, query, serving.schemas, site_of(serving, catalogue))
    rows = usage_rows(found["table"].titles, found["uses"])
    return await _download(serving, rows, "使用情况", "-usage")


async def _download(
    serving: Serving, rows: Iterable[Sequence[str]], title: str, ending: str
) -> web.Response:
    async with serving.shelf.exporting:
        body = await asyncio.to_thread(workbook, rows, title)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{serving.config.uscc}{ending}.xlsx"',
    }
    return web.Response(body=body, content_type=XLSX, headers=headers)


def asked_record(catalogue: Catalogue, request: web.Request) -> Published:
    """The record that the query names; RequestError 404."""
    key = (request.query.get("kind", ""), request.query.get("id", ""))
    record = catalogue.records.get(key)
    if record is None:
        raise RequestError("request.absent", status=404)
    return record


def today(serving: Serving) -> str:
    """The date where the unit is."""
    return date_at(serving.now(), serving.config.utc_offset_minutes)
