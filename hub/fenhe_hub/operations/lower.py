"""What `status` says of the hubs beneath and above: units, ways, and what is refused."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fenhe_hub.below.copies import open_mirrors
from fenhe_hub.below.first_dates import FirstDates
from fenhe_hub.below.judging import Below, NotTaken
from fenhe_hub.below.passing_on import owed_first_receipts
from fenhe_hub.below.routes import Route, Routes
from fenhe_hub.below.view import look
from fenhe_hub.hub import Hub
from fenhe_hub.registry.above import above_us
from fenhe_protocol.error_texts import TEXTS

_MOST_LINES = 20


@dataclass(frozen=True)
class LowerStatus:
    """A hub beneath: how deep it lies, how many units come by it, why it is refused."""

    hub: str
    state: str
    depth: int
    units: int
    code: str
    found: str


@dataclass(frozen=True)
class Levels:
    """All of it."""

    hubs: tuple[LowerStatus, ...]
    ways: dict[str, tuple[Route, ...]]  # of the units that come by hubs, by origin
    refused: tuple[dict[str, Any], ...]
    above: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "hubs": [asdict(each) for each in self.hubs],
            "ways": {origin: [asdict(way) for way in found] for origin, found in self.ways.items()},
            "refused_below": list(self.refused),
            "above": list(self.above),
        }

    def lines(self) -> Iterator[str]:
        """For people: each hub, what is refused, and the units that come on several ways."""
        for each in self.hubs:
            line = f"下级平台 hub beneath {each.hub}: {each.state} · depth {each.depth}"
            yield f"{line} · 单位 units {each.units}" + _why(each.code, each.found)
        yield from _some([self._refused(told) for told in self.refused])
        several = [(origin, ways) for origin, ways in self.ways.items() if len(ways) > 1]
        yield from _some(
            [
                f"途径 ways {origin}: {', '.join(way.hub or '直接 direct' for way in ways)}"
                for origin, ways in several
            ]
        )
        for origin in self.above:
            yield f"上级平台 hub above {origin}"

    @staticmethod
    def _refused(told: dict[str, Any]) -> str:
        where = f"{told['origin']} ← {told['hub']}"
        return f"不采用 refused {where}{_why(told['code'], told['found'])}"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"… {len(lines) - _MOST_LINES}"


def levels(hub: Hub, db: sqlite3.Connection, now: int) -> Levels:
    """Gather it."""
    below, routes = look(hub.home, hub.origin, db), Routes(hub.home, hub.origin, db)
    return Levels(
        tuple(_hubs(below)),
        {origin: tuple(routes.of(origin)) for origin in below.units},
        tuple(asdict(each) for each in (*below.refused, *_refused_dates(hub, db, below, now))),
        tuple(each.origin for each in above_us(hub.home)),
    )


def _refused_dates(hub: Hub, db: sqlite3.Connection, below: Below, now: int) -> Sequence[NotTaken]:
    mirrors = open_mirrors(hub.home, db, below)
    _, refused = owed_first_receipts(db, below, mirrors, FirstDates(hub.home, db, now))
    return refused


def _hubs(below: Below) -> Iterator[LowerStatus]:
    for origin, lower in below.hubs.items():
        count = sum(
            not unit.told.depth and any(way.hub == origin for way in unit.ways)
            for unit in below.units.values()
        )
        state = lower.unit.state
        yield LowerStatus(origin, state, lower.depth, count, lower.code, lower.found)


def _why(code: str, found: str) -> str:
    text = TEXTS[code].zh if code in TEXTS else ""
    said = " ".join(filter(None, (code, text, found)))
    return f" · {said}" if said else ""
