"""The console's web application: the routes of all pages behind the guard. Start at `make_app`."""

from functools import partial
from types import ModuleType

from aiohttp import web

from fenhe_client.console import app, sign_in
from fenhe_client.console.forms import LARGEST_BODY
from fenhe_hub.console import (
    above,
    accounts,
    addresses,
    audit,
    authorities,
    charts,
    complaint,
    complaint_entry,
    complaints,
    corrections,
    decisions,
    enrolment,
    exemptions,
    finding,
    finding_why,
    findings,
    forwarding,
    harvest,
    invitations,
    lists,
    measures,
    notices,
    objections,
    obliged,
    proofs,
    proposing,
    quarantine,
    registry,
    report_publishing,
    reports,
    rule_proposals,
    rules,
    settings,
    sign_on,
    today,
    unit,
    units,
)
from fenhe_hub.console.asking import Console, Route, check_route

PAGES: tuple[ModuleType, ...] = (
    today,
    units,
    unit,
    findings,
    finding,
    finding_why,
    accounts,
    audit,
    settings,
    enrolment,
    registry,
    addresses,
    *(authorities, obliged, invitations, exemptions, objections, decisions, lists),
    *(proposing, measures, notices),
    *(complaints, complaint, complaint_entry),
    *(forwarding, harvest, quarantine, rules, rule_proposals, corrections, charts),
    *(proofs, reports, report_publishing, above),
)
"""The modules that have pages, each with its `ROUTES`."""


def routes() -> list[Route]:
    """All routes of all pages."""
    return [route for module in PAGES for route in module.ROUTES]


def make_app(console: Console) -> web.Application:
    """All pages of the hub's console."""
    made = web.Application(client_max_size=LARGEST_BODY)
    pages = [
        app.Route[Console](route.method, route.path, route.handler, partial(check_route, route))
        for route in routes()
    ]
    app.answer_pages(made, console, (*sign_in.routes(), *sign_on.routes(), *pages))
    return made
