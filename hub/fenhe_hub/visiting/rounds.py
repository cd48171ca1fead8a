"""Many logs at once: the agenda says whom, each visit costs only itself. Start at `Rounds`.

`once` visits every log and ends; `keep_going` runs until it is cancelled. In both, a log that ends
at its share comes again at once, and one that fails or hangs holds up nobody else: after a while
its place is another's, and next time it gets one among its like. The order in which visits begin
and end is recorded in their reports.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from fenhe_hub.agenda.planner import Agenda, Pace, Turn
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.targets import Target
from fenhe_hub.visiting.sync import Syncer
from fenhe_hub.visiting.verdict import LogReport, merged

_LONGEST_NAP = 5.0
_SHORTEST_NAP = 0.05
_STEP_BACK = 60  # a clock set back by more makes all turns due
_MOST_IN_A_ROUND = 50  # visits to one log, so that one that drips for ever ends a round too

Told = Callable[[LogReport], None]


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A visit: whose, its number in the order of events, and when it began by the loop's clock."""

    target: Target
    number: int
    began: float


class Rounds:
    """The visits of one process."""

    def __init__(
        self, syncer: Syncer, visits: Visits, pace: Pace, *, seed: str, clock: Callable[[], int]
    ) -> None:
        self._syncer, self._visits, self._pace = syncer, visits, pace
        self._seed, self._clock = seed, clock
        self._targets: dict[str, Target] = {}
        self._under_way: dict[asyncio.Task[LogReport], _UnderWay] = {}
        self._ended: list[asyncio.Task[LogReport]] = []
        self._stirred = asyncio.Event()  # a visit has ended, or somebody is to be visited soon
        self._events = count(1)  # every beginning and end of a visit has the next number
        self._agenda = Agenda((), pace, seed)
        self._latest = 0
        self._hinted: set[str] = set()  # while they were being visited, or not yet taken up
        self._heard: dict[str, tuple[object, ...]] = {}  # what is announced of each

    async def once(self, targets: Iterable[Target]) -> list[LogReport]:
        """Visit every log now, whenever it was visited last, until nothing more is to be had."""
        self._targets = {target.origin: target for target in targets}
        fresh = map(self._fresh_turn, self._targets.values())
        self._agenda = Agenda(fresh, self._pace, self._seed)
        order = list(self._targets)
        reports: dict[str, LogReport] = {}
        visits: Counter[str] = Counter()

        def told(report: LogReport) -> None:
            origin = f"{report.unit}/{report.log}"
            reports[origin] = merged(reports.get(origin), report)
            visits[origin] += 1
            if visits[origin] >= _MOST_IN_A_ROUND:
                self._targets.pop(origin, None)

        try:
            while self._begin() or self._under_way:
                await self._wait(self._pace.patience, told)
        finally:
            await self._stop()
        return [reports[origin] for origin in order if origin in reports]

    def plan(self, targets: Iterable[Target]) -> None:
        """Take up new logs and forget retired ones; the others keep their turns."""
        current = {target.origin: target for target in targets}
        for origin in self._targets.keys() - current.keys():
            self._agenda.drop(origin)
        for origin in current.keys() - self._targets.keys():
            self._put(current[origin])
            self._hint_again(origin)
        self._targets = current
        for target in current.values():
            self._listen(target)

    def _listen(self, target: Target) -> None:
        """Visit a log soon where a lower hub announces more of it than before."""
        before, self._heard[target.origin] = self._heard.get(target.origin), target.news
        if target.is_behind if before is None else before != target.news:
            self.hint(target.origin)

    def _fresh_turn(self, target: Target) -> Turn:
        failures = self._visits.get(target.origin).failures
        return Turn(target.origin, target.host, failures=failures)

    def _put(self, target: Target) -> None:
        turn = self._visits.get(target.origin).turn(target.host, told=target.is_told)
        now = self._clock()
        was_set_back = turn.visited_at > now + _STEP_BACK  # since another process was here
        self._agenda.put(turn, at=now if was_set_back else None)

    def hint(self, origin: str) -> None:
        """Somebody says this log has grown: visit it soon, and once more if it is being visited."""
        under_way = any(each.target.origin == origin for each in self._under_way.values())
        if under_way or origin not in self._targets:
            self._hinted.add(origin)
        self._agenda.hint(origin, self._clock())
        self._stirred.set()

    def _hint_again(self, origin: str) -> None:
        if origin in self._hinted:
            self._hinted.discard(origin)
            self._agenda.hint(origin, self._clock())

    async def keep_going(self, told: Told, beat: Callable[[bool], None]) -> None:
        """Visit whoever is due, for ever; `plan` may change who there is at any time.

        `beat` is called every few seconds, and told whether nobody is waiting.
        """
        try:
            while True:
                self._begin()
                nap = self._nap()
                beat(nap > 0 and not self._under_way)
                await self._wait(max(nap, _SHORTEST_NAP), told)
        finally:
            await self._stop()

    def _nap(self) -> float:
        due = self._agenda.next_due()
        wait = _LONGEST_NAP if due is None else due - self._clock()
        return min(max(wait, 0), _LONGEST_NAP)

    def _begin(self) -> int:
        """Begin every visit that is due and allowed."""
        now = self._clock()
        if now < self._latest - _STEP_BACK:
            self._agenda.rewind(now)
        self._latest = now
        tick = asyncio.get_running_loop().time()
        for each in self._under_way.values():
            if tick - each.began >= self._pace.patience:
                self._agenda.stand_aside(each.target.origin)
        turns = self._agenda.take(now)
        for turn in turns:
            target = self._targets[turn.origin]
            task = asyncio.create_task(self._syncer.visit(target), name=turn.origin)
            task.add_done_callback(self._note_end)
            self._under_way[task] = _UnderWay(target, next(self._events), tick)
        return len(turns)

    def _note_end(self, task: asyncio.Task[LogReport]) -> None:
        self._ended.append(task)
        self._stirred.set()

    async def _wait(self, seconds: float, told: Told) -> None:
        if not self._under_way:
            self._visits.flush()
        # Waiting for the tasks themselves would hang something on each of them every time.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        self._stirred.clear()
        ended, self._ended = self._ended, []
        if not ended:
            self._visits.flush()
        for task in ended:
            self._finish(task, self._under_way.pop(task), told)

    def _finish(self, task: asyncio.Task[LogReport], visit: _UnderWay, told: Told) -> None:
        target = visit.target
        report = task.result()
        report.began, report.ended = visit.number, next(self._events)
        told(report)
        if target.origin in self._targets:
            self._put(self._targets[target.origin])
            self._hint_again(target.origin)
        else:
            self._agenda.drop(target.origin)

    async def _stop(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()
        self._ended.clear()
        self._visits.flush()
