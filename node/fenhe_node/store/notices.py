"""What hubs wrote to this unit (`ntc`), and what they refused of what it published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice; `answer_by` is a date or empty, `at` when it was first heard (POSIX seconds)."""

    hub: str
    number: str
    text: str
    answer_by: str
    at: int
    reply: str = ""  # acknowledged, answered, objected; empty: none yet


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A leaf or body that a hub does not show; `tier` is `-` for a whole leaf."""

    hub: str
    log: str
    idx: int
    tier: str
    code: str
    expected: str
    found: str


def keep(store: Store, notice: KeptNotice) -> None:
    """Keep a notice as it was said last; when it was first heard stays."""
    store.run(
        "INSERT INTO notice(hub, number, text, answer_by, at) VALUES(?,?,?,?,?)"
        " ON CONFLICT(hub, number) DO UPDATE"
        " SET text = excluded.text, answer_by = excluded.answer_by",
        [notice.hub, notice.number, notice.text, notice.answer_by, notice.at],
    )


def every(store: Store) -> tuple[KeptNotice, ...]:
    """All notices with the reply that the unit has recorded, those without one first."""
    rows = store.rows(
        """
        SELECT n.*, coalesce(json_extract(r.record, '$.reply'), '') AS reply FROM notice n
        LEFT JOIN record r ON r.kind = 'notice_reply' AND r.id = n.number
        ORDER BY reply <> '', n.answer_by = '', n.answer_by, n.at DESC, n.number
        """
    )
    return tuple(KeptNotice(**row) for row in rows)


def find(store: Store, hub: str, number: str) -> KeptNotice | None:
    """One notice."""
    return next((n for n in every(store) if (n.hub, n.number) == (hub, number)), None)


def put_refusals(store: Store, hub: str, told: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Keep what a hub refuses now of each log, in place of what it refused before."""
    with store.transaction():
        for log, rows in told.items():
            store.run("DELETE FROM hub_refusal WHERE hub = ? AND log = ?", [hub, log])
            store.many(
                "INSERT OR REPLACE INTO hub_refusal VALUES(?,?,?,?,?,?,?)",
                (
                    (hub, log, r["index"], r["tier"], r["code"], r["expected"], r["found"])
                    for r in rows
                ),
            )


def refusals(store: Store) -> tuple[KeptRefusal, ...]:
    """All that stand, by log and place."""
    rows = store.rows("SELECT * FROM hub_refusal ORDER BY hub, log, idx, tier")
    return tuple(KeptRefusal(**row) for row in rows)
