"""`add_api_routes` puts the operations into an application, under `/api/v1`."""

from aiohttp import web

from fenhe_hub.api.http import READING, WHOLE_LISTS, handler_of, open_to_all
from fenhe_hub.api.one_by_one import OneByOne
from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.index.read import Reading

PREFIX = "/api/v1"


def add_api_routes(app: web.Application, reading: Reading) -> None:
    """Answer below the public address's path and `/api/v1`; sets `app[READING]`."""
    api = web.Application(middlewares=[open_to_all])
    for operation in OPERATIONS:
        api.router.add_get(operation.path, handler_of(operation))
    app[READING], app[WHOLE_LISTS] = reading, OneByOne()
    app.add_subapp(f"{reading.base}{PREFIX}", api)
