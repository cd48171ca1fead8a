"""Room on the disk for what was pushed and waits: a share for each unit, a bound for all.

What lies there is measured when an upload begins, and counted while it goes on. Start at `Room`.
"""

import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

from fenhe_hub.config import HubConfig
from fenhe_hub.home import Home
from fenhe_protocol.errors import RequestError

_MIB = 1 << 20


class Room:
    """The inboxes of one hub, as one process knows them; for many threads.

    Counts may lag behind what others take away: nobody is refused before they are measured anew.
    """

    def __init__(self, home: Home, config: HubConfig) -> None:
        self._home, self._config = home, config
        self._units: dict[str, int] = {}
        self._all = -1  # not measured yet
        self._lock = threading.Lock()

    def measure(self, unit: str, logs: Iterable[str]) -> None:
        """Measure what waits of a unit in these logs (origins); RequestError 503 `push.room`."""
        found = sum(_bytes_below(self._home.inbox(each)) for each in logs)
        with self._lock:
            self._units[unit] = found
            self._take(unit, 0)

    def take(self, unit: str, count: int) -> None:
        """Count bytes that are about to be kept; RequestError 503 `push.room`."""
        with self._lock:
            self._take(unit, count)

    def _take(self, unit: str, count: int) -> None:
        config = self._config
        self._check(self._units.get(unit, 0) + count, config.inbox_mib, "inbox_mib", unit)
        if self._all < 0 or self._all + count > config.inboxes_mib * _MIB:
            self._all = _bytes_below(self._home.path / "inbox")
        self._check(self._all + count, config.inboxes_mib, "inboxes_mib", unit)
        free = shutil.disk_usage(self._home.path).free - count
        if free < config.least_free_mib * _MIB:
            raise _no_room(unit, f"least_free_mib >= {config.least_free_mib} MiB")
        self._units[unit] = self._units.get(unit, 0) + count
        self._all += count

    def _check(self, size: int, most_mib: int, key: str, unit: str) -> None:
        if size > most_mib * _MIB or not most_mib:
            raise _no_room(unit, f"{key} <= {most_mib} MiB")


def _no_room(unit: str, expected: str) -> RequestError:
    return RequestError("push.room", status=503, where=unit, expected=expected)


def _bytes_below(folder: Path) -> int:
    found = 0
    for file in folder.rglob("*"):
        try:
            found += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # taken in or swept away just now
            continue
    return found
