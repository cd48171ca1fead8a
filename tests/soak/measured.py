"""What a process holds, measured from inside, and whether that stays flat over a story."""

import ctypes
import gc
import os
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
MIB = KIB * KIB
FEWEST = 9  # measurements, three in each third
_SECTOR = 512  # what `st_blocks` counts


@dataclass(frozen=True)
class Measured:
    """Of one process: resident bytes, with and without what SQLite caches, and open descriptors."""

    resident: int
    settled: int
    descriptors: int


def measure(databases: Iterable[sqlite3.Connection]) -> Measured:
    """Of this process, now, which has these databases open.

    Caches fill up to their bound as the index grows; a leak is what stays when they are let go.
    """
    before = _resident()
    for database in databases:
        database.execute("PRAGMA shrink_memory")
    gc.collect()
    _hand_back()
    return Measured(before, _resident(), sum(1 for _ in Path("/proc/self/fd").iterdir()))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _hand_back() -> None:
    """Give free memory back to the system, where this C library can."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def thirds(values: Sequence[float]) -> tuple[float, float]:
    """The medians of the second and of the last third."""
    third = len(values) // 3
    return statistics.median(values[third : -third or None]), statistics.median(values[-third:])


def is_flat(values: Sequence[float], *, share: float, slack: float) -> bool:
    """Whether the last third is at most this `share` and `slack` above the second.

    Fewer than `FEWEST` values say nothing.
    """
    if len(values) < FEWEST:
        return True
    before, after = thirds(values)
    return after <= before * (1 + share) + slack


def stored_bytes(folder: Path) -> int:
    """How many bytes the files and folders below a folder take of their disk, whole blocks."""
    total, folders = 0, [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                total += entry.stat(follow_symlinks=False).st_blocks * _SECTOR
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return total
