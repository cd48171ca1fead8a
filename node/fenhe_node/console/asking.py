"""What a page's handler gets, and what it may answer."""

import time
from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2
from aiohttp import web
from multidict import MultiMapping

from fenhe_node.console.attempts import Attempts
from fenhe_node.console.forms import Form
from fenhe_node.console.import_work import ImportWork
from fenhe_node.console.sessions import Session, Sessions
from fenhe_node.home import Home
from fenhe_node.node import Node
from fenhe_node.pages.wording import Tables
from fenhe_node.runs import Run
from fenhe_protocol.schema import SchemaSet

LOCAL = "本机"
"""Who did it, where nobody has to sign in: whoever sits at this machine."""


@dataclass(frozen=True)
class Console:
    """What all pages share."""

    node: Node
    now: Callable[[], int]  # POSIX seconds
    runs: Callable[[], Mapping[str, Run]]  # how the periodic jobs fare
    schemas: SchemaSet
    tables: Tables
    templates: jinja2.Environment
    sessions: Sessions
    attempts: Attempts
    loopback: bool = True  # bound to this machine alone
    works: ImportWork = field(default_factory=ImportWork)
    wait: Callable[[int], None] = time.sleep  # seconds, before a publish that comes too soon
    errands: set[Future[Any]] = field(default_factory=set)  # deliveries that go on by themselves

    @property
    def home(self) -> Home:
        """The unit's home."""
        return self.node.home

    @property
    def offset(self) -> int:
        """Minutes from UTC to the unit's time."""
        return self.node.config.utc_offset_minutes


CONSOLE = web.AppKey("console", Console)


@dataclass(frozen=True)
class Asked:
    """One request, after everything that guards the console."""

    console: Console
    session: Session
    path: str
    query: MultiMapping[str]
    parts: Mapping[str, str]  # of the route's path
    form: Form
    peer: str = ""  # the network that asks, also behind a proxy on this machine that tells it

    @property
    def by(self) -> str:
        """Who asks, for the record's history."""
        return self.session.who or LOCAL

    @property
    def now(self) -> int:
        """POSIX seconds."""
        return self.console.now()


@dataclass(frozen=True)
class Page:
    """A template and what goes into it."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class GoTo:
    """See another page of the console, and there once what is `said`; `bad`: it went wrong."""

    path: str
    said: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Download:
    """A file for the browser to keep."""

    body: bytes
    name: str
    content_type: str


@dataclass(frozen=True)
class Enter:
    """Go on as another session, the browser told of it."""

    session: Session
    path: str


Answer = Page | GoTo | Download | Enter
Handler = Callable[[Asked], Answer | Awaitable[Answer]]
Routes = Sequence[tuple[str, str, Handler]]  # method, path (aiohttp's patterns), handler
