"""Signing in and out. Where there are no accounts there is nothing to sign in to."""

import asyncio

from fenhe_node.console import passwords
from fenhe_node.console.asking import Answer, Asked, Enter, GoTo, Page, Routes
from fenhe_node.console.guard import SIGN_IN, inside
from fenhe_protocol.errors import RequestError


def show(asked: Asked) -> Answer:
    """The form."""
    path = inside(asked.query.get("next", "/"))
    if asked.session.who or not passwords.accounts(asked.console.home):
        return GoTo(path)
    return Page("console/sign_in.html", {"next": path, "wrong": False, "name": ""})


async def sign_in(asked: Asked) -> Answer:
    """Begin a session of the account's own; a wrong password only shows the form again."""
    console, form = asked.console, asked.form
    if seconds := console.attempts.seconds_to_wait(asked.peer, asked.now):
        raise RequestError("console.attempts", status=429, expected=f"{seconds} s")
    console.attempts.begin(asked.peer, asked.now)
    name, path = form.text("name"), inside(form.text("next"))
    async with console.attempts.turn:
        password = form.fields.get("password", "")
        good = await asyncio.to_thread(passwords.verify, console.home, name, password)
    if not good:
        return Page("console/sign_in.html", {"next": path, "wrong": True, "name": name}, 403)
    console.attempts.right(asked.peer)
    console.sessions.end(asked.session)
    by = passwords.normal(name)
    stamp = passwords.stamp(console.home, by)
    return Enter(console.sessions.begin(asked.now, who=by, stamp=stamp), path)


def sign_out(asked: Asked) -> Answer:
    """End the session."""
    asked.console.sessions.end(asked.session)
    return GoTo(SIGN_IN)


ROUTES: Routes = (
    ("GET", SIGN_IN, show),
    ("POST", SIGN_IN, sign_in),
    ("POST", "/sign-out", sign_out),
)
