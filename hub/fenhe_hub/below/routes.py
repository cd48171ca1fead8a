"""On which ways a unit comes: facts beside its one state, for pages and answers."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fenhe_hub.below.view import look
from fenhe_hub.home import Home
from fenhe_hub.registry.enrolled import Registry

State = Literal["enrolled", "suspended", "moved", "retired"]


@dataclass(frozen=True, slots=True)
class Route:
    """One way, and how the unit stands on it; `hub` and `url` are of the hub beneath, else None."""

    kind: Literal["direct", "hub"]
    hub: str | None
    url: str | None
    state: State
    is_open: bool  # whether what comes on it is taken


class Routes:
    """The ways to the hub `hub`, of all units: looked at once for an answer."""

    def __init__(self, home: Home, hub: str, db: sqlite3.Connection) -> None:
        self._own, self._below = Registry(home.registry_file), look(home, hub, db)

    def of(self, origin: str) -> Iterator[Route]:
        """The ways of one unit, the direct one first."""
        own, beneath = self._own.get(origin), self._below.units.get(origin)
        if own is not None and not own.learned:
            yield Route("direct", None, None, _state(own.state), own.is_enrolled)
        for way in beneath.ways if beneath else ():
            lower = self._below.hubs[way.hub]
            is_open = lower.is_open and way.state == "enrolled"
            yield Route("hub", way.hub, lower.unit.url, _state(way.state), is_open)


def _state(text: str) -> State:
    for state in ("enrolled", "suspended", "moved", "retired"):
        if state == text:
            return state
    raise ValueError(text)
