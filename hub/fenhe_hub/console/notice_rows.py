"""Notices and their ways: said in `fed`, fetched by the node, taken by a mail server."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fenhe_hub.casework.notices import SentNotice
from fenhe_hub.home import Home
from fenhe_hub.index.replies import Reply, reply_to
from fenhe_hub.mailing.outgoing import Outgoing, QueuedLetter
from fenhe_hub.office.noticing import mark_of


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice; `place` is its leaf in `fed` as (epoch, index), None: it waits to be said."""

    sent: SentNotice
    unit: str
    place: tuple[int, int] | None
    letters: tuple[QueuedLetter, ...]
    reply: Reply | None

    @property
    def path(self) -> str:
        """Its page."""
        return f"/notices/{self.sent.unit}/{self.sent.number}"

    @property
    def said(self) -> str:
        """Where it stands in `fed`."""
        if not self.sent.word.to:
            return "纸质"
        if self.place is None:
            return "待发布"
        epoch, index = self.place
        return f"fed{f'.{epoch}' if epoch > 1 else ''} #{index}"

    @property
    def mailed_at(self) -> int | None:
        """When a mail server took it."""
        return next((each.settled_at for each in self.letters if each.state == "sent"), None)


def notice_rows(
    home: Home, db: sqlite3.Connection, found: Iterable[SentNotice], names: Mapping[str, str]
) -> list[NoticeRow]:
    """A row for each notice; `db` is the index."""
    listed = [*found]
    letters = _letters(home, {each.unit for each in listed})
    return [
        NoticeRow(
            each,
            names.get(each.unit, each.unit),
            _place(db, each.number),
            tuple(x for x in letters if x.subject.startswith(mark_of(each.number))),
            reply_to(db, each.unit, each.number),
        )
        for each in listed
    ]


def _letters(home: Home, units: Iterable[str]) -> list[QueuedLetter]:
    if not (home.path / "mail.sqlite").exists():
        return []
    with Outgoing.open(home) as outgoing:
        return [letter for unit in units for letter in outgoing.of(unit)]


def _place(db: sqlite3.Connection, number: str) -> tuple[int, int] | None:
    row = db.execute(
        "SELECT epoch, idx FROM said WHERE kind = 'ntc' AND id = ?", [number]
    ).fetchone()
    return (row[0], row[1]) if row else None
