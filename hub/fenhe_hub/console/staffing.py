"""Which account may what, as it stands now. Start at `Staffing.staff`.

Asked with every request, and read again only when something was done that could change it: the
office acted, a password was set, a day began.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fenhe_client.console import passwords
from fenhe_hub.home import Home
from fenhe_hub.office.acting import Office
from fenhe_hub.office.scope import staff_named
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at

_NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class _Known:
    staff: Staff
    stamp: str


class Staffing:
    """The accounts of one hub; safe to be asked by several threads."""

    def __init__(self, office: Office, file: Path, now: Callable[[], int]) -> None:
        self._office, self._file, self._now = office, file, now
        self._seen: object = None
        self._known: dict[str, _Known | None] = {}

    def staff(self, name: str) -> Staff | None:
        """The living account of this name, with its scope."""
        known = self._find(name)
        return known.staff if known else None

    def stamp(self, name: str) -> str:
        """Names role, authority and password: another of them ends the account's sessions."""
        known = self._find(name)
        return known.stamp if known else ""

    def _find(self, name: str) -> _Known | None:
        if not name:
            return None
        today = date_at(self._now())
        seen = (today, *map(_mark, _that_matter(self._office.hub.home, self._file)))
        if seen != self._seen:
            self._seen, self._known = seen, {}
        known = self._known
        if name not in known:
            known[name] = self._read(name, date.fromisoformat(today))
        return known[name]

    def _read(self, name: str, today: date) -> _Known | None:
        with self._office.casework() as casework:
            staff = staff_named(casework.db, name, today)
        if staff is None:
            return None
        by = (str(staff.role), staff.authority, passwords.stamp(self._file, name))
        return _Known(staff, hashlib.sha256("\n".join(by).encode()).hexdigest())


def _that_matter(home: Home, file: Path) -> tuple[str, ...]:
    waiting = str(home.waiting)  # every act comes by it, whichever process does it
    return (str(file), waiting, f"{waiting}-wal", str(home.casework))


def _mark(file: str) -> tuple[int, int]:
    try:
        found = Path(file).stat()
    except OSError:
        return _NOWHERE
    return found.st_mtime_ns, found.st_size
