"""The tables behind the console: edits by hand, publishes, what hubs wrote to us and refused."""

CONSOLE = """
CREATE TABLE hand_edit(              -- fields of listed records whose value was given by hand
  kind TEXT NOT NULL, id TEXT NOT NULL,
  field TEXT NOT NULL,               -- of the top level
  value TEXT NOT NULL,               -- JSON; empty: taken away
  listed TEXT NOT NULL,              -- what the list said then: JSON; empty: nothing
  at INTEGER NOT NULL, by TEXT NOT NULL,
  PRIMARY KEY(kind, id, field)
) WITHOUT ROWID;
CREATE TABLE publish_run(            -- every publish that wrote records
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL, by TEXT NOT NULL,
  what TEXT NOT NULL                 -- publish, revert
);
CREATE TABLE publish_part(           -- the leaves of a publish: [start, stop) of a log
  run INTEGER NOT NULL REFERENCES publish_run(number),
  log TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
  PRIMARY KEY(run, log)
) WITHOUT ROWID;
CREATE TABLE notice(                 -- what a hub wrote to this unit (`ntc`), as it was last heard
  hub TEXT NOT NULL, number TEXT NOT NULL,
  text TEXT NOT NULL, answer_by TEXT NOT NULL,
  at INTEGER NOT NULL,               -- first heard
  PRIMARY KEY(hub, number)
) WITHOUT ROWID;
CREATE TABLE hub_refusal(            -- leaves and bodies of ours that a hub does not show
  hub TEXT NOT NULL, log TEXT NOT NULL, idx INTEGER NOT NULL, tier TEXT NOT NULL,
  code TEXT NOT NULL, expected TEXT NOT NULL, found TEXT NOT NULL,
  PRIMARY KEY(hub, log, idx, tier)
) WITHOUT ROWID;
"""

FINDINGS = """
CREATE TABLE hub_finding(            -- what rules of a hub ask for, in the order in which it is due
  hub TEXT NOT NULL, seq INTEGER NOT NULL,
  rule TEXT NOT NULL, rule_name TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL,            -- empty: the unit as a whole
  state TEXT NOT NULL, due TEXT NOT NULL, todo TEXT NOT NULL,
  PRIMARY KEY(hub, seq)
) WITHOUT ROWID;
CREATE TABLE hub_asked(              -- when a hub was last asked for them, and how many there are
  hub TEXT PRIMARY KEY, at INTEGER NOT NULL, total INTEGER NOT NULL
) WITHOUT ROWID;
"""
