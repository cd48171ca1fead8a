"""API and portal as rooms of the hub's web application."""

from datetime import date

from aiohttp import web

from fenhe_hub.api.routes import add_api_routes
from fenhe_hub.index.read import Reading
from fenhe_hub.portal.routes import add_portal_routes
from fenhe_hub.rule_file import load_rules
from fenhe_hub.web.serving import Serving
from fenhe_protocol.encoding import date_at


def add_public_rooms(app: web.Application, serving: Serving) -> None:
    """Answer everyone who asks: `/api/v1/` and the pages."""
    reading = reading_of(serving)
    add_api_routes(app, reading)
    add_portal_routes(app, reading)


def reading_of(serving: Serving) -> Reading:
    """What API and portal need of an opened hub."""
    hub = serving.hub
    today = date.fromisoformat(date_at(serving.now()))
    return Reading(
        home=hub.home,
        origin=hub.origin,
        url=hub.config.public_url.rstrip("/"),
        cosigners=lambda: hub.keys.document.cosigners,
        now=serving.now,
        witnesses=[witness.verifier for witness in hub.config.witnesses],
        rules=load_rules(hub.config.rules).in_force(today),
    )
