"""What the mirror has cosigned, remembered before it is shown (feed §9). Start at `Cosigned`.

A cosignature says: every entry below this size and every body of it was received, checked and is
stored. `Cosigned` makes sure that no two such statements about a log disagree, whatever crashes.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from fenhe_protocol.errors import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned(
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID
"""

# Times of cosignatures never step back by more than five minutes, else the hub is at fault (§10).
_LARGEST_STEP_BACK = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """The last head that was promised for a log; size 0 if none was. `at` is POSIX seconds."""

    size: int = 0
    root: bytes = b""
    at: int = 0


class Cosigned:
    """One row for each log in `head.sqlite`, changed by compare-and-swap only."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, timeout=60, isolation_level=None)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def last(self, origin: str) -> Statement:
        """What was promised for this log."""
        row = self._db.execute(
            "SELECT size, root, at FROM cosigned WHERE origin = ?", [origin]
        ).fetchone()
        return Statement(*row) if row else Statement()

    def latest_time(self) -> int:
        """The time of the youngest cosignature of any log."""
        found = self._db.execute("SELECT max(at) FROM cosigned").fetchone()[0]
        return found or 0

    def promise(self, origin: str, old: Statement, new: Statement) -> None:
        """Replace `old` by `new`; StoreError `cosign.race`, `cosign.back` or `cosign.clock`."""
        if new.size < old.size or (new.size == old.size and old.root not in (b"", new.root)):
            raise StoreError(
                "cosign.back", where=origin, expected=f">= {old.size}", found=f"{new.size}"
            )
        if new.at < self.latest_time() - _LARGEST_STEP_BACK:
            raise StoreError("cosign.clock", where=origin, found=str(new.at))
        if not self._swap(origin, old, new):
            raise StoreError("cosign.race", where=origin, expected=f"size {old.size}")

    def _swap(self, origin: str, old: Statement, new: Statement) -> bool:
        if old.root:
            changed = self._db.execute(
                "UPDATE cosigned SET size = ?, root = ?, at = ?"
                " WHERE origin = ? AND size = ? AND root = ?",
                [new.size, new.root, new.at, origin, old.size, old.root],
            )
        else:
            changed = self._db.execute(
                "INSERT OR IGNORE INTO cosigned VALUES (?, ?, ?, ?)",
                [origin, new.size, new.root, new.at],
            )
        return changed.rowcount == 1
