"""At most one import of a console at a time, in a thread, with how far it is. Start at `begin`."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fenhe_client.sheets.watching import Progress
from fenhe_protocol.errors import FenheError, InputError


@dataclass
class Work:
    """One look or one taking in; written by its thread alone, but for `stop`."""

    sha256: str
    doing: str  # look, take
    what: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    error: FenheError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far; breaks off with `import.stopped` once somebody has asked to."""
        self.what, self.done, self.total = what, done, total
        if self.stop.is_set():
            raise InputError("import.stopped")

    @property
    def percent(self) -> int:
        """Of the step that it is in."""
        return 100 * self.done // self.total if self.total else 0


class ImportWork:
    """The one work of a console, and what the last one came to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: Work | None = None

    def begin(self, sha256: str, doing: str, run: Callable[[Progress], Any]) -> Work:
        """Begin in a thread of its own; InputError `import.busy` while another one runs."""
        with self._lock:
            if self._work is not None and not self._work.ended.is_set():
                raise InputError("import.busy", where=self._work.what)
            self._work = work = Work(sha256, doing)
        threading.Thread(target=_run, args=(work, run), daemon=True).start()
        return work

    def of(self, sha256: str) -> Work | None:
        """What is done, or was done last, with this file."""
        work = self._work
        return work if work is not None and work.sha256 == sha256 else None

    def running(self) -> Work | None:
        """What is being done now."""
        work = self._work
        return work if work is not None and not work.ended.is_set() else None

    def forget(self) -> None:
        """Keep nothing of the last one."""
        with self._lock:
            if self._work is not None and self._work.ended.is_set():
                self._work = None


def _run(work: Work, run: Callable[[Progress], Any]) -> None:
    try:
        work.result = run(work.progress)
    except FenheError as error:
        work.error = error
    except Exception as error:
        work.error = FenheError("server.failed", found=type(error).__name__)
        raise
    finally:
        work.ended.set()
