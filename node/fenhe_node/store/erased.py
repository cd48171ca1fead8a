"""What the store forgets when records are erased (feed §4), and what it must remember of it."""

from collections.abc import Mapping

from fenhe_node.store import calls
from fenhe_node.store.database import Store
from fenhe_node.store.feed import Leaf

MARK = "erased"
"""Stands alone in `before` of a deleted record whose content is gone for good."""


def is_erased(before: Mapping[str, object] | None) -> bool:
    """Whether the content of a deleted record was erased, by its `before`."""
    return before is not None and before.keys() == {MARK}


def published_within(store: Store, log: str, start: int, stop: int) -> tuple[Leaf, ...]:
    """The records whose published state is a leaf of [start, stop)."""
    rows = store.rows(
        "SELECT * FROM published WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx",
        [log, start, stop],
    )
    return tuple(
        Leaf(r["kind"], r["id"], r["sent"], frozenset(r["tiers"].split()), r["log"], r["idx"])
        for r in rows
    )


def sealed_leaves(store: Store, kind: str, record_id: str) -> list[tuple[str, int]]:
    """The leaves, as (log, index), in which something of a record was sealed, the newest last."""
    rows = store.rows(
        "SELECT log, idx FROM sealed_leaf WHERE kind = ? AND id = ? ORDER BY length(log), log, idx",
        [kind, record_id],
    )
    return [(row["log"], row["idx"]) for row in rows]


def seal_again(store: Store, kind: str, record_id: str) -> None:
    """Let the next publish seal once more what is to be sealed of a record."""
    store.run("UPDATE published SET nat = '' WHERE kind = ? AND id = ?", [kind, record_id])


def publish_again(store: Store, kind: str, record_id: str) -> None:
    """Let the next publish write the state of a record once more, changed or not."""
    store.run("UPDATE published SET sent = '' WHERE kind = ? AND id = ?", [kind, record_id])


def published_keys(store: Store) -> list[tuple[str, str]]:
    """Every record that was published, by kind and id."""
    rows = store.rows("SELECT kind, id FROM published ORDER BY kind, id")
    return [(row["kind"], row["id"]) for row in rows]


def put_published(store: Store, leaf: Leaf) -> None:
    """Set the leaf that holds the published state of a record."""
    store.run(
        "INSERT OR REPLACE INTO published(kind, id, sent, tiers, log, idx) VALUES(?,?,?,?,?,?)",
        [leaf.kind, leaf.id, leaf.sent, " ".join(sorted(leaf.tiers)), leaf.log, leaf.index],
    )


def forget_record(store: Store, kind: str, record_id: str) -> None:
    """Forget a record of which the logs say nothing any more."""
    for table in ("record", "published", "hand_edit"):
        store.run(f"DELETE FROM {table} WHERE kind = ? AND id = ?", [kind, record_id])


def forget_plans(store: Store) -> None:
    """Forget what a publish was about to write when this copy of the store was made."""
    store.run("DELETE FROM planned")


def forget_staging(store: Store) -> None:
    """Forget what is staged of all lists; the next import stages its list anew."""
    for table in ("staged_column", "staged_row", "problem", "person", "staged_top"):
        store.run(f"DELETE FROM {table}")


def forget_staged(store: Store, kind: str, record_id: str, *, but: int | None) -> None:
    """Take the rows and problems of a record out of the staging, except of the import `but`.

    What was set by hand of it goes too: from now on its list alone counts.
    """
    store.run("DELETE FROM hand_edit WHERE kind = ? AND id = ?", [kind, record_id])
    if but is None:
        calls.forget_persons(store, kind, record_id)
    if kind == "service_record":
        store.run("DELETE FROM former_service WHERE id = ?", [record_id])
    for table in ("staged_row", "problem"):
        store.run(
            f"DELETE FROM {table} WHERE id = ? AND import_no IS NOT ? AND import_no IN"
            " (SELECT number FROM import_run WHERE kind = ?)",
            [record_id, but, kind],
        )


def put_order(store: Store, wish: str) -> int:
    """Remember an erasure that is begun; its number."""
    return store.insert("erase_order", {"number": None, "wish": wish})


def end_order(store: Store, number: int) -> None:
    """It is signed, or there was nothing to erase."""
    store.run("DELETE FROM erase_order WHERE number = ?", [number])


def orders(store: Store) -> list[tuple[int, str]]:
    """The erasures that are begun and not yet signed, as (number, wish)."""
    rows = store.rows("SELECT number, wish FROM erase_order ORDER BY number")
    return [(row["number"], row["wish"]) for row in rows]


def readmit(store: Store, kind: str, record_id: str) -> bool:
    """Let an import bring an erased record back; False if it is none."""
    changed = store.run(
        "UPDATE record SET before = '' WHERE kind = ? AND id = ?"
        " AND json_extract(iif(before = '', '{}', before), '$.erased') IS NOT NULL",
        [kind, record_id],
    )
    return changed > 0


def sealed_within(store: Store, log: str, start: int, stop: int) -> set[tuple[str, str]]:
    """The records of which something was sealed in a leaf of [start, stop)."""
    rows = store.rows(
        "SELECT kind, id FROM sealed_leaf WHERE log = ? AND idx >= ? AND idx < ?",
        [log, start, stop],
    )
    return {(row["kind"], row["id"]) for row in rows}
