"""The hub's web application: which address is answered by what. Start at `make_app`.

Everything lies below the path of the public address, which a proxy passes on as it came. `fed`,
`root`, `m` and `in` are the feed's; the other rooms add their own routes in `_ROOMS`.
"""

from collections.abc import Callable

from aiohttp import web

from fenhe_hub.web import feed_files, forwarded, inbox, taken, watch
from fenhe_hub.web.content import LARGEST_REQUEST
from fenhe_hub.web.problems import answer_errors
from fenhe_hub.web.public import add_public_rooms
from fenhe_hub.web.push import add_push_room
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_hub.web.to_unit import add_to_unit
from fenhe_hub.web.witness import add_witness_room

Room = Callable[[web.Application, Serving], None]
"""Adds the routes of one part of the hub, below `serving.hub.config.path`."""

_ROOMS: tuple[Room, ...] = (add_public_rooms, add_push_room, add_to_unit, add_witness_room)


def make_app(serving: Serving) -> web.Application:
    """The application of one hub."""
    app = web.Application(middlewares=[answer_errors], client_max_size=LARGEST_REQUEST)
    app[SERVING] = serving
    app.on_response_prepare.append(_finish)
    base = serving.hub.config.path
    add = app.router.add_get
    for path in {base, ""}:
        add(f"{path}/healthz", watch.healthz)
        add(f"{path}/metrics", watch.metrics)
    for room in _ROOMS:
        room(app, serving)
    add(base + r"/{log:fed(\.[1-9][0-9]*)?}/{path:.+}", feed_files.own_file)
    add(base + "/root/{number}", feed_files.own_root)
    add(base + "/m/{origin:[0-9a-f]{64}}/{path:.+}", feed_files.mirrored_file)
    add(base + "/in/{origin:[0-9a-f]{64}}/{log}/rejected", inbox.rejected_bodies)
    add(base + "/forwarded", forwarded.forwarded_instruments)
    app.router.add_post(base + "/in/{origin:[0-9a-f]{64}}/{log}/taken", taken.taken_bodies)
    return app


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
