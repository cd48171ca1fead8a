"""A command of the gateway as a process, at a time of the test; all that it says in a file."""

import os
import time
from pathlib import Path

import fenhe_hub.cli


def main(home: Path, now: int, log: Path, *command: str) -> int:
    """Its exit code."""
    time.time = lambda: float(now)
    with log.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    return fenhe_hub.cli.main(["--home", str(home), "gateway", *command])
