"""Every publish that wrote records: when, by whom, and which leaves it wrote."""

from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_node.store.database import Store


@dataclass(frozen=True, slots=True)
class Part:
    """Leaves [start, stop) of a log."""

    log: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class PublishRun:
    """One publish; `what` is publish or revert."""

    number: int
    at: int
    by: str
    what: str
    parts: Sequence[Part]

    @property
    def leaves(self) -> int:
        """How many leaves it wrote."""
        return sum(part.stop - part.start for part in self.parts)


def begin(store: Store, at: int, by: str, what: str) -> int:
    """Note that one begins; its number."""
    row = {"number": None, "at": at, "by": by, "what": what}
    return store.insert("publish_run", row)


def plan_part(store: Store, run: int, part: Part) -> None:
    """Note which leaves it is about to write."""
    store.put(
        "publish_part", [{"run": run, "log": part.log, "start": part.start, "stop": part.stop}]
    )


def drop_beyond(store: Store, log: str, size: int) -> None:
    """Forget what a killed publish was about to write: it never was."""
    store.run("DELETE FROM publish_part WHERE log = ? AND stop > ?", [log, size])


def latest(store: Store, most: int = 1) -> tuple[PublishRun, ...]:
    """The latest that wrote anything, the newest first."""
    rows = store.rows(
        "SELECT * FROM publish_run r WHERE EXISTS(SELECT 1 FROM publish_part WHERE run = r.number)"
        " ORDER BY number DESC LIMIT ?",
        [most],
    )
    return tuple(PublishRun(**row, parts=_parts(store, row["number"])) for row in rows)


def _parts(store: Store, run: int) -> tuple[Part, ...]:
    rows = store.rows("SELECT log, start, stop FROM publish_part WHERE run = ? ORDER BY log", [run])
    return tuple(Part(**row) for row in rows)
