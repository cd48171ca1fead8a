"""All units and where they answer: what they do in an epoch, and in what weather. See `Town`.

What happens in an epoch follows from its dice alone, so a story that is told again is the same.
"""

import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from tests.soak import records
from tests.soak.publisher import Publisher
from tests.soak.units_server import AWAY, MISCHIEF, OLD_COPY, Weather

_FIRST = int(IPv4Address("127.1.0.1"))
_ACTIVE = 0.2  # share of the units that publish in an epoch
_KILLED = 0.15  # share of their publishes that are killed on the way
_AWAY = 1 / 3
# Epochs until a move is known: root documents are looked for once a day, and not while suspended.
_LONGEST_WAIT = 5
_MANY = 0.01  # share of publishes that are large


@dataclass
class Counts:
    """What units did so far."""

    publishes: int = 0
    killed: int = 0
    erasures: int = 0
    rotations: int = 0
    moves: int = 0
    ill: int = 0


@dataclass
class Home:
    """Where a unit answers: of former addresses until the hub has followed."""

    now: str
    former: list[str] = field(default_factory=list)
    waited: int = 0  # epochs


class Town:
    """The units, their nodes' addresses, and what they did."""

    def __init__(self, folder: Path, count: int, port: int, seed: str, now: int) -> None:
        self._port, self._next = port, 0
        self.counts = Counts()
        self.homes: dict[int, Home] = {}
        self.units: list[Publisher] = []
        self._names = 0
        dice = random.Random(f"{seed} founding")
        for number in range(1, count + 1):
            self.homes[number] = Home(self._address())
            unit = Publisher(folder, number, seed, self._url(number), now)
            self.units.append(unit)
            self._publish(unit, dice, now)

    def _address(self) -> str:
        self._next += 1
        return str(IPv4Address(_FIRST + self._next))

    def _url(self, number: int) -> str:
        return f"http://{self.homes[number].now}:{self._port}"

    @property
    def folders(self) -> dict[str, Path]:
        """Which unit's folder is answered at which address."""
        return {address: unit.folder for unit in self.units for address in self._addresses([unit])}

    def close_former(self, is_followed: Callable[[Publisher], bool]) -> list[str]:
        """Whom the hub has followed answer at the new address alone; who waits for it too long."""
        late: list[str] = []
        for unit in self.units:
            home = self.homes[unit.number]
            home.waited = home.waited + 1 if home.former else 0
            if home.former and is_followed(unit):
                home.former.clear()
            elif home.waited > _LONGEST_WAIT:
                late.append(f"{unit.origin} moved to {home.now}: the hub still goes elsewhere")
        return late

    def _addresses(self, units: Iterable[Publisher]) -> list[str]:
        homes = [self.homes[unit.number] for unit in units]
        return [address for home in homes for address in (home.now, *home.former)]

    # What happens.

    def act(self, dice: random.Random, now: int, quiet: set[int]) -> list[Publisher]:
        """Let an epoch's share of the units act; who did. Those of `quiet` only publish."""
        active = dice.sample(self.units, max(2, round(len(self.units) * _ACTIVE)))
        for unit in active:
            self._publish(unit, dice, now)
        free = [unit for unit in active if unit.number not in quiet]
        few = max(1, len(self.units) // 150)
        for unit in free[:few]:
            self._erase(unit, dice, now)
        for unit in free[few : 3 * few]:
            self._rotate(unit, dice, now)
        for unit in free[3 * few : 4 * few]:
            self._move(unit, now)
        idle = [unit for unit in self.units if unit not in active]
        beating = dice.sample(idle, len(idle) // 10)
        for unit in beating:
            unit.beat(now)
        return [*active, *beating]

    def _publish(self, unit: Publisher, dice: random.Random, now: int) -> None:
        self._say(unit, "catalogue", self._instruments(unit, dice), dice, now)
        known = [id_ for kind, id_ in unit.ledger.states if kind == "instrument"]
        count = 600 if dice.random() < _MANY else dice.randrange(0, 9)
        services = [records.service(self._name("S"), known[0], dice) for _ in range(count)]
        if services:
            self._say(unit, "usage", services, dice, now)

    def _instruments(self, unit: Publisher, dice: random.Random) -> list[records.Bodies]:
        known = [id_ for kind, id_ in unit.ledger.states if kind == "instrument"]
        made = [records.instrument(self._name("A"), dice) for _ in range(dice.randrange(1, 4))]
        if known:
            made += [records.instrument(dice.choice(known), dice) for _ in range(dice.randrange(3))]
            if dice.random() < 0.2:
                made.append(records.deletion("instrument", dice.choice(known)))
        return made

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}-{self._names}"

    def _say(
        self,
        unit: Publisher,
        log: str,
        said: Sequence[records.Bodies],
        dice: random.Random,
        now: int,
    ) -> None:
        self.counts.publishes += 1
        if dice.random() < _KILLED:
            died = unit.publish_killed(log, said, now, write=dice.randrange(24))
            self.counts.killed += died
        else:
            unit.publish(log, said, now)

    def _erase(self, unit: Publisher, dice: random.Random, now: int) -> None:
        """An instrument goes on cleaned, and a service record is taken back."""
        self.counts.erasures += 1
        id_ = dice.choice([id_ for kind, id_ in unit.ledger.states if kind == "instrument"])
        before = unit.ledger.of("instrument", id_)
        unit.publish("catalogue", [records.instrument(id_, dice)], now)
        unit.erase("catalogue", _ranges(before), now)
        services = [line.id for line in unit.ledger.bodies() if line.log == "usage"]
        if services:
            gone = dice.choice(services)
            before = unit.ledger.of("service_record", gone)
            unit.publish("usage", [records.deletion("service_record", gone)], now)
            unit.erase("usage", _ranges(before), now)

    def _rotate(self, unit: Publisher, dice: random.Random, now: int) -> None:
        self.counts.rotations += 1
        change = dice.choice([unit.change_log_key, unit.change_request_key, unit.change_root_key])
        change(now)
        unit.beat(now)

    def _move(self, unit: Publisher, now: int) -> None:
        self.counts.moves += 1
        home = self.homes[unit.number]
        home.former.append(home.now)
        home.now = self._address()
        unit.move(self._url(unit.number), now)

    # In what weather.

    def ill(self, dice: random.Random) -> list[Publisher]:
        """Those who will misbehave; of all of them a copy is kept, for one that serves its old."""
        chosen = dice.sample(self.units, max(2, len(self.units) // 60))
        self.counts.ill += len(chosen)
        for unit in chosen:
            for tree in ("public", "held"):
                with suppress(FileNotFoundError):
                    shutil.copytree(unit.folder / tree, unit.folder / OLD_COPY / tree)
        return chosen

    def storm(self, dice: random.Random, ill: Sequence[Publisher], now: int) -> Weather:
        """A third of the units is away, and some misbehave."""
        away = dice.sample(self.units, round(len(self.units) * _AWAY))
        moods = dict.fromkeys(self._addresses(away), AWAY)
        for number, unit in enumerate(ill, dice.randrange(len(MISCHIEF))):
            mood = MISCHIEF[number % len(MISCHIEF)]
            moods |= dict.fromkeys(self._addresses([unit]), mood)
        return Weather(now, moods)

    def heal(self, ill: Iterable[Publisher]) -> None:
        """They are well again, and nobody has an old copy."""
        for unit in ill:
            shutil.rmtree(unit.folder / OLD_COPY, ignore_errors=True)


def _ranges(indexes: Iterable[int]) -> list[tuple[int, int]]:
    """These indexes as half-open ranges, one for each."""
    return [(index, index + 1) for index in sorted(indexes)]
