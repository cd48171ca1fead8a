"""The site around a page: the unit's name, the tabs, what is said once, the token of every form."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from fenhe_node.console.asking import Asked, Page
from fenhe_node.console.navigation import Section, here
from fenhe_node.console.sessions import Session
from fenhe_node.pages.site import clock
from fenhe_node.web.app import load_templates
from fenhe_protocol.errors import FenheError


@dataclass(frozen=True)
class Frame:
    """What the frame of a page shows."""

    unit: str
    origin: str
    public: str  # the address of the unit's own pages
    sections: tuple[Section, ...]
    here: str
    said: tuple[tuple[str, bool], ...]
    who: str
    loopback: bool


SECTIONS = web.AppKey("sections", tuple[Section, ...])


def render(asked: Asked, sections: tuple[Section, ...], page: Page) -> web.Response:
    """A page in its frame; what was to be said is said, and forgotten."""
    console, session = asked.console, asked.session
    said, session.said = tuple(session.said), []
    frame = Frame(
        unit=console.node.config.unit_name,
        origin=console.node.root.origin,
        public=console.node.config.address if console.node.config.listen else "",
        sections=sections,
        here=here(sections, asked.path),
        said=said,
        who=session.who,
        loopback=console.loopback,
    )
    context: Mapping[str, Any] = {"frame": frame, "token": hidden_token(session), **page.context}
    text = console.templates.get_template(page.template).render(context)
    return web.Response(text=text, status=page.status, content_type="text/html")


def hidden_token(session: Session) -> Markup:
    """The input that every form of this session carries, as its first field."""
    return Markup('<input type="hidden" name="token" value="{}">').format(session.token)


def error_page(error: FenheError, status: int) -> Page:
    """What went wrong, and what to do next."""
    return Page("console/error.html", {"error": error, "code": status}, status)


@cache
def console_templates(offset: int) -> jinja2.Environment:
    """The templates, whose filter `time` writes POSIX seconds as a clock there shows them.

    Compiled once for all homes of a process.
    """
    templates = load_templates()
    templates.filters["time"] = lambda posix: clock(posix, offset) if posix else "—"
    return templates
