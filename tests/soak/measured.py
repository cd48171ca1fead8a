"""What a process holds, measured from inside, and whether that stays flat over a story."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
MIB = KIB * KIB
FEWEST = 9  # measurements, three in each third
_SECTOR = 512  # what `st_blocks` counts


@dataclass(frozen=True)
class Measured:
    """Resident memory in bytes and open descriptors of one process."""

    resident: int
    descriptors: int


def measure() -> Measured:
    """Of this process, now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    resident = pages * os.sysconf("SC_PAGE_SIZE")
    return Measured(resident, sum(1 for _ in Path("/proc/self/fd").iterdir()))


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
