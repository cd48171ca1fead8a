"""What the hub's console is, what its handlers get, and what a route says of itself."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from fenhe_client.console import asking
from fenhe_client.console.asking import Answer, Download, Enter, GoTo, Page
from fenhe_client.console.door import Door
from fenhe_hub.casework.book import Casework
from fenhe_hub.console.staffing import Staffing
from fenhe_hub.console.unlocked import Unlocked
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Reading
from fenhe_hub.index.tables import create_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.pulse import Pulse
from fenhe_hub.read_only import read_only
from fenhe_hub.sign_on.flow import Flow
from fenhe_protocol.errors import RequestError

__all__ = [
    "Answer",
    "Asked",
    "Console",
    "Download",
    "Enter",
    "GoTo",
    "Page",
    "Reach",
    "Route",
    "check_route",
    "staff_of",
]


def nobody_hears(origin: str) -> None:
    """Where no jobs run beside the console."""


@dataclass(frozen=True)
class Console:
    """What all pages share."""

    hub: Hub
    office: Office
    door: Door
    reading: Reading  # what portal and API answer from: names of rules, keys, the clock
    staffing: Staffing
    pulse: Pulse
    sign_on: Flow | None = None  # signing in by another's service
    ring: Callable[[str], None] = nobody_hears  # a log to visit now, by its origin; in the loop
    unlocked: Unlocked = field(default_factory=Unlocked)  # the complaints' key, by session

    @contextmanager
    def index(self) -> Iterator[sqlite3.Connection]:
        """One snapshot of the index, suspended units too; an empty one before the first visit."""
        if not self.hub.home.index.exists():
            create_index(self.hub.home.index).close()
        with read_only(self.hub.home.index) as db:
            db.isolation_level = None
            db.execute("PRAGMA query_only=1")
            db.execute("BEGIN")
            yield db

    def casework(self) -> AbstractContextManager[Casework]:
        """How things stand by all acts so far."""
        return self.office.casework()


Asked = asking.Asked[Console]
Handler = Callable[[Asked], Answer | Awaitable[Answer]]


class Reach(StrEnum):
    """How far a route reaches, and so how a department's scope bounds it."""

    UNIT = "unit"  # one unit, whose code is the `{unit}` of the path
    OWN = "own"  # whatever lies within the account's scope; the handler leaves the rest out
    PROVINCE = "province"  # everything: for accounts of the whole province alone


class Route(NamedTuple):
    """Method, path (aiohttp's patterns), who answers, what it asks for, how far it reaches."""

    method: str
    path: str
    handler: Handler
    permission: Permission
    reach: Reach


def staff_of(asked: Asked) -> Staff:
    """Who asks, as the account stands now; RequestError 403 where it has ended meanwhile."""
    staff = asked.console.staffing.staff(asked.session.who)
    if staff is None:
        raise RequestError("office.permission", status=403, found=asked.session.who)
    return staff


def check_route(route: Route, asked: Asked) -> None:
    """RequestError 403 `office.permission`, `office.scope`."""
    staff = staff_of(asked)
    staff.check(route.permission)
    if route.reach is Reach.UNIT:
        staff.check(route.permission, asked.parts["unit"])
    elif route.reach is Reach.PROVINCE and staff.units is not None:
        raise RequestError("office.scope", status=403, found=staff.authority)
