"""The tables of `index.sqlite`, and how the file is opened. Start at `SCHEMA`.

Everything here follows from the mirror's files, the cosigned notes, `fed` and the schemas, except
`finding` and `checked` (written by `check`) and whatever belongs to the full text. Rows say who by
numbers: `unit_no` is the rank of the unit's first `reg`, `log_no` follows from it: a rebuilt index
has the same ones.
"""

import sqlite3
from pathlib import Path

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import run_script, write_ahead, writing
from fenhe_hub.index import attested, searchable, services, touched, words
from fenhe_protocol.errors import StoreError
from fenhe_protocol.schema import SchemaSet

VERSION = 13
TIERS = ("pub", "hub", "nat")
"""The tiers of a unit's log by their number in `body` and `gap`; nat is mirrored, never opened."""

MOST_EPOCHS = 500

SCHEMA = """
CREATE TABLE unit(
  unit_no INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, uscc TEXT NOT NULL,
  state TEXT NOT NULL, url TEXT NOT NULL, root1 TEXT NOT NULL, depth INTEGER NOT NULL,
  enrolled_at INTEGER NOT NULL                -- `t` of the last `h` before its first `reg`, else 0
);
CREATE TABLE log(
  log_no INTEGER PRIMARY KEY, unit_no INTEGER NOT NULL, origin TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, epoch INTEGER NOT NULL,
  size INTEGER NOT NULL, root BLOB NOT NULL,  -- the verified head
  indexed INTEGER NOT NULL DEFAULT 0,         -- leaves below are in the tables
  heartbeat_at INTEGER,                       -- `t` of the last `h` leaf
  ended INTEGER,                              -- size at which the root document ended it
  cosigned_size INTEGER NOT NULL DEFAULT 0, cosigned_at INTEGER,
  quarantined INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE body(                            -- every valid body; tier 0 pub, 1 hub
  log_no INTEGER, idx INTEGER, tier INTEGER, kind TEXT, id TEXT, deleted INTEGER,
  PRIMARY KEY(log_no, idx, tier)
) WITHOUT ROWID;
CREATE INDEX body_identity ON body(kind, id, log_no, tier, idx);
CREATE TABLE lagging(                         -- valid bodies of their schema's version before
  log_no INTEGER, idx INTEGER, tier INTEGER, PRIMARY KEY(log_no, idx, tier)
) WITHOUT ROWID;
CREATE TABLE sealed(                          -- every sealed body (nat): that it is here, no more
  log_no INTEGER, idx INTEGER, PRIMARY KEY(log_no, idx)
) WITHOUT ROWID;
CREATE TABLE gap(                             -- committed, unerased, not here; tier 2 nat
  log_no INTEGER, idx INTEGER, tier INTEGER,
  stop INTEGER NOT NULL,                      -- so all leaves from idx up to it, of one block
  PRIMARY KEY(log_no, idx, tier)
) WITHOUT ROWID;
CREATE TABLE skip(                            -- refusals; tier `-` for a whole leaf
  log_no INTEGER, idx INTEGER, tier TEXT, code TEXT, expected TEXT, found TEXT,
  PRIMARY KEY(log_no, idx, tier)
) WITHOUT ROWID;
CREATE TABLE head(                            -- cosigned heads = receipts
  log_no INTEGER, size INTEGER, at INTEGER, PRIMARY KEY(log_no, size, at)
) WITHOUT ROWID;
CREATE TABLE resource(                        -- the state of every catalogue identity, all kinds
  unit_no INTEGER, kind TEXT, id TEXT, log_no INTEGER, pub_idx INTEGER, hub_idx INTEGER,
  first_idx INTEGER, deleted_on TEXT, pub TEXT, hub TEXT,
  name_zh TEXT, class_code TEXT, city TEXT, value_band TEXT, status TEXT,
  PRIMARY KEY(unit_no, kind, id)
);
CREATE TABLE erased(                          -- obeyed `x` and `era`, disjoint and in order
  log_no INTEGER, tier TEXT, start INTEGER, stop INTEGER, PRIMARY KEY(log_no, tier, start)
) WITHOUT ROWID;
CREATE TABLE said(                            -- the last word of `fed` on each subject
  kind TEXT, id TEXT, epoch INTEGER NOT NULL, idx INTEGER NOT NULL, tier TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY(kind, id)
) WITHOUT ROWID;
CREATE TABLE beat(                            -- the `h` leaves of `fed`
  epoch INTEGER, idx INTEGER, at INTEGER NOT NULL, PRIMARY KEY(epoch, idx)
) WITHOUT ROWID;
CREATE TABLE fed(                             -- how far each epoch of `fed` is read, from 1 on
  epoch INTEGER PRIMARY KEY, size INTEGER NOT NULL
);
INSERT INTO fed VALUES (1, 0);
CREATE TABLE judged(                          -- one row: digest of the schemas that judged it all
  one INTEGER PRIMARY KEY CHECK (one = 1), schemas TEXT NOT NULL
);
CREATE TABLE finding(                         -- written by `check`, no part of `dump`
  unit_no INTEGER, rule TEXT, kind TEXT, id TEXT, state TEXT, due TEXT, since TEXT, evidence TEXT,
  todo_zh TEXT, todo_en TEXT,
  judged TEXT,                                -- the state before the office laid anything over it
  obligation TEXT NOT NULL DEFAULT 'duty',
  ground INTEGER NOT NULL DEFAULT 0,          -- a breach would lead to measures
  rules TEXT NOT NULL DEFAULT '', rule_from TEXT,  -- sha256 of the rule set; the rule's first day
  clock TEXT, overlay TEXT,                   -- JSON: what the due day counts; what is laid over
  measures INTEGER GENERATED ALWAYS AS (state = 'overdue' AND ground = 1) VIRTUAL,
  PRIMARY KEY(unit_no, rule, kind, id)
);
CREATE INDEX finding_overlaid ON finding(unit_no) WHERE overlay IS NOT NULL;
CREATE INDEX finding_state ON finding(state, ifnull(due, '9'), unit_no, rule, kind, id);
"""


