"""Pending checkpoints: submitted heads, each shown to follow the one before (tlog-mirror).

Judged by the very rules of a witness; the head it must follow is the newest that was pushed or
verified. Lines of the witnesses that the hub names are kept with it. What a log signed against its
own history is kept as evidence. Start at `add_checkpoint`.
"""

import asyncio
from dataclasses import dataclass

from fenhe_client.stored.files import stored_hashes
from fenhe_hub.inbox.log import PendingHead, open_inbox
from fenhe_hub.mirror.evidence import is_quarantined, keep_ended, keep_evidence
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.second_lines import second_line_of
from fenhe_hub.push.contradiction import contradicted_note
from fenhe_hub.push.reception import Reception, listed_log
from fenhe_protocol.checkpoint import KeyRange, OpenedCheckpoint, parse_head
from fenhe_protocol.errors import RequestError
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.second_line import SecondLine, with_second
from fenhe_protocol.witness import (
    AddCheckpoint,
    SizeConflict,
    judge_checkpoint,
    only_log_lines,
    with_cosignatures,
)

_MAYBE_FORKS = ("witness.root", "witness.size", "log.quarantined")


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest head known of a log: size, root, and the note that says so."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = b""


async def add_checkpoint(reception: Reception, request: AddCheckpoint) -> None:
    """Make this the pending checkpoint; RequestError with the status of tlog-witness.

    Durable when it returns. Whoever can be visited is told to the planner.
    """
    try:
        async with reception.judging:
            visit = await asyncio.to_thread(_add, reception, request)
    except RequestError as error:
        if error.code in _MAYBE_FORKS:
            await reception.note_arrest(_origin(request.note))
        raise
    if visit is not None:
        reception.doorbell.has_grown(visit)


def _add(reception: Reception, request: AddCheckpoint) -> str | None:
    """Judge and keep; the origin, if that log is to be visited now."""
    home = reception.hub.home
    known: dict[str, Latest] = {}

    def keys_of(origin: str) -> tuple[KeyRange, ...] | None:
        listed = listed_log(home, origin)
        return None if listed is None else tuple(listed.keys.keys)

    def latest(origin: str) -> tuple[int, bytes]:
        if is_quarantined(home, origin):
            raise RequestError("log.quarantined", status=403, where=origin)
        _refuse_above_end(reception, origin, request.note)
        known[origin] = _latest(reception, origin)
        return known[origin].size, known[origin].root

    def second_of(origin: str) -> SecondLine | None:
        listed = listed_log(home, origin)
        return second_line_of(listed.unit) if listed else None

    try:
        opened = judge_checkpoint(request, keys_of=keys_of, latest=latest, second_of=second_of)
    except SizeConflict:
        _look_for_fork(reception, request.note)
        raise
    except RequestError as error:
        if error.code == "witness.root":  # two roots of one size, both signed
            _keep_fork(reception, known, request.note)
        raise
    return _keep(reception, opened, known[opened.checkpoint.origin])


def _keep(reception: Reception, opened: OpenedCheckpoint, before: Latest) -> str | None:
    home, head = reception.hub.home, opened.checkpoint
    listed = listed_log(home, head.origin)
    if listed is None:
        raise RequestError("upload.log", status=404, where=head.origin)
    again = bool(before.note) and head.size == before.size
    plain = before.note if again else only_log_lines(opened, listed.keys.keys)
    witnesses = [each.verifier for each in reception.hub.config.witnesses]
    seconded = with_second(plain, opened.note, second_line_of(listed.unit))
    note = with_cosignatures(seconded, opened.note, witnesses)
    if again and note == plain:
        return None
    inbox = open_inbox(home, head.origin, reception.disk)
    verified = MirrorLog(home, head.origin).head()
    inbox.put_head(PendingHead(head, note), verified=verified.size if verified else 0)
    return None if listed.unit.pushes else head.origin


def _refuse_above_end(reception: Reception, origin: str, note: bytes) -> None:
    """RequestError 422 `log.ended`, and what was signed above the end is kept (feed §11).

    Whether it follows anything does not matter: that it was signed says it all.
    """
    home, listed = reception.hub.home, listed_log(reception.hub.home, origin)
    end, size = listed.keys.end if listed else None, parse_head(parse_note(note).text).size
    if end is not None and size > end.size:
        keep_ended(home, origin, note, reception.disk)
        raise RequestError("log.ended", status=422, where=f"{origin} {end.size} < {size}")


def _latest(reception: Reception, origin: str) -> Latest:
    """The newest head, pushed or verified; where the two disagree, the log is put under arrest."""
    home = reception.hub.home
    log = MirrorLog(home, origin)
    verified, note = log.head(), log.verified()
    pending = list(open_inbox(home, origin).heads().values())
    newest = pending[-1] if pending else None
    if verified is None or note is None:
        return _of(newest) if newest else Latest()
    if newest is None:
        return Latest(verified.size, verified.root, note)
    if newest.size > verified.size:
        return _of(newest)
    if newest.size and newest.checkpoint.root != root_at(
        newest.size, stored_hashes(log.files, verified.size)
    ):
        keep_evidence(home, origin, (newest.note, note), reception.disk)
        raise RequestError("log.quarantined", status=403, where=origin)
    return Latest(verified.size, verified.root, note)


def _of(head: PendingHead) -> Latest:
    return Latest(head.size, head.checkpoint.root, head.note)


def _look_for_fork(reception: Reception, note: bytes) -> None:
    """Keep what a signed head of another size than the newest proves, if it proves anything."""
    home, head = reception.hub.home, parse_head(parse_note(note).text)
    known = contradicted_note(home, head)
    if known is not None:
        keep_evidence(home, head.origin, (known, note), reception.disk)


def _origin(note: bytes) -> str:
    """Whose head a note is that was judged already."""
    return parse_head(parse_note(note).text).origin


def _keep_fork(reception: Reception, known: dict[str, Latest], note: bytes) -> None:
    for origin, before in known.items():
        if before.note:
            keep_evidence(reception.hub.home, origin, (before.note, note), reception.disk)
