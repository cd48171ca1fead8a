"""The hub's console on a real socket, accounts of all roles, and somebody before it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fenhe_hub.console.app import make_app
from fenhe_hub.console.asking import Console
from fenhe_hub.console.listening import make_console
from fenhe_hub.hub import Hub
from fenhe_hub.office.account_keeping import make_account
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.pulse import Pulse
from tests.client.browsing import PASSWORD, Browser, before
from tests.hub.fake_node import START


@dataclass
class Clock:
    """A time that a test moves."""

    at: int = START

    def now(self) -> int:
        return self.at


def console_of(hub: Hub, clock: Clock | None = None) -> Console:
    """The console of a hub whose jobs never ran."""
    return make_console(hub, Pulse(), (clock or Clock()).now)


def staffed(hub: Hub, *names: str, authority: str = "", at: int = START) -> None:
    """An account for each name; what stands before a `-` is its role."""
    for name in names:
        role = name.partition("-")[0]
        make_account(Office(hub, lambda: at), THE_HUB, name, role, authority, PASSWORD)


def department(hub: Hub, number: str, *units: str, at: int = START, covers: str = "listed") -> None:
    """An authority with units of its own, or with all."""
    office = Office(hub, lambda: at)
    with office.turn() as casework:
        told = {"name": f"示例主管部门{number}", "kind": "competent", "level": "province"}
        told |= {"covers": covers, "from": "2020-01-01"}
        office.do(casework, THE_HUB, Permission.SET_UP, "authority.put", number, told)
        for uscc in units:
            belongs = {"authority": number, "from": "2020-01-01"}
            office.do(casework, THE_HUB, Permission.SET_UP, "belonging.begun", uscc, belongs)


@asynccontextmanager
async def browsing(hub: Hub, clock: Clock | None = None) -> AsyncIterator[Browser]:
    """Somebody before the console who has not signed in."""
    async with before(make_app(console_of(hub, clock))) as browser:
        yield browser
