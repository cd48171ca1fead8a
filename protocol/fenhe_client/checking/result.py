"""What a self-check found, kept in a small file for status, health and metrics."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from fenhe_client.checking.healing import Mend
from fenhe_client.stored.disk import Disk, replace_files

FILE = "checked.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """A damaged file: of which log or else, its path there, who had it whole ("" for nobody).

    `advice` says what to do about one that nobody had.
    """

    where: str
    path: str
    healed_by: str = ""
    advice: str = ""

    @property
    def line(self) -> str:
        """The finding in words."""
        if self.healed_by:
            return f"已修复 healed ← {self.healed_by}: {self.where} {self.path}"
        return f"未修复 damaged: {self.where} {self.path}; {self.advice}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One self-check: when it ended (POSIX seconds), how much it read, what was damaged."""

    at: int = 0
    logs: int = 0
    leaves: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def damaged(self) -> tuple[Finding, ...]:
        """What could not be healed."""
        return tuple(each for each in self.findings if not each.healed_by)


def findings_of(where: str, mends: Iterable[Mend], advice: str) -> list[Finding]:
    """What became of the files of one log."""
    return [
        Finding(where, each.path, each.healed_by, "" if each.healed_by else advice)
        for each in mends
    ]


def keep_result(home: Path, checked: Checked) -> None:
    """Replace what the check before found."""
    text = json.dumps(asdict(checked), ensure_ascii=False)
    replace_files(Disk(), {home / FILE: text.encode()})


def last_result(home: Path) -> Checked:
    """What was found last; nothing at no time where it is not known."""
    try:
        told = json.loads((home / FILE).read_bytes())
        findings = tuple(Finding(**each) for each in told.pop("findings"))
        return Checked(**told, findings=findings)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Checked()


def files_lines(checked: Checked, clock: Callable[[int], str]) -> list[str]:
    """What `status` says of the last self-check; `clock` writes a time down."""
    if not checked.at:
        return ["自检 self-check: 还没有过 not yet"]
    read = f"{checked.logs} 个日志 logs, {checked.leaves} 条 leaves"
    whole = "" if checked.findings else ", 全部完好 everything is whole"
    lines = [f"  {each.line}" for each in checked.findings]
    return [f"自检 self-check {clock(checked.at)}: {read}{whole}", *lines]
