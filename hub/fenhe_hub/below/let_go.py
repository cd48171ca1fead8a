"""Sealed lines that a hub beneath had, attested and has let go before this mirror began (feed §9).

A mirror drops `nat` lines 90 days after the gateway has taken them (feed §3), so who begins later
never gets them. What an enrolled hub cosigned so long ago it did have; that counts as received.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from fenhe_client.stored.files import stored_hashes
from fenhe_hub.below.copies import Copy
from fenhe_hub.home import Home
from fenhe_hub.index.tables import TIERS
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.mirror.sealed_ledger import KEPT_DAYS
from fenhe_protocol.checkpoint import cosignatures_by, parse_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.record import SEALED_TIER

_DAY = 86_400


def let_go_before(
    db: sqlite3.Connection, home: Home, log_no: int, origin: str, copies: Sequence[Copy], now: int
) -> list[int]:
    """The leaves whose sealed lines are missing here and count as received."""
    rows = db.execute(
        "SELECT idx, stop FROM gap WHERE log_no = ? AND tier = ? ORDER BY idx",
        [log_no, TIERS.index(SEALED_TIER)],
    )
    missing = [index for run in rows.fetchall() for index in range(*run)]
    if not missing or not copies:
        return []
    until = now - KEPT_DAYS * _DAY
    covered = max(_attested(db, home, copy, MirrorLog(home, origin), until) for copy in copies)
    return [index for index in missing if index < covered]


def _attested(db: sqlite3.Connection, home: Home, copy: Copy, log: MirrorLog, until: int) -> int:
    """The largest size that this hub's mirror cosigned by then, as its `fed` shows."""
    hub, head = copy.at.hub, log.head()
    cosigners = current_root(home, hub.origin, hub.root1).cosigners
    for fields in _announcements(db, home, copy.at.number, log.origin):
        note = fields["note"].encode()
        found = _cosigned(note, cosigners, until)
        if found is not None and head is not None and found[0] <= head.size:
            size, root = found
            if root_at(size, stored_hashes(log.files, head.size)) == root:
                return size
    return 0


def _announcements(
    db: sqlite3.Connection, home: Home, hub_no: int, log: str
) -> Iterator[dict[str, Any]]:
    """Every `adv` of a log in this hub's `fed`, the newest first."""
    read = body_reader(home)
    rows = db.execute(
        "SELECT l.origin, b.tier, b.idx FROM body b JOIN log l USING(log_no)"
        " WHERE b.kind = 'adv' AND b.id = ? AND l.unit_no = ? ORDER BY b.log_no DESC, b.idx DESC",
        [log, hub_no],
    )
    for origin, tier, index in rows.fetchall():
        if (fields := read(origin, TIERS[tier], index)) is not None:
            yield dict(fields)


def _cosigned(raw: bytes, cosigners: Sequence[VerifierKey], until: int) -> tuple[int, bytes] | None:
    """Size and root of a note that one of these cosigned by then."""
    try:
        note = parse_note(raw)
        times = [each.time for key in cosigners for each in cosignatures_by(note, key)]
        head = parse_checkpoint(note.text)
    except Refused:
        return None
    return (head.size, head.root) if times and min(times) <= until else None
