"""What goes to the national platform: brought up to date, approved, held back, sent again.

Every verb works on an outbox that `outbox_turn` has opened: nobody sends meanwhile.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.upstream.forwarding import refresh
from fenhe_hub.upstream.nrii_candidates import NATIONAL_KINDS, TYPES
from fenhe_hub.upstream.obeying import ALL, chosen, note_audits, note_withdrawn, send_returned
from fenhe_hub.upstream.outbox import ItemState, approve
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act

_KINDS = {str(number): kind for kind, number in TYPES.items()} | {"": "instrument"}
_PATIENCE = 5.0  # seconds that a page waits for a round of sending to end


@contextmanager
def outbox_turn(hub: Hub, *, patience: float = 60.0) -> Iterator[OutboxStore]:
    """The outbox, in step with the index, while nobody else works on it; StoreError `home.busy`."""
    lock = locked(hub.home.path / "forward.lock", patience=patience)
    with lock, closing(OutboxStore(hub.home.outbox)) as outbox:
        _bring_up_to_date(hub, outbox)
        yield outbox


@contextmanager
def outbox_soon(hub: Hub) -> Iterator[OutboxStore]:
    """The same for somebody who waits before a page."""
    with outbox_turn(hub, patience=_PATIENCE) as outbox:
        yield outbox


def _bring_up_to_date(hub: Hub, outbox: OutboxStore) -> None:
    config = hub.config
    scope = NationalScope(
        config.national_line_yuan, frozenset(config.national_funds), NATIONAL_KINDS
    )
    today = date_at(int(time.time()))
    with closing(open_index(hub.home.index)) as db:
        refresh(db, outbox, scope, approval=config.national_approval, today=today)


def approve_items(office: Office, who: Staff, outbox: OutboxStore, whose: str, by: str) -> int:
    """Let what waits go, of a unit or of `all`; how many. InputError `forward.*`.

    `by`: which authority reviewed it, and the document (289号 第11条).
    """
    _check(who, whose)
    if not by.strip():
        raise InputError("forward.approver", where="--by", expected="谁审核、文号 who and document")
    by = entered.words(by, "by")
    items = chosen(outbox.items(), whose)
    waiting = [item for item in items if item.state is ItemState.WAITING]
    details: dict[str, str | int] = {"document": by, "items": len(waiting)}
    with _doing(office, who, outbox, "forward.approved", whose, details) as act:
        for item in waiting:
            outbox.put(approve(item))
            outbox.keep_approval(item, by, act.at)
    return len(waiting)


def resend(office: Office, who: Staff, outbox: OutboxStore, whose: str) -> int:
    """Put what came back, of a unit or of `all`, in line once more; how many."""
    _check(who, whose)
    again = (ItemState.RETURNED, ItemState.RETRY)
    count = sum(item.state in again for item in chosen(outbox.items(), whose))
    with _doing(office, who, outbox, "forward.resent", whose, {"items": count}):
        send_returned(outbox, whose)
    return count


def hold_back(office: Office, who: Staff, outbox: OutboxStore, subject: str, why: str) -> None:
    """Send nothing of a unit (its code) or of a type (its number) until it is let go."""
    _check(who, subject)
    if not why.strip():
        raise InputError("forward.why", where="--why", expected="原因 a reason")
    why = entered.words(why, "why")
    if not is_type(subject):
        chosen(outbox.items(), subject)
    with _doing(office, who, outbox, "forward.held", subject, {"reason": why}) as act:
        outbox.hold(subject, why, act.at)


def let_go(office: Office, who: Staff, outbox: OutboxStore, subject: str) -> None:
    """Send it again; InputError `forward.held`."""
    _check(who, subject)
    with _doing(office, who, outbox, "forward.released", subject, {}):
        if not outbox.release(subject):
            raise InputError("forward.held", where=subject)


def take_note_of_withdrawn(office: Office, who: Staff, outbox: OutboxStore, place: str) -> None:
    """The platform took down what is no longer here; InputError `forward.gone`."""
    uscc = place.partition(":")[0]
    _check(who, uscc)
    details = {"record": place.partition(":")[2]}
    with _doing(office, who, outbox, "forward.withdrawn", uscc, details):
        note_withdrawn(outbox, place)


def take_reviews(office: Office, who: Staff, outbox: OutboxStore, file: Path) -> None:
    """Take in the platform's review states, a CSV; InputError `forward.audit`."""
    _check(who, ALL)
    approval = office.hub.config.national_approval
    with _doing(office, who, outbox, "forward.reviews_taken", ALL, {"file": file.name}):
        note_audits(outbox, file, number="innerId", approval=approval, kinds=_KINDS)


def is_type(subject: str) -> bool:
    """Whether this names a type of the platform, and no unit."""
    return subject in map(str, TYPES.values())


def _check(who: Staff, whose: str) -> None:
    """RequestError 403: all units, or a type, are the province's."""
    one = whose != ALL and not is_type(whose)
    who.check(Permission.OPERATE, whose if one else None)
    if not one and who.units is not None:
        raise RequestError("office.scope", status=403, found=who.authority)


@contextmanager
def _doing(
    office: Office,
    who: Staff,
    outbox: OutboxStore,
    name: str,
    subject: str,
    details: Mapping[str, str | int],
) -> Iterator[Act]:
    """What is written to the outbox inside is what the act says: both, or neither."""
    deed = Deed(name, subject, details, subject if len(subject) == 18 else None)
    with (
        office.turn() as casework,
        office.doing(casework, who, Permission.OPERATE, deed) as act,
        outbox.deed(act.number),
    ):
        yield act


def is_written(hub: Hub, act: Act) -> bool:
    """Whether something that was begun stands in the outbox."""
    with closing(OutboxStore(hub.home.outbox)) as outbox:
        return outbox.is_done(act.number)
