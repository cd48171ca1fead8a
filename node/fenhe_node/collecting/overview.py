"""How each named source stands: what its last run came to, when the next is due.

Start at `overview`: `sources`, `status` and the console get the same, also while nothing runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fenhe_node.collecting import verdicts
from fenhe_node.runs import Run, missed
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.store import Store


@dataclass(frozen=True)
class Standing:
    """One source; times are POSIX seconds, 0 for never."""

    name: str
    kind: str
    place: str
    when: str
    began: int  # of the last run that is worth telling
    ended: int
    rows: int
    staged: int
    refused: int
    code: str  # of what ended it; empty: nothing
    failed: str
    next: int
    missed: bool  # due more than ten minutes ago and not begun


def job_name(source: str) -> str:
    """What its periodic job is called."""
    return f"source {source}"


def overview(
    store: Store, sources: Sequence[SourceSettings], runs: Mapping[str, Run], now: int
) -> list[Standing]:
    """Tell how every source stands."""
    return [_standing(store, each, runs, now) for each in sources]


def _standing(store: Store, each: SourceSettings, runs: Mapping[str, Run], now: int) -> Standing:
    last = verdicts.last(store, each.name)
    counted = verdicts.summary(store, last.imports if last else ())
    job = job_name(each.name)
    run = runs.get(job, Run())
    return Standing(
        each.name,
        each.kind,
        each.place,
        each.when,
        last.began if last else 0,
        last.ended if last else 0,
        counted.rows,
        counted.staged,
        counted.refused,
        last.code if last else "",
        # A job that failed before it could keep a verdict says so in its own place.
        (last.failed if last else "") or run.failed,
        run.next,
        job in missed(runs, now),
    )
