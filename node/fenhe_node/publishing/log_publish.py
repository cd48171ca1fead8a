"""One log's share of a publish: its drafts written portion by portion, and signed once.

The plan of each portion is durable before its files are touched. Start at `LogPublish`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fenhe_client.writing.feed_writer import FeedWriter, Key, Writing, new_records
from fenhe_node.publishing.changes import Planned, plan, settle
from fenhe_node.publishing.drafts import Draft
from fenhe_node.publishing.sealing import Seal
from fenhe_node.store import Store
from fenhe_protocol.entry import Entry
from fenhe_protocol.record import SEALED_TIER

BeforeWriting = Callable[[int, int], None]
"""Told the first index and the one after the last, before any of it is written."""


class Writer(Protocol):
    """What a log is written with; the node's `Pen` is one."""

    @property
    def key(self) -> Key:
        """What signs."""

    @property
    def now(self) -> Callable[[], int]:
        """POSIX seconds."""

    @property
    def wait(self) -> Callable[[int], None]:
        """Told by how many seconds a publish comes too soon."""

    def writer(self, log: str) -> FeedWriter:
        """The one writer of a log."""


def _nothing(start: int, stop: int) -> None:
    pass


@dataclass
class LogPublish:
    """Leaves of one log on their way from `size` on; `before` hears of each portion."""

    pen: Writer
    store: Store
    log: str
    size: int
    seal: Seal | None
    before: BeforeWriting = _nothing

    def __post_init__(self) -> None:
        self._start = self.size
        self._writing: Writing | None = None

    @property
    def count(self) -> int:
        """How many leaves were written so far."""
        return self.size - self._start

    def add(self, drafts: Sequence[Draft], leaves: Sequence[Entry] = ()) -> None:
        """Plan and write these records, and other `leaves` behind them."""
        if not drafts and not leaves:
            return
        writing = self._begun()
        origin = self.pen.writer(self.log).origin
        entries = new_records(origin, [_bodies(each, self.seal, origin) for each in drafts])
        stop = self.size + len(drafts) + len(leaves)
        self.before(self._start, stop)
        indices = range(self.size, stop)
        plan(self.store, [_planned(d, self.log, n) for n, d in zip(indices, drafts, strict=False)])
        writing.append([*entries, *leaves] if leaves else entries)
        self.size = stop

    def sign(self) -> int:
        """Sign all of it, if there is any; the size that is signed then."""
        if self._writing is not None:
            head = self._writing.sign(self.pen.now())
            settle(self.store, self.log, head.size)
        return self.size

    def _begun(self) -> Writing:
        if self._writing is None:
            writer = self.pen.writer(self.log)
            if seconds := writer.seconds_until_allowed(self.pen.now()):
                self.pen.wait(seconds)
            self._writing = writer.begin(key=self.pen.key, now=self.pen.now())
        return self._writing


def _bodies(draft: Draft, seal: Seal | None, origin: str) -> Mapping[str, bytes]:
    if draft.enclosed is None or seal is None:
        return draft.bodies
    return {**draft.bodies, SEALED_TIER: seal.seal(draft.enclosed, origin)}


def _planned(draft: Draft, log: str, index: int) -> Planned:
    change = draft.change
    tiers = {*draft.bodies, *([SEALED_TIER] if draft.enclosed is not None else ())}
    return Planned(change.kind, change.id, change.sent, frozenset(tiers), log, index, change.nat)
