"""The tables of calls of `instruInfo`, migrations of `tables`."""

CALLS = """
CREATE TABLE soap_call(              -- the last calls of instruInfo at the intake
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,               -- POSIX seconds
  type INTEGER NOT NULL,             -- instruType
  records INTEGER NOT NULL, refused INTEGER NOT NULL,
  code INTEGER NOT NULL,             -- as answered
  why TEXT NOT NULL                  -- of a call refused as a whole, and what was not read
);
"""

CALL_PERSONS = """
CREATE TABLE call_person(            -- whose names each record of a running list brought
  kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(kind, id, name)
) WITHOUT ROWID;
CREATE INDEX call_person_name ON call_person(name);
"""
