"""How a unit's lists are read: the mapping saved for each, and its own words for the codes."""

import json
from collections.abc import Mapping

from fenhe_node.store.database import Store

Words = Mapping[tuple[str, str], Mapping[str, str | int]]
"""By kind and field: as the unit writes it → the code."""


def save_mapping(store: Store, source: str, kind: str, text: str, *, now: int, by: str) -> None:
    """Read the list `source` by this mapping (YAML) from now on."""
    store.run(
        "INSERT OR REPLACE INTO saved_mapping VALUES(?,?,?,?,?)", [source, kind, text, now, by]
    )


def saved_mapping(store: Store, source: str, kind: str = "") -> str:
    """The mapping saved for a list, the last one if it has several and no kind is told; or ""."""
    rows = store.rows(
        "SELECT mapping FROM saved_mapping WHERE source = ? AND (? = '' OR kind = ?)"
        " ORDER BY at DESC, kind LIMIT 1",
        [source, kind, kind],
    )
    return str(rows[0]["mapping"]) if rows else ""


def saved_kinds(store: Store, source: str) -> tuple[str, ...]:
    """The kinds for which a mapping of a list is saved, the latest first."""
    sql = "SELECT kind FROM saved_mapping WHERE source = ? ORDER BY at DESC, kind"
    return tuple(str(row["kind"]) for row in store.rows(sql, [source]))


def forget_mapping(store: Store, source: str) -> bool:
    """Guess again how to read a list; whether anything was saved."""
    return store.run("DELETE FROM saved_mapping WHERE source = ?", [source]) > 0


def own_words(store: Store) -> Words:
    """All of the unit's own words."""
    found: dict[tuple[str, str], dict[str, str | int]] = {}
    for row in store.rows("SELECT * FROM own_word ORDER BY kind, field, written"):
        found.setdefault((row["kind"], row["field"]), {})[row["written"]] = json.loads(row["code"])
    return found


def put_words(store: Store, kind: str, field: str, words: Mapping[str, str | int]) -> None:
    """Take these for all of the unit's own words for the codes of one field."""
    with store.transaction():
        store.run("DELETE FROM own_word WHERE kind = ? AND field = ?", [kind, field])
        rows = ((kind, field, written, json.dumps(code)) for written, code in words.items())
        store.many("INSERT INTO own_word VALUES(?,?,?,?)", rows)
