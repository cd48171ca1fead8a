"""`witnesses.sqlite`: how far each witness has come with each log, and why it has not come further.

Working memory: without it, every witness is asked once more and answers where it stands.
"""

import logging
import sqlite3
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

_LOGGER = logging.getLogger("fenhe_hub.witnesses")


@dataclass(frozen=True, slots=True)
class WitnessStand:
    """One witness and one log, or, where `origin` is empty, the witness itself.

    `witness` is the text of its key; times are POSIX seconds.
    """

    witness: str
    origin: str = ""
    size: int = 0  # the head that it cosigned last for us
    at: int = 0  # when we took that up
    failures: int = 0  # in a row since
    due: int = 0  # not to be asked again before
    code: str = ""  # why the last attempt failed, empty after a good one
    found: str = ""


_COLUMNS = [each.name for each in fields(WitnessStand)]
_TABLE = """CREATE TABLE IF NOT EXISTS stand(witness TEXT, origin TEXT, size INTEGER, at INTEGER,
    failures INTEGER, due INTEGER, code TEXT, found TEXT, PRIMARY KEY(witness, origin))"""
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM stand"
_WRITE = f"INSERT OR REPLACE INTO stand VALUES ({', '.join('?' * len(_COLUMNS))})"


class WitnessMemory:
    """The table of stands."""

    def __init__(self, file: Path) -> None:
        self._db = _opened(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def all(self, witness: str) -> dict[str, WitnessStand]:
        """How a witness stands, by the origin of the log."""
        rows = self._db.execute(f"{_SELECT} WHERE witness = ?", [witness]).fetchall()
        return {stand.origin: stand for stand in (WitnessStand(*row) for row in rows)}

    def put(self, stand: WitnessStand) -> None:
        """Remember; where that fails, the witness is asked once more and that is all."""
        try:
            self._db.execute(_WRITE, astuple(stand))
        except sqlite3.OperationalError as error:
            _LOGGER.error("witnesses.sqlite: %s", error)


def _opened(file: Path) -> sqlite3.Connection:
    """Open the memory; one that is damaged or of another version is made anew."""
    try:
        return _made(file)
    except sqlite3.OperationalError:  # locked or full: says nothing of the file
        raise
    except sqlite3.DatabaseError as error:
        _LOGGER.warning("witnesses.sqlite is made anew: %s", error)
        file.unlink(missing_ok=True)
        return _made(file)


def _made(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous=OFF")
        db.execute(_TABLE)
        if [row[1] for row in db.execute("PRAGMA table_info(stand)")] != _COLUMNS:
            db.execute("DROP TABLE stand")
            db.execute(_TABLE)
    except BaseException:
        db.close()
        raise
    return db
