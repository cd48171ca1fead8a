"""The tables of service requests, of the mail about them, and of booking systems' calendars."""

ORDERS = """
CREATE TABLE service_order(          -- people's names and addresses: in no tier, deleted in time
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  reference TEXT NOT NULL UNIQUE,
  token TEXT NOT NULL UNIQUE,        -- of the applicant's private link
  instrument TEXT NOT NULL,
  state TEXT NOT NULL,
  made_at INTEGER NOT NULL,          -- POSIX seconds, like all times here; 0: not yet
  changed_at INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  begins_at INTEGER NOT NULL,        -- scheduled
  ends_at INTEGER NOT NULL,
  wish TEXT NOT NULL,                -- JSON: who asks for what
  outcome TEXT NOT NULL,             -- JSON: what was done
  rating INTEGER NOT NULL,
  comment TEXT NOT NULL,
  record TEXT NOT NULL               -- id of its service record
);
CREATE INDEX service_order_state ON service_order(state);
CREATE INDEX service_order_instrument ON service_order(instrument, ends_at);
CREATE TABLE service_order_said(
  number INTEGER PRIMARY KEY,
  order_no INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,                  -- empty: the applicant
  state TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX service_order_said_order ON service_order_said(order_no);
CREATE TABLE outgoing_mail(
  number INTEGER PRIMARY KEY,
  order_no INTEGER NOT NULL,
  to_address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  made_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  trouble TEXT NOT NULL,             -- what the server said last
  state TEXT NOT NULL                -- waiting, sent, failed
);
CREATE INDEX outgoing_mail_waiting ON outgoing_mail(state, next_at);
"""

CALENDARS = """
CREATE TABLE booking_calendar(       -- when instruments are taken by their booking systems
  instrument TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  tried_at INTEGER NOT NULL, read_at INTEGER NOT NULL,
  spans TEXT NOT NULL,               -- JSON list of [begin, end]; nothing of whom they belong to
  repeats INTEGER NOT NULL,          -- 1: there are others, by a rule that is not worked out
  trouble TEXT NOT NULL              -- why the last try failed; empty: it did not
) WITHOUT ROWID;
"""
