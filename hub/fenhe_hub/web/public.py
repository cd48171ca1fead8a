"""API and portal as rooms of the hub's web application."""

from aiohttp import web

from fenhe_hub.api.reading import reading_of
from fenhe_hub.api.routes import add_api_routes
from fenhe_hub.office.acting import Office
from fenhe_hub.portal.routes import add_portal_routes
from fenhe_hub.web.serving import Serving


def add_public_rooms(app: web.Application, serving: Serving) -> None:
    """Answer everyone who asks: `/api/v1/` and the pages."""
    reading = reading_of(serving.hub, serving.now)
    add_api_routes(app, reading)
    add_portal_routes(app, reading, Office(serving.hub, serving.now))
