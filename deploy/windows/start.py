"""`start.py PACKAGE …`: a program of Fenhe on Windows, where a few things of Unix are lacking.

Beside this file lie `packages` (Fenhe and what it needs) and `unix` (what is lacking).
NOT RUN ON WINDOWS so far: a make target runs it where these things were taken away.
"""

import asyncio
import errno
import os
import runpy
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parent
PYTHON = (3, 12)  # of which the wheels are

_system: Any = os
_fsync, _open, _mode_of = os.fsync, os.open, stat.S_IMODE


def stand_in() -> None:
    """Give what is lacking: who we are, what it means to flush, signals."""
    lacking = {
        "geteuid": lambda: 0,  # every file's owner is 0 there: what a home is checked by fits
        "sync": lambda: None,
        "fchmod": lambda handle, mode: None,
        "statvfs": lambda path: SimpleNamespace(f_files=0, f_favail=0),
        "O_CLOEXEC": getattr(os, "O_NOINHERIT", 0),
        "O_NOFOLLOW": 0,
        "O_NONBLOCK": 0,
    }
    for name, value in lacking.items():
        if not hasattr(os, name):
            setattr(_system, name, value)
    _system.open, _system.fsync = open_any, flush
    # Modes say nothing there: whether a key is for one account alone is the folder's business.
    stat.S_IMODE = lambda mode: _mode_of(mode) & 0o700
    loop: Any = asyncio.BaseEventLoop
    loop.add_signal_handler = on_signal


def open_any(path: Any, flags: int, *more: Any, **named: Any) -> int:
    """As `os.open`; a folder, which Windows does not open, becomes nothing that can be flushed."""
    binary = getattr(os, "O_BINARY", 0)
    if Path(path).is_dir():
        return _open(os.devnull, os.O_RDWR)
    return _open(path, flags | binary, *more, **named)


def flush(handle: int) -> None:
    """As `os.fsync`, which on Windows takes only what is open for writing."""
    try:
        _fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.EACCES, errno.EINVAL):
            raise


def on_signal(loop: Any, number: int, callback: Callable[..., Any], *given: Any) -> None:
    """What asyncio has no signal handlers for there."""
    signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback, *given))


def main() -> None:
    """Run the package's program with the arguments that follow its name."""
    if sys.version_info[:2] != PYTHON and "FENHE_ANY_PYTHON" not in os.environ:
        sys.exit(f"要 Python {PYTHON[0]}.{PYTHON[1]} (64 位); it is wanted here")
    stand_in()
    sys.path[:0] = [str(HERE / "unix"), str(HERE / "packages")]
    package = sys.argv.pop(1)
    sys.argv[0] = package.replace("_", "-")
    runpy.run_module(package, run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main()
