"""Records that their units deleted because they are classified: they appear nowhere any more."""

import sqlite3

from fenhe_hub.rules.overlaid import Subject

Identity = tuple[str, str, str]
"""The unit's code, kind and id."""


def classified_records(db: sqlite3.Connection) -> frozenset[Identity]:
    """All of them."""
    rows = db.execute(
        "SELECT u.uscc, r.kind, r.id FROM resource r JOIN unit u USING(unit_no)"
        " WHERE r.deleted_on IS NOT NULL"
        " AND (r.pub LIKE '%\"classified\"%' OR r.hub LIKE '%\"classified\"%')"
    )
    return frozenset(rows.fetchall())


def is_shown(subject: str, classified: frozenset[Identity]) -> bool:
    """Whether what names this subject may appear anywhere."""
    meant = Subject.parse(subject)
    return (meant.uscc, meant.kind, meant.id) not in classified
