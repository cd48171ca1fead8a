"""The tables of `store.sqlite`, as numbered migrations. A migration, once released, never changes.

The number of the last one applied is the file's `user_version`. A file of a newer version is
refused: an old program must not write what it does not understand.
"""

import sqlite3
from pathlib import Path

from fenhe_client.stored.tables_once import run_script, writing
from fenhe_node.store.call_tables import CALL_PERSONS, CALLS
from fenhe_node.store.console_tables import CONSOLE, FINDINGS
from fenhe_node.store.mapping_tables import MAPPINGS
from fenhe_node.store.notice_tables import NOTICES
from fenhe_node.store.order_tables import CALENDARS, ORDERS
from fenhe_protocol.errors import StoreError

_FIRST = """
CREATE TABLE import_run(             -- one line for each import, kept for ever
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,               -- POSIX seconds
  by TEXT NOT NULL,
  file TEXT NOT NULL, sha256 TEXT NOT NULL, sheet TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,              -- the list that the file is an edition of
  mapping TEXT NOT NULL,             -- YAML
  rows INTEGER NOT NULL, staged INTEGER NOT NULL,
  refused INTEGER NOT NULL, skipped INTEGER NOT NULL
);
CREATE TABLE staged_column(          -- of the latest import of each source, like the two below
  import_no INTEGER NOT NULL REFERENCES import_run(number),
  idx INTEGER NOT NULL,              -- from 0
  letter TEXT NOT NULL, header TEXT NOT NULL,
  fields TEXT NOT NULL,              -- JSON list of paths
  tier TEXT NOT NULL, why_zh TEXT NOT NULL, why_en TEXT NOT NULL,
  row INTEGER NOT NULL,              -- of a field in a sheet of fields, else 0
  PRIMARY KEY(import_no, idx)
) WITHOUT ROWID;
CREATE TABLE staged_row(
  import_no INTEGER NOT NULL REFERENCES import_run(number),
  row INTEGER NOT NULL,              -- from 1, as Excel shows it
  fate TEXT NOT NULL,                -- staged, refused, skipped
  id TEXT NOT NULL,
  why_zh TEXT NOT NULL, why_en TEXT NOT NULL,
  cells TEXT NOT NULL,               -- JSON [[column from 0, raw text, cell type], …]
  PRIMARY KEY(import_no, row)
) WITHOUT ROWID;
CREATE TABLE problem(
  import_no INTEGER NOT NULL REFERENCES import_run(number),
  seq INTEGER NOT NULL,
  sheet TEXT NOT NULL, row INTEGER NOT NULL, letter TEXT NOT NULL, header TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL,
  code TEXT NOT NULL, expected_zh TEXT NOT NULL, expected_en TEXT NOT NULL, found TEXT NOT NULL,
  blocking INTEGER NOT NULL,
  PRIMARY KEY(import_no, seq)
) WITHOUT ROWID;
CREATE TABLE record(                 -- the state of every record
  kind TEXT NOT NULL, id TEXT NOT NULL,
  record TEXT NOT NULL,              -- the whole record as JSON, `node` fields included
  before TEXT NOT NULL,              -- deleted ones: what it was, as JSON; else empty
  sent TEXT NOT NULL,                -- SHA-256 of what would be sent of it
  source TEXT NOT NULL,              -- empty: not from a file
  import_no INTEGER, row INTEGER,
  vanished INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,               -- of the last change
  PRIMARY KEY(kind, id)
) WITHOUT ROWID;
CREATE INDEX record_source ON record(source, kind);
CREATE TABLE event(                  -- what happened to each record, and who did it
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, by TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL,
  what TEXT NOT NULL,                -- new, changed, deleted, vanished
  import_no INTEGER, reason TEXT NOT NULL
);
CREATE TABLE published(              -- the last published state of each record
  kind TEXT NOT NULL, id TEXT NOT NULL, sent TEXT NOT NULL,
  tiers TEXT NOT NULL,               -- every tier in which it was ever published: "hub pub"
  log TEXT NOT NULL, idx INTEGER NOT NULL,
  PRIMARY KEY(kind, id)
) WITHOUT ROWID;
CREATE TABLE planned(                -- leaves that a publish is about to write
  log TEXT NOT NULL, idx INTEGER NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL, sent TEXT NOT NULL, tiers TEXT NOT NULL,
  PRIMARY KEY(log, idx)
) WITHOUT ROWID;
CREATE TABLE hub(                    -- hubs enrolled here by fingerprint
  origin TEXT PRIMARY KEY, url TEXT NOT NULL, fingerprint TEXT NOT NULL,
  root BLOB NOT NULL,                -- the newest root document verified, as received
  at INTEGER NOT NULL
) WITHOUT ROWID;
"""

_PERSONS = """
CREATE TABLE person(                 -- names in persons' columns: sought in all that is sent
  import_no INTEGER NOT NULL REFERENCES import_run(number),
  name TEXT NOT NULL,
  PRIMARY KEY(import_no, name)
) WITHOUT ROWID;
"""

