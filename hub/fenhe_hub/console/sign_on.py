"""`/sign-in/sso` and `/sign-in/back`: signing in by the provider that the settings name.

Who comes in this way has an account here, made by an administrator: the provider says who it is,
never what it may.
"""

import asyncio

from fenhe_client.console import passwords
from fenhe_client.console.app import Route
from fenhe_client.console.asking import Answer, GoTo
from fenhe_client.console.guard import SIGN_IN, inside
from fenhe_client.console.sign_in import check_pace, enter
from fenhe_hub.console.asking import Asked, Console
from fenhe_hub.sign_on.flow import Flow
from fenhe_protocol.errors import RequestError

BEGIN, BACK = f"{SIGN_IN}/sso", f"{SIGN_IN}/back"


async def begin(asked: Asked) -> Answer:
    """Send the browser to the provider."""
    check_pace(asked)  # each asks the provider something
    path = inside(asked.query.get("next", "/"))
    return GoTo(await _flow(asked).begin(asked.session.id, path, asked.now))


async def back(asked: Asked) -> Answer:
    """Take the browser back, and let in whom the provider names."""
    door = asked.console.door
    state, code = asked.query.get("state", ""), asked.query.get("code", "")
    told, path = await _flow(asked).end(asked.session.id, state, code, asked.now)
    name = passwords.normal(told)
    stamp = await asyncio.to_thread(door.stamp, name)
    if not stamp:
        await asyncio.to_thread(door.told, "wrong", name, asked.peer)
        raise RequestError("sign_on.account", status=403, found=name)
    return await enter(asked, name, stamp, path)


def _flow(asked: Asked) -> Flow:
    if asked.console.sign_on is None:
        raise RequestError("request.absent", status=404)
    return asked.console.sign_on


def routes() -> tuple[Route[Console], ...]:
    """Open to whoever has not signed in."""
    return Route("GET", BEGIN, begin), Route("GET", BACK, back)
