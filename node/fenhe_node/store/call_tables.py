"""The table of calls of `instruInfo`, a migration of `tables`."""

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