_RECEIPTS = """
CREATE TABLE signed_head(            -- when each size was signed, as far as it was looked at
  log TEXT NOT NULL, size INTEGER NOT NULL,
  at INTEGER NOT NULL,               -- POSIX seconds
  PRIMARY KEY(log, size)
) WITHOUT ROWID;
CREATE TABLE cosigned(               -- the receipts: earliest cosigned notes, for every index
  log TEXT NOT NULL, cosigner TEXT NOT NULL, size INTEGER NOT NULL,
  time INTEGER NOT NULL,             -- of the cosignature
  key TEXT NOT NULL,                 -- the cosigner's verifier key
  note BLOB NOT NULL,
  PRIMARY KEY(log, cosigner, size)
) WITHOUT ROWID;
CREATE TABLE hub_log(                -- how far a hub has got with a log
  hub TEXT NOT NULL, log TEXT NOT NULL,
  mirrored INTEGER NOT NULL DEFAULT 0,     -- size that its mirror shows, cosigned
  announced INTEGER NOT NULL DEFAULT 0,    -- largest cosigned `adv` in its `fed`
  odd TEXT NOT NULL DEFAULT '',            -- code of what is odd about what the mirror shows
  other_tree INTEGER NOT NULL DEFAULT 0,   -- an `adv` announced a tree that is not ours
  checked INTEGER NOT NULL DEFAULT 0,      -- size below which its bodies were read back
  lacking INTEGER NOT NULL DEFAULT 0,      -- how many of our lines it did not show then
  submitted INTEGER NOT NULL DEFAULT 0,    -- size last accepted by its add-checkpoint
  submitted_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(hub, log)
) WITHOUT ROWID;
CREATE TABLE hub_fed(                -- how far its `fed` was heard, and what is wrong with it
  hub TEXT PRIMARY KEY, heard INTEGER NOT NULL, trouble TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE first_receipt(          -- `rcp` of a hub: the date that counts instead
  hub TEXT NOT NULL, log TEXT NOT NULL, idx INTEGER NOT NULL, first TEXT NOT NULL,
  PRIMARY KEY(hub, log, idx)
) WITHOUT ROWID;
"""

_SEALING = """
CREATE TABLE gateway(                -- to whose key `nat` is sealed: one, enrolled by fingerprint
  one INTEGER PRIMARY KEY CHECK(one = 1),
  origin TEXT NOT NULL, url TEXT NOT NULL, fingerprint TEXT NOT NULL,
  at INTEGER NOT NULL
);
-- What would be sealed of each record: its digest; empty: nothing; 'deleted'. NULL: not looked at
-- since the record was last written. `nat_rule` says by which setting it was looked at.
ALTER TABLE record ADD COLUMN nat TEXT;
ALTER TABLE record ADD COLUMN nat_rule INTEGER;
ALTER TABLE published ADD COLUMN nat TEXT NOT NULL DEFAULT '';
ALTER TABLE planned ADD COLUMN nat TEXT;  -- NULL: the leaf says nothing in `nat`
CREATE TABLE sealed_leaf(            -- whose: a sealed body does not tell, not even us
  log TEXT NOT NULL, idx INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY(log, idx)
) WITHOUT ROWID;
CREATE INDEX sealed_leaf_record ON sealed_leaf(kind, id);
"""

_ERASING = """
CREATE TABLE erase_order(            -- erasures that are begun and not yet signed
  number INTEGER PRIMARY KEY, wish TEXT NOT NULL
);
"""

_WITNESSED = """
CREATE TABLE witnessed(              -- lines of witnesses: the earliest, for every index
  hub TEXT NOT NULL,                 -- that cosigned this note in time; empty: in our checkpoint
  log TEXT NOT NULL, witness TEXT NOT NULL, size INTEGER NOT NULL,
  time INTEGER NOT NULL,             -- of the witness's line
  key TEXT NOT NULL,                 -- the witness's verifier key
  note BLOB NOT NULL,
  PRIMARY KEY(hub, log, witness, size)
) WITHOUT ROWID;
CREATE TABLE hub_witness(            -- whose lines a hub says that it counts
  hub TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY(hub, key)
) WITHOUT ROWID;
"""

_EPOCHS = """
ALTER TABLE hub_fed ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;  -- `heard` is a size of this one
"""

_TAKEN = """
CREATE TABLE hub_schema(             -- versions of schemas that a hub said last that it takes
  hub TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
  lagging INTEGER NOT NULL,          -- our records there that are of the version before
  PRIMARY KEY(hub, kind)
) WITHOUT ROWID;
"""

_ARRESTED = """
ALTER TABLE hub_log ADD COLUMN arrested INTEGER NOT NULL DEFAULT 0;  -- 1: the hub quarantined it
"""

_SOURCES = """
-- What a source that has no rows calls a record: id 17 of a table, number 3 of an answer.
ALTER TABLE staged_row ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE problem ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE TABLE source_run(             -- the verdict of each run of a named source, kept for ever
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL,              -- its name in the configuration
  began INTEGER NOT NULL, ended INTEGER NOT NULL,  -- POSIX seconds
  imports TEXT NOT NULL,             -- JSON list of the numbers of its imports
  code TEXT NOT NULL, failed TEXT NOT NULL,        -- of the error that ended it; empty: none
  whole INTEGER NOT NULL             -- 1: it read all there is, not what was new
);
CREATE INDEX source_run_source ON source_run(source);
"""

MIGRATIONS = (
    *(_FIRST, _PERSONS, _RECEIPTS, _SEALING, _ERASING),
    *(_WITNESSED, _EPOCHS, _TAKEN, _ARRESTED, _SOURCES),
    ORDERS,
    CALLS,
    MAPPINGS,
    CONSOLE,
    CALENDARS,
    FINDINGS,
    CALL_PERSONS,
    NOTICES,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply what is missing, each migration in a transaction of its own."""
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreError(
            "store.newer",
            where=str(path),
            expected=f"≤ {len(MIGRATIONS)}",
            found=str(version),
            advice="用更新的版本打开; open it with the newer version that wrote it",
        )
    for number in range(version, len(MIGRATIONS)):
        with writing(connection):
            if _version(connection) == number:  # else another process has done it meanwhile
                run_script(connection, f"{MIGRATIONS[number]} PRAGMA user_version = {number + 1};")


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found
