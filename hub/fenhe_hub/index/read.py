"""What API and portal read: units with their logs, and the states of records. Start at `Reading`.

Every connection made here is read-only. Of a record nothing but its `pub` body is ever selected, so
that no page or answer can show what the `hub` tier says. Where a leaf stands and when it arrived is
in `places`, how old a source is in `source`, findings in `verdicts`, counts in `figures`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from fenhe_hub.home import Home
from fenhe_hub.index.hidden import hide_units
from fenhe_hub.index.tables import TIERS
from fenhe_hub.read_only import read_only
from fenhe_hub.rules.ruleset import Rule
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import BLOCK


@dataclass(frozen=True)
class Reading:
    """All that answering needs of a hub."""

    home: Home
    origin: str
    url: str  # its public address, without a slash at the end
    cosigners: Callable[[], Sequence[VerifierKey]]  # the present key first, then former ones
    now: Callable[[], int]
    witnesses: Sequence[VerifierKey] = ()  # run by others
    rules_now: Callable[[], tuple[Rule, ...]] = tuple  # those in force, for their names
    prove: Callable[[sqlite3.Connection, str], bytes] | None = None  # a finding, by its name

    @property
    def cosigner(self) -> VerifierKey:
        """The key in force."""
        return self.cosigners()[0]

    @property
    def base(self) -> str:
        """The path of the public address, below which everything lies; empty for a whole host."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force at this moment."""
        return self.rules_now()

    def rule_name(self, rule: str) -> str:
        """The Chinese name of a rule, or its number if it is not in force."""
        return next((each.name_zh for each in self.rules if each.rule == rule), rule)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """One snapshot of the index for as long as an answer takes; StoreError `index.absent`."""
        if not self.home.index.exists():
            raise StoreError("index.absent", advice="fenhe-hub sync")
        with read_only(self.home.index) as db:
            db.isolation_level = None
            hide_units(db)
            db.execute("PRAGMA query_only=1")
            db.execute("BEGIN")
            yield db


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the index knows it."""

    log_no: int
    unit_no: int
    origin: str
    name: str
    epoch: int
    size: int
    indexed: int
    heartbeat_at: int | None
    ended: int | None
    cosigned_size: int
    cosigned_at: int | None
    quarantined: bool

    @property
    def public(self) -> bool:
        """Whether everyone may know that and how it grows: never of a usage log (feed §1)."""
        return not self.name.startswith("usage")


@dataclass(frozen=True, slots=True)
class Unit:
    """An enrolled unit, its `unit` record as far as public, and its logs."""

    unit_no: int
    origin: str
    uscc: str
    state: str
    url: str
    root1: str
    depth: int  # of a hub beneath at least 1; else 0
    enrolled_at: int
    pub: Mapping[str, Any]
    logs: tuple[Log, ...]

    @property
    def name(self) -> str:
        """Its name, or its code as long as it has not said one."""
        return str(self.pub.get("name_zh") or self.uscc)

    @property
    def catalogue(self) -> Log | None:
        """The newest epoch of its catalogue."""
        return max(
            (log for log in self.logs if log.public), key=lambda log: log.epoch, default=None
        )


@dataclass(frozen=True, slots=True)
class Record:
    """The public state of one catalogue identity. `pub` is empty where it is deleted or unshown."""

    unit_no: int
    kind: str
    id: str
    log_no: int
    pub_idx: int
    deleted_on: str | None
    pub: Mapping[str, Any]


_LOG = (
    "log_no, unit_no, origin, name, epoch, size, indexed, heartbeat_at, ended,"
    " cosigned_size, cosigned_at, quarantined"
)
_UNIT = (
    "u.unit_no, u.origin, u.uscc, u.state, u.url, u.root1, u.depth, u.enrolled_at, r.pub"
    " FROM unit u"
    " LEFT JOIN resource r ON r.unit_no = u.unit_no AND r.kind = 'unit' AND r.id = u.uscc"
    " AND r.deleted_on IS NULL"
)
_RECORD = "unit_no, kind, id, log_no, pub_idx, deleted_on, pub FROM resource"


def units(db: sqlite3.Connection, numbers: Iterable[int] | None = None) -> dict[int, Unit]:
    """Units by their number, all of them or those asked for."""
    wanted = None if numbers is None else orjson.dumps(sorted(set(numbers)))
    only = "" if wanted is None else "unit_no IN (SELECT value FROM json_each(?))"
    values = () if wanted is None else (wanted,)
    logs: dict[int, list[Log]] = {}
    for log in _logs(db, only or "1", values):
        logs.setdefault(log.unit_no, []).append(log)
    where = f" WHERE u.{only}" if only else ""
    rows = db.execute(f"SELECT {_UNIT}{where} ORDER BY u.unit_no", values)
    return {row[0]: _unit(row, logs.get(row[0], ())) for row in rows}


def _unit(row: tuple[Any, ...], logs: Iterable[Log]) -> Unit:
    *columns, pub = row
    return Unit(*(*columns, orjson.loads(pub) if pub else {}, tuple(logs)))


def _logs(db: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> list[Log]:
    rows = db.execute(f"SELECT {_LOG} FROM log WHERE {condition} ORDER BY log_no", values)
    return [Log(*(*columns, bool(quarantined))) for *columns, quarantined in rows]


def unit_with_code(db: sqlite3.Connection, uscc: str) -> Unit | None:
    """The unit of this code, not a hub; of several origins the enrolled one, then the youngest."""
    found = db.execute(
        "SELECT unit_no FROM unit WHERE uscc = ? AND depth = 0"
        " ORDER BY state = 'enrolled' DESC, unit_no DESC",
        (uscc,),
    ).fetchone()
    return units(db, found)[found[0]] if found else None


def public_log(db: sqlite3.Connection, origin: str) -> Log | None:
    """The log of this origin, if everyone may know of it."""
    found = _logs(db, "origin = ?", (origin,))
    return found[0] if found and found[0].public else None


def lacking_tiers(db: sqlite3.Connection, origin: str, index: int) -> frozenset[str]:
    """The tiers in which a leaf commits to a body that is not erased and did not come."""
    question = (
        "SELECT tier FROM gap JOIN log USING (log_no)"
        " WHERE origin = ? AND idx >= ? AND idx <= ? AND stop > ?"
    )
    span = [origin, index - index % BLOCK, index, index]
    return frozenset(TIERS[tier] for (tier,) in db.execute(question, span))


def record(db: sqlite3.Connection, unit_no: int, kind: str, id_: str) -> Record | None:
    """One record, if it has or had a public side."""
    row = db.execute(
        f"SELECT {_RECORD} WHERE unit_no = ? AND kind = ? AND id = ? AND pub_idx IS NOT NULL",
        (unit_no, kind, id_),
    ).fetchone()
    return _record(row) if row else None


def records(
    db: sqlite3.Connection, unit_no: int, kind: str | None, *, after: tuple[str, str], limit: int
) -> list[Record]:
    """Records of a unit in the order of kind and id, deleted ones too, from behind `after`."""
    rows = db.execute(
        f"SELECT {_RECORD} WHERE unit_no = ? AND (kind, id) > (?, ?) AND pub_idx IS NOT NULL"
        " AND (? IS NULL OR kind = ?) ORDER BY kind, id LIMIT ?",
        (unit_no, *after, kind, kind, limit),
    )
    return [_record(row) for row in rows]


def records_of(db: sqlite3.Connection, identities: Iterable[tuple[int, str, str]]) -> list[Record]:
    """The records of these (unit_no, kind, id), in their order."""
    found = (record(db, *identity) for identity in identities)
    return [each for each in found if each is not None]


def related(
    db: sqlite3.Connection, unit_no: int, kind: str, member: str, value: str
) -> list[Record]:
    """Records of a kind whose public `member` has this value, such as an instrument's summaries."""
    rows = db.execute(
        f"SELECT {_RECORD} WHERE unit_no = ? AND kind = ? AND pub_idx IS NOT NULL"
        " AND deleted_on IS NULL AND json_extract(pub, '$.' || ?) = ? ORDER BY id",
        (unit_no, kind, member, value),
    )
    return [_record(row) for row in rows]


def _record(row: tuple[Any, ...]) -> Record:
    *columns, deleted_on, pub = row
    shown = orjson.loads(pub) if pub and not deleted_on else {}
    return Record(*(*columns, deleted_on, shown))
