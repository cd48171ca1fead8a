"""Signing in and out. Where there are no accounts there is nothing to sign in to."""

import asyncio

from fenhe_client.console import passwords
from fenhe_client.console.app import Route
from fenhe_client.console.asking import Answer, Asked, C, Enter, GoTo, Page
from fenhe_client.console.guard import SIGN_IN, inside
from fenhe_protocol.errors import RequestError

SIGN_OUT = "/sign-out"


def show(asked: Asked[C]) -> Answer:
    """The form."""
    path = inside(asked.query.get("next", "/"))
    if asked.session.who or not asked.console.door.must_sign_in():
        return GoTo(path)
    return _form(asked, path)


async def sign_in(asked: Asked[C]) -> Answer:
    """Begin a session of the account's own; a wrong password only shows the form again."""
    door, form = asked.console.door, asked.form
    name, path = passwords.normal(form.text("name")), inside(form.text("next"))
    check_pace(asked)
    async with door.attempts.turn:
        password = form.fields.get("password", "")
        good = await asyncio.to_thread(passwords.verify, door.passwords, name, password)
    stamp = await asyncio.to_thread(door.stamp, name) if good else ""
    if not stamp:
        await asyncio.to_thread(door.told, "wrong", name, asked.peer)
        return _form(asked, path, name)
    return await enter(asked, name, stamp, path)


def check_pace(asked: Asked[C]) -> None:
    """Count an attempt before it is looked at; RequestError 429 `console.attempts`."""
    attempts = asked.console.door.attempts
    if seconds := attempts.seconds_to_wait(asked.peer, asked.now):
        raise RequestError("console.attempts", status=429, expected=f"{seconds} s")
    attempts.begin(asked.peer, asked.now)


async def enter(asked: Asked[C], name: str, stamp: str, path: str) -> Answer:
    """Go on in a new session of this account, whose id nobody else knows."""
    door = asked.console.door
    await asyncio.to_thread(door.told, "in", name, asked.peer)
    door.attempts.right(asked.peer)
    door.sessions.end(asked.session)
    return Enter(door.sessions.begin(asked.now, who=name, stamp=stamp), path)


def sign_out(asked: Asked[C]) -> Answer:
    """End the session."""
    door = asked.console.door
    door.sessions.end(asked.session)
    if asked.session.who:
        door.told("out", asked.session.who, asked.peer)
    return GoTo(SIGN_IN)


def _form(asked: Asked[C], path: str, wrong: str | None = None) -> Page:
    door = asked.console.door
    context = {"next": path, "wrong": wrong is not None, "name": wrong or ""}
    context |= {"forgotten": door.forgotten, "ways": door.ways}
    return Page("console/sign_in.html", context, 200 if wrong is None else 403)


def routes() -> tuple[Route[C], ...]:
    """The pages by which one comes in and goes."""
    return (
        Route("GET", SIGN_IN, show),
        Route("POST", SIGN_IN, sign_in),
        Route("POST", SIGN_OUT, sign_out),
    )
