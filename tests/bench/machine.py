"""What the figures were measured on, how a program is measured, and how a spread is written."""

from __future__ import annotations

import os
import platform
import sqlite3
import ssl
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def describe() -> str:
    """Name the processor, its cores, and the versions that matter."""
    return (
        f"{_processor()}, {os.cpu_count()} cores; Linux {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{ssl.OPENSSL_VERSION}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def run(module: str, *arguments: object) -> str:
    """Run a module in a process of its own; what it printed."""
    os.sync()  # whoever flushes a file system would flush what others left behind there
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Write the median with the least and the greatest value."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} – {high:,.{digits}f})"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