def log_number(unit_no: int, family: str, epoch: int) -> int:
    """The number of a unit's log: 1000 for each unit, catalogues even, usages odd."""
    return unit_no * 2 * MOST_EPOCHS + 2 * (epoch - 1) + (family == "usage")


def create_index(file: Path) -> sqlite3.Connection:
    """Make the empty index, or open the one that is there."""
    connection = _connect(file)
    try:
        if not _version(connection):
            with writing(connection):
                if not _version(connection):  # else another process has made it meanwhile
                    _make(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    searchable.create_tables(connection)
    judged = f"INSERT INTO judged VALUES (1, '{SchemaSet.load().digest}');"
    parts = (SCHEMA, attested.SCHEMA, words.SCHEMA, services.SCHEMA, touched.SCHEMA, judged)
    run_script(connection, "".join((*parts, f"PRAGMA user_version={VERSION};")))


def open_index(file: Path) -> sqlite3.Connection:
    """Open for reading and writing; StoreError `index.version` or `index.schemas`: rebuild it."""
    connection = create_index(file)
    try:
        _check("index.version", file, str(VERSION), str(_version(connection)))
        judged = connection.execute("SELECT schemas FROM judged").fetchone()[0]
        _check("index.schemas", file, SchemaSet.load().digest, judged)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(code: str, file: Path, expected: str, found: str) -> None:
    if found != expected:
        raise StoreError(
            code, where=str(file), expected=expected, found=found, advice="fenhe-hub rebuild"
        )


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def _connect(file: Path) -> sqlite3.Connection:
    make_private(file)  # what only the hub may read stands in it
    # One connection is used by one thread at a time, though not always by the same.
    connection = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
    # Derived data: a power cut may cost the last transactions, never the consistency.
    write_ahead(connection)
    for pragma in ("synchronous=NORMAL", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
