"""What a notice says beside its text; how far leaves that are for one unit were asked for."""

_TEXTS = (
    *("matter", "title", "case_no", "deadline"),
    *("document_no", "decided_by", "decided_on", "revokes"),
)

NOTICES = "".join(
    f"ALTER TABLE notice ADD COLUMN {name} TEXT NOT NULL DEFAULT '';\n" for name in _TEXTS
)
NOTICES += """
ALTER TABLE notice ADD COLUMN about TEXT NOT NULL DEFAULT '[]';  -- JSON list of findings
ALTER TABLE notice ADD COLUMN public INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;  -- of `fed`, where it is for us
ALTER TABLE notice ADD COLUMN idx INTEGER NOT NULL DEFAULT 0;    -- alone; epoch 0: for everyone
CREATE TABLE hub_to(                 -- up to where leaves of tier `to` were asked for
  hub TEXT PRIMARY KEY, epoch INTEGER NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE hub_to_bad(             -- lines that were given and are not what the leaf says
  hub TEXT NOT NULL, epoch INTEGER NOT NULL, idx INTEGER NOT NULL, tries INTEGER NOT NULL,
  PRIMARY KEY(hub, epoch, idx)
) WITHOUT ROWID;
"""
