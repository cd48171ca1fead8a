"""What a page's handler gets, and what it may answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from multidict import MultiMapping

from fenhe_client.console.door import Door
from fenhe_client.console.forms import Form
from fenhe_client.console.sessions import Session

LOCAL = "本机"
"""Who did it, where nobody has to sign in: whoever sits at this machine."""


class Console(Protocol):
    """What all pages share; a node's and a hub's add what their pages are about."""

    @property
    def door(self) -> Door:
        """By what one comes in."""


C = TypeVar("C", bound=Console)


@dataclass(frozen=True)
class Asked(Generic[C]):
    """One request, after everything that guards the console."""

    console: C
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
        return self.console.door.now()


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
Handler = Callable[[Asked[C]], Answer | Awaitable[Answer]]
