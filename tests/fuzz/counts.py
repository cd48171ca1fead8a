"""What each run of a parser came to, a line of JSON each: `FINDINGS/counts.jsonl`.

The parsers need not all run in one go: `table` is made of the newest run of each, and only where
every parser has one in which nothing was found.
"""

import json
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

MILLION = 1_000_000
_FILE = "counts.jsonl"


@dataclass(frozen=True)
class Ran:
    """One run of a parser to its end: `found` where an input broke it, `guided` where by atheris.

    `day` is when it began (UTC), `commit` the code that it ran on, + where that had been changed.
    """

    parser: str
    executions: int
    seconds: int  # of the clock
    found: bool
    guided: bool
    day: str
    commit: str


def today() -> str:
    """The day by UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def commit() -> str:
    """What git calls the code here; empty where it is not asked."""
    asked = ("git", "describe", "--always", "--dirty=+", "--exclude=*")
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def note(findings: Path, ran: Ran) -> None:
    """Keep a run beside what was found."""
    with (findings / _FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(ran)) + "\n")


def newest(findings: Path) -> dict[str, Ran]:
    """The last run of each parser."""
    file = findings / _FILE
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {ran.parser: ran for ran in (Ran(**json.loads(line)) for line in lines)}


def table(parsers: Sequence[str], runs: Iterable[Ran]) -> str:
    """The newest runs of these parsers; ValueError where one has none, or broke."""
    by_name = {ran.parser: ran for ran in runs if not ran.found}
    if lacking := [name for name in parsers if name not in by_name]:
        raise ValueError(f"no run in which nothing was found: {', '.join(lacking)}")
    chosen = [by_name[name] for name in parsers]
    days = sorted({ran.day for ran in chosen})
    short = [ran for ran in chosen if ran.executions < MILLION]
    blind = [ran for ran in chosen if not ran.guided]
    said = [
        f"{sum(ran.executions for ran in chosen):,} executions of {len(chosen)} parsers, nothing"
        f" found that is not mended; the newest run of each, {days[0]} to {days[-1]}, beside other"
        " work on the machine:"
        f" seconds of the clock, and the commit that it ran on.",
        f"Short of a million: {len(short)}." if short else "None is short of a million.",
        f"Without atheris: {len(blind)}." if blind else "",
    ]
    rows = [
        f"{ran.parser:33} {ran.executions:>10,} {ran.seconds:>5} s  {ran.commit}" for ran in chosen
    ]
    return "\n".join([" ".join(filter(None, said)), "", "```", *rows, "```"])
