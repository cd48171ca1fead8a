"""Whether the hub does its work: facts in, an answer for `/healthz` out. Pure but for `Pulse`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Health = Literal["ok", "starting", "failing"]


@dataclass(slots=True)
class Run:
    """One periodic job: when it last ended, when it must have ended again, failures in a row."""

    ended: int = 0
    due: int = 0
    failures: int = 0


@dataclass(slots=True)
class Pulse:
    """What the jobs of this process report; a job that is silent past its due time is missed."""

    started: bool = False  # the first round has ended
    runs: dict[str, Run] = field(default_factory=dict)

    def ended(self, job: str, *, now: int, due: int, failed: bool = False) -> None:
        """A job has ended; it will have ended again by `due`."""
        run = self.runs.setdefault(job, Run())
        run.ended, run.due = now, due
        run.failures = run.failures + 1 if failed else 0

    def missed(self, now: int) -> list[str]:
        """The jobs that should have ended by now and have not."""
        return sorted(job for job, run in self.runs.items() if now > run.due)


@dataclass(frozen=True, slots=True)
class Facts:
    """What health is judged by. Sizes in MiB, times in POSIX seconds."""

    fed_verifies: bool
    free_mib: int
    least_free_mib: int
    started: bool
    missed: tuple[str, ...] = ()
    damaged: int = 0  # files that the last self-check could not heal
    undelivered: str = ""  # why alarms themselves may not arrive


def judge_health(facts: Facts) -> tuple[Health, Mapping[str, object]]:
    """The answer and its details: healthy only if nothing known is wrong."""
    wrong = {
        "fed": "does not verify" if not facts.fed_verifies else "",
        "files": f"{facts.damaged} damaged" if facts.damaged else "",
        "disk": f"{facts.free_mib} MiB free" if facts.free_mib < facts.least_free_mib else "",
        "schedule": ", ".join(facts.missed),
        "mail": facts.undelivered,
    }
    wrong = {name: text for name, text in wrong.items() if text}
    if wrong:
        return "failing", wrong
    return ("ok" if facts.started else "starting"), {}
