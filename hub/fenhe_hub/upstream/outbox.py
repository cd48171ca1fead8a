"""What becomes of an item in the outbox: pure decisions, the store does what they say.

    candidate ─► waiting ─approved─► ready ─► sending ─100─► done
                    │                  ▲         ├─ fault ─► retry (backoff) ─► sending
                    └ (approval off) ──┘         └─ other ─► returned: waits for a mended record
    no unit code at the platform, or values that cannot be true: blocked
    under national review (auditStatus 0, 1): held
    delivered, and then deleted, erased or out of scope here: gone

Delivery is at least once: an item found `sending` at start is sent again. The platform overwrites
by (insCode, innerId), so a repeated delivery does no harm (national-platform.md §1.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from fenhe_hub.upstream.seam import Reply

DONE_CODE = 100
_DOUBT = "（不合理）"
UNDER_REVIEW = (0, 1)


class ItemState(StrEnum):
    """Where an item stands."""

    BLOCKED = "blocked"
    WAITING = "waiting"
    READY = "ready"
    SENDING = "sending"
    RETRY = "retry"
    RETURNED = "returned"
    HELD = "held"
    DONE = "done"
    GONE = "gone"  # no longer here, and still there: the platform has no call that takes it back


_NOT_SENT = (ItemState.BLOCKED, ItemState.WAITING, ItemState.READY, ItemState.RETRY)


@dataclass(frozen=True)
class Candidate:
    """A record in scope as it stands now, already in the platform's words."""

    uscc: str
    kind: str
    record_id: str
    origin: str
    index: int
    ins_code: str | None
    payload: str
    payload_sha256: str
    lacking: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether some value cannot well be true: it waits until its unit has mended it."""
        return any(reason.endswith(_DOUBT) for reason in self.lacking)


def doubt(reason: str) -> str:
    """Mark a reason as one for which a record is not sent."""
    return f"{reason}{_DOUBT}"


@dataclass(frozen=True)
class Item:
    """One record in the outbox. Times are POSIX seconds."""

    candidate: Candidate
    state: ItemState
    attempts: int = 0
    next_at: int = 0
    code: int | None = None
    delivered_sha256: str | None = None
    audit_status: int = -1


@dataclass(frozen=True)
class Patience:
    """How retries are spaced: doubling from `first_seconds` to `longest_seconds`."""

    first_seconds: int = 60
    longest_seconds: int = 6 * 3600
    retry_codes: frozenset[int] = frozenset({203, 204, 301})


def admit(existing: Item | None, candidate: Candidate, *, approval: bool) -> Item | None:
    """Return the item to store for a candidate, or None where nothing changes.

    A changed record is approved anew; a record that came back unchanged stays where it is.
    """
    if existing is not None and not _changed(existing, candidate):
        return None
    if existing is not None and _is_back(existing, candidate):
        return replace(existing, candidate=candidate, state=ItemState.DONE, attempts=0)
    fresh = Item(candidate, _first_state(candidate, approval=approval))
    if existing is None:
        return fresh
    kept = replace(
        fresh,
        attempts=int(_may_be_there(existing)),
        delivered_sha256=existing.delivered_sha256,
        audit_status=existing.audit_status,
    )
    return _hold_under_review(kept)


def _changed(existing: Item, candidate: Candidate) -> bool:
    before = existing.candidate
    if before.doubtful != candidate.doubtful and existing.state in _NOT_SENT:
        return True  # what lay in the future yesterday may not today
    return (before.payload_sha256, before.ins_code) != (
        candidate.payload_sha256,
        candidate.ins_code,
    )


def _is_back(existing: Item, candidate: Candidate) -> bool:
    """Whether it had gone and returns as it was last delivered."""
    delivered = (existing.delivered_sha256, existing.candidate.ins_code)
    is_same = delivered == (candidate.payload_sha256, candidate.ins_code)
    return existing.state is ItemState.GONE and is_same


def leave(item: Item) -> Item | None:
    """What stays of an item whose record is no longer to be sent; None if it cannot be there.

    No text and no digest of one: what was erased is not kept here (feed §4).
    """
    if not _may_be_there(item):
        return None
    emptied = replace(item.candidate, payload="", payload_sha256="", lacking=())
    return replace(item, candidate=emptied, state=ItemState.GONE, attempts=1, next_at=0)


def _may_be_there(item: Item) -> bool:
    """Whether the platform has it, or may: a call was cut off, or its answer never came."""
    unanswered = item.attempts > 0 and item.code is None
    return item.delivered_sha256 is not None or item.state is ItemState.SENDING or unanswered


def _first_state(candidate: Candidate, *, approval: bool) -> ItemState:
    if candidate.ins_code is None or candidate.doubtful:
        return ItemState.BLOCKED
    return ItemState.WAITING if approval else ItemState.READY


def _hold_under_review(item: Item) -> Item:
    """Never push over 0 (submitted) or 1 (approved): such a push has no effect."""
    if item.audit_status in UNDER_REVIEW and item.state is not ItemState.BLOCKED:
        return replace(item, state=ItemState.HELD)
    return item


def approve(item: Item) -> Item:
    """Let a waiting item go; the competent authority has reviewed it (289号 第11条)."""
    return replace(item, state=ItemState.READY) if item.state is ItemState.WAITING else item


def note_audit(item: Item, status: int, *, approval: bool) -> Item:
    """Take in the platform's review state: 0 and 1 hold a changed item, others let it go."""
    noted = replace(item, audit_status=status)
    if status in UNDER_REVIEW:
        over = (ItemState.DONE, ItemState.GONE)
        return _hold_under_review(noted) if item.state not in over else noted
    if item.state is ItemState.HELD:
        return replace(noted, state=_first_state(item.candidate, approval=approval))
    return noted


def is_due(item: Item, now: int) -> bool:
    """Tell whether an item is to be sent now; one found `sending` was cut off and goes again."""
    if item.state in (ItemState.READY, ItemState.SENDING):
        return True
    return item.state is ItemState.RETRY and item.next_at <= now


def after_reply(item: Item, reply: Reply, now: int, patience: Patience) -> Item:
    """Return the item after an answer; only 100 is done, whatever the tables call the others."""
    attempts = item.attempts + 1
    answered = replace(item, attempts=attempts, code=reply.code)
    if reply.code == DONE_CODE:
        sha256 = item.candidate.payload_sha256
        return replace(answered, state=ItemState.DONE, attempts=0, delivered_sha256=sha256)
    if reply.code is None or reply.code in patience.retry_codes:
        wait = min(patience.longest_seconds, patience.first_seconds * 2 ** min(attempts - 1, 20))
        return replace(answered, state=ItemState.RETRY, next_at=now + wait)
    return replace(answered, state=ItemState.RETURNED)


def send_again(item: Item) -> Item:
    """Put a returned or retrying item back in line, on an operator's word."""
    if item.state in (ItemState.RETURNED, ItemState.RETRY):
        return replace(item, state=ItemState.READY, next_at=0)
    return item
