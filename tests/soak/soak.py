"""The story, epoch after epoch: a storm with kills, good weather with kills, and then the laws.

Start at `Soak.tell`. An epoch is some days of the story; what happens in it follows from the
seed and its number.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.demo.ports import free_port
from fenhe_client.keys.roots import stored_roots
from fenhe_hub.hub import open_hub
from fenhe_hub.mirror.roots import root_files
from tests.soak import laws
from tests.soak.actor import Actor
from tests.soak.figures import Epoch, Figures
from tests.soak.founding import found
from tests.soak.heads import Heads
from tests.soak.hub_process import HubProcess, Round
from tests.soak.killed_rounds import Child, Death, KilledRounds, Order
from tests.soak.measured import Measured, stored_bytes
from tests.soak.publisher import Publisher
from tests.soak.town import Town
from tests.soak.units_server import UnitsServer, Weather

HOUR = 3600
_UNITS_IN_A_ROUND = 3  # that is killed
_AT_ONCE = 2  # such rounds, each over units of its own
_DEATHS_IN_A_ROW = 4
_ANY_INSTANT = 0.2  # share of the deaths that come between two writes
_MOST_WRITES = 200
_MOST_ROUNDS = 5  # in good weather, until all is there
_ROUND_APART = 700  # more than the ten minutes after which root documents are looked for again
_ALL_IN_A_STORM = 3  # every so many epochs all are visited in a storm, else those who acted
_SUSPENDED_EPOCHS = 2
_ALL_BYTES = 5  # every so many epochs all body files are compared, else those of who acted


Slice = list[list[Publisher]]
"""For each of the rounds at once whom it visits."""


class Violated(Exception):
    """A law does not hold; what of it."""


@dataclass(frozen=True)
class Plan:
    """How large, how long, and by which dice. It ends after `epochs`, or when `seconds` are up."""

    units: int
    kills: int  # in an epoch
    seed: str
    epochs: int | None = None
    seconds: float | None = None
    visit_seconds: int = 3  # who hangs, hangs no longer


class Soak:
    """One story, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None]) -> None:
        self._plan, self._folder, self._say = plan, folder, say
        self._began, self.now = time.monotonic(), int(time.time())
        self._home = folder / "hub"
        self._suspended: dict[int, int] = {}  # unit -> the epoch in which it comes back
        self.figures = Figures(plan.seed, plan.units, self.now)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            port = free_port()
            log = self._folder / "units.log"
            self._server = opened.enter_context(Actor(UnitsServer, port, log=log))
            folder, plan = self._folder / "units", self._plan
            self.town = Town(folder, plan.units, port, plan.seed, self.now)
            found(self._home, self.town.units, self.now, plan.visit_seconds)
            self.hub = open_hub(self._home)
            self._server.ask("trust", self.hub.keys.request.public)
            self.heads = Heads(self.hub)
            self._open_hub()
            self._killer = opened.enter_context(
                Actor(KilledRounds, self._home, self.now, log=self._folder / "killed.log")
            )
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
        self._actor.end()

    def _open_hub(self) -> None:
        self._actor = Actor(HubProcess, self._home, self.now, log=self._folder / "hub.log")

    def tell(self) -> Figures:
        """All of it; raises Violated where a law does not hold."""
        self._begin()
        number, restarted = 0, False
        while (passed := self._passed(number)) < 1:
            number += 1
            if passed >= 1 / 3 and not restarted:
                restarted = True
                self._restart(random.Random(f"{self._plan.seed} restart"))
            self._epoch(number, random.Random(f"{self._plan.seed} {number}"))
        self._end()
        return self.figures

    def _passed(self, number: int) -> float:
        """How much of the story is told."""
        plan, passed = self._plan, time.monotonic() - self._began
        of_epochs = number / plan.epochs if plan.epochs is not None else 0
        return max(of_epochs, passed / plan.seconds if plan.seconds is not None else 0)

    # An epoch.

    def _begin(self) -> None:
        self._turn(Weather(self.now))
        self._until_level()

    def _epoch(self, number: int, dice: random.Random) -> None:
        self.now += dice.randrange(24, 96) * HOUR
        ill = self.town.ill(dice)
        acted = self.town.act(dice, self.now, {*self._suspended})
        self._stand(number, dice, acted)
        killed = self._sliced(dice, acted)
        half = len(killed) // 2
        self._turn(self.town.storm(dice, ill, self.now))
        peaks = self._kill(dice, killed[:half])
        self._round([unit.origin for unit in acted] if number % _ALL_IN_A_STORM else None)
        self.heads.see(acted)
        self.now += dice.randrange(6, 24) * HOUR
        self._turn(Weather(self.now))
        peaks += self._kill(dice, killed[half:])
        self._until_level()
        self._jobs(dice)
        self.heads.see(acted)
        self._check(acted if number % _ALL_BYTES else self.town.units)
        self.town.heal(ill)
        _none(self.town.close_former(self._is_followed))
        self._measure(number, peaks)

    def _stand(self, number: int, dice: random.Random, acted: Sequence[Publisher]) -> None:
        """Some are suspended, and those of two epochs ago come back."""
        back = [unit for unit, until in self._suspended.items() if until <= number]
        idle = {unit.number for unit in self.town.units} - {unit.number for unit in acted}
        most = max(1, self._plan.units // 300)
        gone = dice.sample(sorted(idle - self._suspended.keys()), most)
        for units, state in ((back, "enrolled"), (gone, "suspended")):
            self._actor.ask("stand", self._origins(units), state, self.now)
        for unit in back:
            del self._suspended[unit]
        self._suspended |= dict.fromkeys(gone, number + _SUSPENDED_EPOCHS)
        self._killer.ask("warm", self.now)

    def _origins(self, numbers: Sequence[int]) -> list[str]:
        return [self.town.units[number - 1].origin for number in numbers]

    def _sliced(self, dice: random.Random, acted: Sequence[Publisher]) -> list[Slice]:
        """Whom the rounds visit that are killed."""
        count = -(-self._plan.kills // (_DEATHS_IN_A_ROW * _AT_ONCE))
        most = min(_UNITS_IN_A_ROUND, len(acted) // _AT_ONCE)
        drawn = [dice.sample(list(acted), most * _AT_ONCE) for _ in range(count)]
        return [[each[at::_AT_ONCE] for at in range(_AT_ONCE)] for each in drawn]

    def _kill(self, dice: random.Random, slices: Sequence[Slice]) -> list[int]:
        """Rounds over these units, each killed several times on the way; their peaks of memory."""
        peaks: list[int] = []
        for each in slices:
            orders = [tuple(unit.origin for unit in units) for units in each]
            for _ in range(_DEATHS_IN_A_ROW):
                self.now += 60
                self._server.ask("tick", self.now)
                due = [Order(units, _death(dice)) for units in orders]
                children: list[Child] = self._killer.ask("rounds", due, self.now)
                peaks += self._count(children)
            self.heads.see(unit for units in each for unit in units)
        return peaks

    def _count(self, children: Sequence[Child]) -> list[int]:
        self.figures.kills += sum(child.killed for child in children)
        self.figures.children += len(children)
        peaks = [child.peak for child in children]
        self.figures.most = max(self.figures.most, *peaks)
        return peaks

    def _turn(self, weather: Weather) -> None:
        self._server.ask("settle", self.town.folders)
        self._server.ask("turn", weather)

    def _round(self, origins: Sequence[str] | None = None) -> Round:
        """Let the hub visit these units, or all."""
        self.now += 60
        self._server.ask("tick", self.now)
        came: Round = self._actor.ask("round", self.now, origins)
        self.figures.visits += came.outcomes
        return came

    def _until_level(self) -> None:
        """Rounds in good weather until all is there."""
        for _ in range(_MOST_ROUNDS):
            came = self._round()
            if not (left := laws.not_level(self.hub.home, self._present())):
                return
            self.now += _ROUND_APART
        raise Violated(f"not level after {_MOST_ROUNDS} rounds: {left[:5]}; {came.outcomes}")

    def _is_followed(self, unit: Publisher) -> bool:
        """Whether the hub has the unit's last root document."""
        return len(stored_roots(root_files(self.hub.home, unit.origin))) == unit.roots

    def _present(self) -> list[Publisher]:
        return [unit for unit in self.town.units if unit.number not in self._suspended]

    def _jobs(self, dice: random.Random) -> None:
        self._count(self._killer.ask("tidy", self.now, _death(dice)))
        self._actor.ask("jobs", self.now)

    def _restart(self, dice: random.Random) -> None:
        """The hub itself dies in the middle of a round, and starts anew."""
        self._actor.kill_during("round", self.now, seconds=dice.uniform(0.1, 2))
        self._open_hub()

    # What must hold.

    def _check(self, looked_at: Sequence[Publisher]) -> None:
        present = self._present()
        gone = {*self._suspended}
        found = [
            *laws.violations(self.hub.home, present),
            *laws.other_bytes(self.hub.home, [u for u in looked_at if u.number not in gone]),
            *laws.left_of_erased(self._home, self.town.units),
            *self.heads.violations(),
        ]
        _none(found)

    def _end(self) -> None:
        """Everybody comes back; then everything is looked at, and the index is made again."""
        self._actor.ask("stand", self._origins([*self._suspended]), "enrolled", self.now)
        self._suspended.clear()
        self._until_level()
        self._check(self.town.units)
        self.heads.see(self.town.units)
        _none(self.heads.see_what_fed_tells())
        _none(list(self.heads.violations(everything=True)))
        _none(self._actor.ask("findings"))
        before = self._actor.ask("dump")
        self._actor.ask("rebuild")
        if self._actor.ask("dump") != before:
            raise Violated("the index made again is another")
        self.figures.heads = len(self.heads)
        _none(self.figures.growing())

    def _measure(self, number: int, peaks: Sequence[int]) -> None:
        measured: Measured = self._actor.ask("measure")
        leaves = sum(unit.size for unit in self.town.units)
        epoch = Epoch(
            now=self.now,
            leaves=leaves,
            records=laws.lines_of(self.town.units),
            stored=stored_bytes(self._home),
            resident=measured.resident,
            settled=measured.settled,
            descriptors=measured.descriptors,
            peak=statistics.median(peaks),
        )
        self.figures.epochs.append(epoch)
        self.figures.town = self.town.counts
        self.figures.seconds = time.monotonic() - self._began
        self._say(self.figures.progress(number))


def _death(dice: random.Random) -> Death:
    if dice.random() < _ANY_INSTANT:
        return Death(seconds=dice.uniform(0.01, 0.6))
    return Death(write=int(_MOST_WRITES ** dice.random()))


def _none(found: Sequence[str]) -> None:
    if found:
        raise Violated("\n".join(found))
