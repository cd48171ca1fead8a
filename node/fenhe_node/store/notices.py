"""What hubs wrote to this unit (`ntc`), and what they refused of what it published."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store
from fenhe_protocol.notice import Notice
from fenhe_protocol.position import Position


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice; `answer_by` is a date or empty, `at` when it was first heard (POSIX seconds).

    The others are those of `fenhe_protocol.notice.Notice`.
    """

    hub: str
    number: str
    text: str
    answer_by: str
    at: int
    reply: str = ""  # acknowledged, answered, objected; empty: none yet
    matter: str = ""
    title: str = ""
    case_no: str = ""
    deadline: str = ""
    document_no: str = ""
    decided_by: str = ""
    decided_on: str = ""
    revokes: str = ""
    about: tuple[str, ...] = ()
    public: bool = False
    epoch: int = 0  # of `fed`, and the leaf in it, where it was said to us alone; else 0
    idx: int = 0

    @property
    def place(self) -> Position:
        """Its leaf in `fed`."""
        return Position(self.epoch, self.idx)


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


def of_word(hub: str, word: Notice, at: int, place: Position | None = None) -> KeptNotice:
    """A notice as a hub has said it; `place` is its leaf where it was said to us alone."""
    epoch, idx = place or (0, 0)
    return KeptNotice(
        hub,
        word.number,
        word.text,
        word.answer_by,
        at,
        matter=word.matter,
        title=word.title,
        case_no=word.case,
        deadline=word.deadline,
        document_no=word.document_no,
        decided_by=word.decided_by,
        decided_on=word.decided_on,
        revokes=word.revokes,
        about=word.about,
        public=word.is_public,
        epoch=epoch,
        idx=idx,
    )


def keep(store: Store, notice: KeptNotice) -> None:
    """Keep a notice as it was said last; when it was first heard stays."""
    row = {name: getattr(notice, name) for name in _COLUMNS}
    row |= {"about": json.dumps(notice.about, ensure_ascii=False), "public": int(notice.public)}
    changed = ", ".join(f"{name} = excluded.{name}" for name in row if name not in _FIRST)
    store.run(
        f"INSERT INTO notice({', '.join(row)}) VALUES({', '.join('?' * len(row))})"
        f" ON CONFLICT(hub, number) DO UPDATE SET {changed}",
        [*row.values()],
    )


_FIRST = ("hub", "number", "at")
_COLUMNS = (
    *(*_FIRST, "text", "answer_by", "matter", "title", "case_no", "deadline"),
    *("document_no", "decided_by", "decided_on", "revokes", "epoch", "idx"),
)


def forget(store: Store, notice: KeptNotice) -> None:
    """Let go of a notice that its hub has erased."""
    store.run("DELETE FROM notice WHERE hub = ? AND number = ?", [notice.hub, notice.number])


def every(store: Store) -> tuple[KeptNotice, ...]:
    """All notices with the reply that the unit has recorded, those without one first."""
    rows = store.rows(
        """
        SELECT n.*, CASE
            WHEN f.id IS NOT NULL THEN 'answered'
            ELSE coalesce(json_extract(r.record, '$.reply'), '') END AS reply
        FROM notice n
        LEFT JOIN record r ON r.kind = 'notice_reply' AND r.id = n.number
        LEFT JOIN record f ON n.matter = 'feedback' AND f.kind = 'feedback_reply'
          AND f.id = n.case_no AND json_extract(f.record, '$.state') IN ('answered', 'closed')
          AND json_extract(f.record, '$.answered_on') >= date(n.at, 'unixepoch', '+8 hours')
        ORDER BY reply <> '', n.answer_by = '', n.answer_by, n.at DESC, n.number
        """
    )
    return tuple(_kept(row) for row in rows)


def _kept(row: Mapping[str, Any]) -> KeptNotice:
    read = {"about": tuple(json.loads(row["about"])), "public": bool(row["public"])}
    return KeptNotice(**{**row, **read})


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
