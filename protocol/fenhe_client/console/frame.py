"""The site around a page: whose it is, the tabs, what is said once, the token of every form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from fenhe_client import looks
from fenhe_client.console.asking import Asked, C, Page
from fenhe_client.console.door import Section, Site, here
from fenhe_client.console.sessions import Session
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import FenheError


@dataclass(frozen=True)
class Frame:
    """What the frame of a page shows."""

    site: Site
    sections: tuple[Section, ...]  # none for whoever has to sign in first
    here: str
    said: tuple[tuple[str, bool], ...]
    who: str


def render(asked: Asked[C], page: Page) -> web.Response:
    """A page in its frame; what was to be said is said, and forgotten."""
    door, session = asked.console.door, asked.session
    said, session.said = tuple(session.said), []
    site = door.site_for(session)
    sections = site.sections if session.who or not door.must_sign_in() else ()
    frame = Frame(site, sections, here(sections, asked.path), said, session.who)
    context: Mapping[str, Any] = {"frame": frame, "token": hidden_token(session), **page.context}
    text = door.templates.get_template(page.template).render(context)
    return web.Response(text=text, status=page.status, content_type="text/html")


def hidden_token(session: Session) -> Markup:
    """The input that every form of this session carries, as its first field."""
    return Markup('<input type="hidden" name="token" value="{}">').format(session.token)


def error_page(error: FenheError, status: int) -> Page:
    """What went wrong, and what to do next."""
    return Page("console/error.html", {"error": error, "code": status}, status)


def load_templates(package: str, offset: int) -> jinja2.Environment:
    """The templates of a package and those of every console; undefined names are errors.

    The filter `time` writes POSIX seconds as a clock at `offset` minutes from UTC shows them.
    """
    loaders = [jinja2.PackageLoader(package), jinja2.PackageLoader(__package__)]
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.filters["time"] = lambda posix: _clock(posix, offset) if posix else "—"
    return made


def _clock(posix: int, offset: int) -> str:
    return format_time(posix, offset)[:16].replace("T", " ")


async def style_sheet(request: web.Request) -> web.Response:
    """The one style sheet; nothing of anybody stands in it, so anybody may have it."""
    text = looks.style_sheet(__package__, "static/console.css")
    return web.Response(text=text, content_type="text/css")
