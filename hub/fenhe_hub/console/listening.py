"""The console's own listener, beside the public one in the same process. Start at `listening`."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

import jinja2

from fenhe_client.console.door import Door, Section, Site
from fenhe_client.console.frame import load_templates
from fenhe_client.console.listening import answering, is_loopback
from fenhe_client.fetching.listening import parse_listen
from fenhe_client.stored import own_folder
from fenhe_hub.api.reading import reading_of
from fenhe_hub.console import sign_on
from fenhe_hub.console.app import make_app, routes
from fenhe_hub.console.asking import Console, Reach, Route, nobody_hears
from fenhe_hub.console.comings import Comings
from fenhe_hub.console.navigation import SECTIONS
from fenhe_hub.console.staffing import Staffing
from fenhe_hub.hub import Hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import Staff
from fenhe_hub.pulse import Pulse
from fenhe_hub.sign_on.flow import Flow

log = logging.getLogger("fenhe_hub.console")
_OFFSET = 480  # minutes: the office is where the units are


def make_console(
    hub: Hub,
    pulse: Pulse,
    now: Callable[[], int],
    *,
    loopback: bool = True,
    ring: Callable[[str], None] = nobody_hears,
) -> Console:
    """Put together what the pages share."""
    office = Office(hub, now)
    staffing = Staffing(office, hub.home.passwords, now)
    settings = hub.config.sign_on
    door = Door(
        origin=hub.origin,
        folder=hub.home.path,
        passwords=hub.home.passwords,
        now=now,
        templates=_templates(),
        must_sign_in=lambda: True,
        stamp=staffing.stamp,
        site=lambda who: _site(hub, staffing.staff(who)),
        log=log,
        forgotten="fenhe-hub --home DIR account password NAME",
        loopback=loopback,
        told=Comings(office).told,
        ways=((sign_on.BEGIN, settings.label),) if settings.issuer else (),
    )
    flow = Flow(settings, hub.home.path) if settings.issuer else None
    reading = reading_of(hub, now)
    return Console(hub, office, door, reading, staffing, pulse, flow, ring)


@cache
def _templates() -> jinja2.Environment:
    return load_templates("fenhe_hub.console", _OFFSET)


def _site(hub: Hub, staff: Staff | None) -> Site:
    return Site(
        name="省平台",
        origin=hub.origin,
        note_zh="这里做的每一件事都记入平台自己的日志，事后改不了。",
        note_en="Whatever is done here stands in the hub's own log.",
        sections=_sections(staff),
        public=hub.config.public_url.rstrip("/"),
        public_name="公开页面",
    )


def _sections(staff: Staff | None) -> tuple[Section, ...]:
    if staff is None:
        return ()
    open_to = {route.path for route in routes() if route.method == "GET" and _is_open(route, staff)}
    return tuple(section for section in SECTIONS if section.path in open_to)


def _is_open(route: Route, staff: Staff) -> bool:
    in_reach = route.reach is not Reach.PROVINCE or staff.units is None
    return in_reach and staff.may(route.permission)


@asynccontextmanager
async def listening(
    hub: Hub,
    address: str,
    pulse: Pulse,
    now: Callable[[], int],
    ring: Callable[[str], None] = nobody_hears,
) -> AsyncIterator[str]:
    """Answer at `address` for as long as this lasts; gives where, "" where the console is off.

    `ring` is told of a log that somebody wants visited now.
    """
    own_folder.empty(hub.home.path)
    if not address:
        yield ""
        return
    host, port = parse_listen(address)
    app = make_app(make_console(hub, pulse, now, loopback=is_loopback(host), ring=ring))
    async with answering(app, host, port, log) as where:
        yield where
