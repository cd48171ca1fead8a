"""Sealed lines that the mirror lets go: 90 days after the gateway has taken them (feed §3).

Beside a mirrored log lie `taken`, what the gateway says it holds and since when, and `let_go`, what
was dropped for that reason. Like everything beside the mirror they are files, so that a rebuilt
index is the same. A line let go counts as received: no gap, never asked for again, cosigned as
before. Start at `note_taken`; `letting_go` is what drops them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_hub.home import locked
from fenhe_protocol.leaf import EraseLeaf, merge_ranges
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.taken import Range

KEPT_DAYS = 90
_DAY = 86_400
_LINE = re.compile(rb"[0-9]{1,16}( [0-9]{1,16}){1,2}")
_RANGE, _TAKEN = 2, 3  # numbers in a line


class Taken(NamedTuple):
    """The bodies [start, stop) of one log are with the gateway since `at` (POSIX seconds)."""

    start: int
    stop: int
    at: int


def note_taken(folder: Path, ranges: Sequence[Range], now: int) -> None:
    """Write down what the gateway holds; what was said before keeps its time.

    `folder` is that of the mirrored log.
    """
    with locked(folder / "taken.lock"):
        known = taken(folder)
        fresh = minus(ranges, [(each.start, each.stop) for each in known])
        fresh = minus(fresh, dropped(folder))
        if fresh:
            _write(folder, [*known, *(Taken(start, stop, now) for start, stop in fresh)])


def taken(folder: Path) -> list[Taken]:
    """What the gateway holds and the mirror still keeps."""
    return [Taken(*row) for row in _rows(folder / "taken", _TAKEN)[0]]


def dropped(folder: Path) -> list[Range]:
    """What the mirror has dropped."""
    return [(start, stop) for start, stop in _rows(folder / "let_go", _RANGE)[0]]


def damaged_ledgers(folder: Path) -> list[str]:
    """Which of the two files has lines that nobody can read."""
    widths = {"let_go": _RANGE, "taken": _TAKEN}
    return [name for name, width in widths.items() if not _rows(folder / name, width)[1]]


def keep_readable(folder: Path, name: str) -> None:
    """Write a damaged file again with the lines that can be read."""
    if name == "taken":
        with locked(folder / "taken.lock"):
            _write(folder, taken(folder))
    else:
        replace_files(Disk(), {folder / name: _lines(merge_ranges(dropped(folder)))})


def as_erasure(folder: Path) -> Iterator[EraseLeaf]:
    """What was let go of a log, in the form in which an index takes in what is no longer there."""
    if ranges := dropped(folder):
        yield EraseLeaf(tuple(ranges), (SEALED_TIER,), "retention")


def due(folder: Path, now: int) -> tuple[Range, ...]:
    """What has been with the gateway for long enough."""
    limit = now - KEPT_DAYS * _DAY
    return merge_ranges([(each.start, each.stop) for each in taken(folder) if each.at <= limit])


def mark_let_go(folder: Path, ranges: Sequence[Range], disk: Disk) -> None:
    """Say, before any line goes, that these may be absent."""
    merged = merge_ranges([*dropped(folder), *ranges])
    replace_files(disk, {folder / "let_go": _lines(merged)})


def forget_taken(folder: Path, ranges: Sequence[Range]) -> None:
    """Take them off the list once their lines are gone."""
    with locked(folder / "taken.lock"):
        rest = [
            Taken(start, stop, each.at)
            for each in taken(folder)
            for start, stop in minus([(each.start, each.stop)], ranges)
        ]
        _write(folder, rest)


def minus(ranges: Iterable[Range], others: Iterable[Range]) -> list[Range]:
    """What of `ranges` none of `others` covers, ascending and apart."""
    covers = merge_ranges(list(others))
    rest: list[Range] = []
    first = 0
    for start, stop in merge_ranges(list(ranges)):
        while first < len(covers) and covers[first][1] <= start:
            first += 1
        at = start
        for low, high in islice(covers, first, None):
            if low >= stop:
                break
            if at < low:
                rest.append((at, low))
            at = max(at, high)
        if at < stop:
            rest.append((at, stop))
    return rest


def _write(folder: Path, rows: Sequence[Taken]) -> None:
    if rows:
        replace_files(Disk(), {folder / "taken": _lines(sorted(rows))})
    else:
        remove_files(Disk(), [folder / "taken"])


def _lines(rows: Iterable[tuple[int, ...]]) -> bytes:
    return b"".join(b" ".join(b"%d" % number for number in row) + b"\n" for row in rows)


def _rows(file: Path, width: int) -> tuple[list[list[int]], bool]:
    """The lines of so many numbers, of which the first two are a range; whether all lines are."""
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return [], True
    lines = raw.splitlines()
    rows = [list(map(int, line.split(b" "))) for line in lines if _LINE.fullmatch(line)]
    good = [row for row in rows if len(row) == width and row[0] < row[1]]
    return good, len(good) == len(lines)
