"""What each periodic job did last and when it is due next, kept in `runs.json` for everyone to see.

A schedule that stops must not stop silently: `/healthz` and `status` both ask `missed` here, and
`status` can answer while nothing is running. The file may be deleted.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

GRACE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Run:
    """One job; times are POSIX seconds, 0 for never. `failed` is an error's text, empty if good."""

    next: int = 0
    started: int = 0
    ended: int = 0
    failed: str = ""
    failures: int = 0  # in a row


def missed(runs: Mapping[str, Run], now: int) -> list[str]:
    """Name the jobs that were due over ten minutes ago and did not start."""
    return [name for name, run in runs.items() if run.next and now > run.next + GRACE_SECONDS]


def read_runs(file: Path) -> dict[str, Run]:
    """Read the file; an absent or damaged one is an empty one, for it is only a memory."""
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        return {name: Run(**run) for name, run in written.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_runs(file: Path, runs: Mapping[str, Run]) -> None:
    """Replace the file whole."""
    text = json.dumps({name: asdict(run) for name, run in runs.items()}, ensure_ascii=False)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)
