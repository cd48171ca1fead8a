"""The commands as processes of their own, forked from one that has already imported them.

Importing is most of what a short command costs. All else is as when it is typed: a process with
its own memory, signals, files and exit code. How an installed command begins is seen by the
demonstration (`tests/federation/test_demo.py`), which starts every one.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import iter_modules
from types import TracebackType
from typing import Any, BinaryIO, Self

import fenhe_client.cli
import fenhe_hub.cli
import fenhe_hub.operations
import fenhe_node.cli
import fenhe_node.operations

Main = Callable[[Sequence[str]], int | None]

PROGRAMS: Mapping[str, Main] = {
    "fenhe": fenhe_client.cli.main,
    "fenhe-hub": fenhe_hub.cli.main,
    "fenhe-node": fenhe_node.cli.main,
}

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [main.__module__ for main in PROGRAMS.values()]
    + [
        f"{package.__name__}.{module.name}"
        for package in (fenhe_hub.operations, fenhe_node.operations)
        for module in iter_modules(package.__path__)
    ]
)


class Forked:
    """A running process, with what tests ask of a `subprocess.Popen`."""

    def __init__(self, main: Callable[..., Any], *arguments: Any) -> None:
        """Let it call a function that a module has at its top, and end with what that returns."""
        self._process = _FORKS.Process(target=_call, args=(main, arguments))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, or less than zero the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """See `returncode`."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; its exit code."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.returncode is None:
            # It may have ended by itself just now: the fork server knows before we do.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Speaking(Forked):
    """One whose standard output is read while it runs."""

    def __init__(self, main: Callable[..., Any], *arguments: Any) -> None:
        ours, theirs = _FORKS.Pipe(duplex=False)
        with ours, theirs:
            super().__init__(_speak, theirs, main, *arguments)
            self.stdout: BinaryIO = os.fdopen(os.dup(ours.fileno()), "rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stdout.close()
        self.wait()


def start(program: str, *arguments: str, log: Path) -> Forked:
    """Start one of `PROGRAMS`; what it says goes to the end of a file."""
    return Forked(_log, log, log, PROGRAMS[program], arguments)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run one of `PROGRAMS` to its end; what it said."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        code = Forked(_log, out, err, PROGRAMS[program], arguments).wait()
        return subprocess.CompletedProcess(
            [program, *arguments], code, out.read_bytes(), err.read_bytes()
        )


# In the process that was forked.


def _call(main: Callable[..., Any], arguments: Sequence[Any]) -> None:
    sys.exit(main(*arguments))


def _speak(theirs: Connection, main: Callable[..., Any], *arguments: Any) -> Any:
    with theirs:
        os.dup2(theirs.fileno(), 1)
    return main(*arguments)


def _log(out: Path, err: Path, main: Callable[..., Any], *arguments: Any) -> Any:
    for path, number in ((out, 1), (err, 2)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    return main(*arguments)
