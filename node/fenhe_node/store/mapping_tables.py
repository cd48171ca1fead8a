"""The tables of how lists are read and of what was corrected: one migration of `tables`."""

MAPPINGS = """
CREATE TABLE saved_mapping(          -- how a list is read, as the unit has said
  source TEXT NOT NULL, kind TEXT NOT NULL,
  mapping TEXT NOT NULL,             -- YAML
  at INTEGER NOT NULL, by TEXT NOT NULL,
  PRIMARY KEY(source, kind)
) WITHOUT ROWID;
CREATE TABLE own_word(               -- what the unit writes in place of a code, in all its lists
  kind TEXT NOT NULL, field TEXT NOT NULL, written TEXT NOT NULL,
  code TEXT NOT NULL,                -- JSON
  PRIMARY KEY(kind, field, written)
) WITHOUT ROWID;
CREATE TABLE staged_top(             -- what stands above the rows of the latest import of a list
  import_no INTEGER PRIMARY KEY REFERENCES import_run(number),
  cells TEXT NOT NULL,               -- JSON [[row, column from 0, text], …]
  merges TEXT NOT NULL               -- JSON [[top, left, bottom, right], …], of the whole sheet
);
CREATE TABLE former_service(         -- what a service record was before it was corrected by hand
  id TEXT NOT NULL,
  at INTEGER NOT NULL,               -- of the correction
  by TEXT NOT NULL, reason TEXT NOT NULL,
  record TEXT NOT NULL,              -- JSON
  PRIMARY KEY(id, at)
) WITHOUT ROWID;
CREATE INDEX event_record ON event(kind, id);
CREATE INDEX service_month ON record(
  substr(coalesce(json_extract(record, '$.started_at'), json_extract(record, '$.ended_at')), 1, 7),
  json_extract(record, '$.instrument')
) WHERE kind = 'service_record';
"""
