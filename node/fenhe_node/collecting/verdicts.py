"""What each run of a named source came to, kept for ever in the store."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fenhe_node.importing.file import ImportReport
from fenhe_node.store import Store, imports
from fenhe_protocol.errors import FenheError

Now = Callable[[], int]  # POSIX seconds


@dataclass(frozen=True)
class Verdict:
    """One run; `code` and `failed` are empty where nothing ended it. Times are POSIX seconds."""

    source: str
    began: int
    ended: int
    imports: tuple[int, ...] = ()
    code: str = ""
    failed: str = ""
    whole: bool = True

    @property
    def good(self) -> bool:
        """Whether it came to its end."""
        return not self.failed


@dataclass(frozen=True)
class Summary:
    """How many rows the imports of a run had, and what became of them."""

    rows: int
    staged: int
    refused: int


@dataclass(frozen=True)
class Collected:
    """What one run came to; `failures` are files of a folder that could not be read."""

    reports: tuple[ImportReport, ...]
    failures: tuple[FenheError, ...]
    verdict: Verdict


def keep(store: Store, verdict: Verdict) -> None:
    """Keep one."""
    store.insert(
        "source_run",
        {
            **vars(verdict),
            "number": None,
            "imports": json.dumps(verdict.imports),
            "whole": int(verdict.whole),
        },
    )


def last(store: Store, source: str, *, good: bool = False) -> Verdict | None:
    """The last run of a source; `good`: the last that came to its end."""
    rows = store.rows(
        "SELECT * FROM source_run WHERE source = ? AND (NOT ? OR failed = '')"
        " ORDER BY number DESC LIMIT 1",
        [source, good],
    )
    return _verdict(rows[0]) if rows else None


def summary(store: Store, numbers: Sequence[int]) -> Summary:
    """Add up the imports of a run."""
    found = [run for number in numbers if (run := imports.find(store, number))]
    return Summary(
        sum(run.rows for run in found),
        sum(run.staged for run in found),
        sum(run.refused for run in found),
    )


def _verdict(row: dict[str, object]) -> Verdict:
    members = {name: value for name, value in row.items() if name != "number"}
    numbers = tuple(json.loads(str(row["imports"])))
    return Verdict(**(members | {"imports": numbers, "whole": bool(row["whole"])}))  # type: ignore[arg-type]
