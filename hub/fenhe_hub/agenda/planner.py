"""Whom to visit next: pure decisions over what is known of each log and `now`. Start at `Agenda`.

`due_at` says when one log's turn comes, from its last visit and nothing else; `Agenda` keeps the
turns in heaps and hands out those that are due while no host gets more than its share. Who failed
lately waits in a heap of its own for places of its own, so that no healthy log waits for it. The
hub asks all logs of 10,000 units through one agenda: never a job for each node.
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

HOUR = 3600

_Entry = tuple[int, str]
"""When a log is due, and its origin."""

_Parked = defaultdict[str, deque[_Entry]]
"""Who is due and waits for its host, by host."""


class Outcome(StrEnum):
    """How a visit ended; the last four are the outcomes of the feed (feed, Outcomes)."""

    NEW = "new"  # never visited
    GROWN = "grown"
    UNCHANGED = "unchanged"
    OLDER = "older"  # an old copy was served: not admitted, counted
    DEFER = "defer"
    REFUSE = "refuse"
    QUARANTINE = "quarantine"

    @property
    def failed(self) -> bool:
        """Whether the visit brought nothing that can be admitted."""
        return self in (Outcome.OLDER, Outcome.DEFER, Outcome.REFUSE, Outcome.QUARANTINE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often logs are visited. Seconds."""

    interval: int = 300
    longest: int = 6 * HOUR  # after how many failures ever
    jitter_percent: int = 10
    for_each_host: int = 2
    at_once: int = 32
    patience: float = 5  # a visit that takes longer stands aside: another may begin in its place
    aside: int = 128  # how many may stand aside: sockets and memory come to an end
    doubted: int = 64  # places besides, for those who failed when they were visited last


@dataclass(frozen=True, slots=True)
class Turn:
    """What the planner knows of one log after its last visit."""

    origin: str
    host: str
    visited_at: int = 0
    outcome: Outcome = Outcome.NEW
    failures: int = 0  # visits in a row that failed
    more: bool = False  # the visit ended at its budget, not at the end of the log
    retry_after: int | None = None  # what the node asked for, clamped to an hour
    told: bool = False  # somebody says when there is more: it is seldom asked besides

    @property
    def is_doubted(self) -> bool:
        """Whether it failed lately: it may again, and hold its place for as long as it can."""
        return self.failures > 0


def due_at(turn: Turn, pace: Pace, seed: str) -> int:
    """When this log's next visit is due, POSIX seconds.

    Failures double the wait up to `pace.longest`; that to a quarantined log, which reads nothing
    until its operator has acted, comes in the plain rhythm. The jitter follows from `seed`, origin
    and time, so that a hub spreads its visits and a test repeats them.
    """
    if turn.outcome is Outcome.NEW or turn.more:
        return turn.visited_at
    longest = max(pace.interval, pace.longest)
    rests = turn.told and not turn.outcome.failed
    doublings = 0 if turn.outcome is Outcome.QUARANTINE else min(turn.failures, 20)
    wait = longest if rests else min(pace.interval << doublings, longest)
    wait += _jitter(turn, pace, seed, wait)
    return turn.visited_at + max(wait, turn.retry_after or 0)


def _jitter(turn: Turn, pace: Pace, seed: str, wait: int) -> int:
    draw = sha256(f"{seed}/{turn.origin}/{turn.visited_at}".encode()).digest()
    span = wait * pace.jitter_percent // 100
    return int.from_bytes(draw[:8]) % (2 * span + 1) - span


def root_is_due(looked_at: int, now: int, *, unsigned: bool) -> bool:
    """Whether to look for the next root document: daily, or when no known key signed (feed §5).

    What was looked for at a time still to come, by a clock that was set back since, is as never.
    """
    return not 0 <= now - looked_at < (10 * 60 if unsigned else 24 * HOUR)


class Agenda:
    """The turns of all logs in the order they are due."""

    def __init__(self, turns: Iterable[Turn], pace: Pace, seed: str) -> None:
        self._pace = pace
        self._seed = seed
        self._known: dict[str, tuple[int, Turn]] = {}
        # Here and of `_parked`: who is not doubted, then who is.
        self._heaps: tuple[list[_Entry], list[_Entry]] = ([], [])
        self._busy: dict[str, str] = {}  # origin -> host
        self._doubted: dict[str, str] = {}  # of these, who have places of their own
        self._aside: set[str] = set()  # of the others, whose place somebody else may take
        self._parked: tuple[_Parked, _Parked] = (defaultdict(deque), defaultdict(deque))
        for turn in turns:
            self.put(turn)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, origin: str) -> bool:
        return origin in self._known

    def put(self, turn: Turn, *, at: int | None = None) -> None:
        """Add a log or what its visit came to; `at` overrides when it is due next."""
        self._free(turn.origin)
        due = due_at(turn, self._pace, self._seed) if at is None else at
        self._known[turn.origin] = (due, turn)
        heapq.heappush(self._heaps[turn.is_doubted], (due, turn.origin))

    def drop(self, origin: str) -> None:
        """Forget a log, after its unit was retired for instance."""
        self._known.pop(origin, None)
        self._free(origin)

    def hint(self, origin: str, now: int) -> None:
        """Somebody says this log has grown: its turn is now, unless it is being visited."""
        known = self._known.get(origin)
        if known is None or origin in self._busy or known[0] <= now:
            return
        self.put(known[1], at=now)

    def rewind(self, now: int) -> None:
        """The clock was set back: whoever waits for a time that is now far away is due at once."""
        for due, turn in list(self._known.values()):
            if turn.origin not in self._busy and due > now:
                self.put(turn, at=now)

    def take(self, now: int) -> list[Turn]:
        """The logs to visit now, as many as hosts and concurrency allow; they count as busy."""
        taken: list[Turn] = []
        hosts = Counter(self._busy.values())
        for doubted in (False, True):
            while self._has_room(doubted) and (entry := self._pop(doubted, now)):
                turn = self._known[entry[1]][1]
                if hosts[turn.host] >= self._pace.for_each_host or (
                    doubted and self._has_its_share(turn.host)
                ):
                    self._parked[doubted][turn.host].append(entry)
                    continue
                hosts[turn.host] += 1
                self._busy[turn.origin] = turn.host
                if doubted:
                    self._doubted[turn.origin] = turn.host
                taken.append(turn)
        return taken

    def stand_aside(self, origin: str) -> None:
        """A visit takes long: nobody waits for its place, as far as there is room beside."""
        if origin not in self._busy or origin in self._doubted:
            return
        if len(self._aside) < self._pace.aside:
            self._aside.add(origin)

    def _has_room(self, doubted: bool) -> bool:
        if doubted:
            return len(self._doubted) < self._pace.doubted
        held = len(self._busy) - len(self._doubted) - len(self._aside)
        return held < self._pace.at_once

    def _has_its_share(self, host: str) -> bool:
        """Whether no more of the doubted may be visited there: they leave a place to the others."""
        share = max(self._pace.for_each_host - 1, 1)
        return sum(each == host for each in self._doubted.values()) >= share

    def next_due(self) -> int | None:
        """When the next turn comes, or None while nothing waits for its time."""
        entries = [entry for doubted in (False, True) if (entry := self._first(doubted))]
        return min(entries)[0] if entries else None

    def _first(self, doubted: bool) -> _Entry | None:
        heap = self._heaps[doubted]
        while heap and not self._is_current(heap[0]):
            heapq.heappop(heap)
        return heap[0] if heap else None

    def _pop(self, doubted: bool, now: int) -> _Entry | None:
        entry = self._first(doubted)
        return heapq.heappop(self._heaps[doubted]) if entry and entry[0] <= now else None

    def _free(self, origin: str) -> None:
        # A host's place is free again: who was parked for it competes once more, one of each kind.
        self._aside.discard(origin)
        self._doubted.pop(origin, None)
        host = self._busy.pop(origin, "")
        for parked, heap in zip(self._parked, self._heaps, strict=True):
            waiting = parked.get(host, ())
            while waiting:
                entry = waiting.popleft()
                if self._is_current(entry):
                    heapq.heappush(heap, entry)
                    break

    def _is_current(self, entry: _Entry) -> bool:
        # A log put again leaves its former entry in the heap: only the latest one counts.
        known = self._known.get(entry[1])
        return known is not None and known[0] == entry[0] and entry[1] not in self._busy
