"""What goes to the national platform: brought up to date, approved, held back, sent again.

Every verb works on an outbox that `outbox_turn` has opened: nobody sends meanwhile.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
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
    with outbox.transaction():
        items = chosen(outbox.items(), whose)
        waiting = [item for item in items if item.state is ItemState.WAITING]
        for item in waiting:
            outbox.put(approve(item))
            outbox.keep_approval(item, by, office.clock())
    _tell(office, who, "forward.approved", whose, {"document": by, "items": len(waiting)})
    return len(waiting)


def resend(office: Office, who: Staff, outbox: OutboxStore, whose: str) -> int:
    """Put what came back, of a unit or of `all`, in line once more; how many."""
    _check(who, whose)
    again = (ItemState.RETURNED, ItemState.RETRY)
    count = sum(item.state in again for item in chosen(outbox.items(), whose))
    send_returned(outbox, whose)
    _tell(office, who, "forward.resent", whose, {"items": count})
    return count


def hold_back(office: Office, who: Staff, outbox: OutboxStore, subject: str, why: str) -> None:
    """Send nothing of a unit (its code) or of a type (its number) until it is let go."""
    _check(who, subject)
    if not why.strip():
        raise InputError("forward.why", where="--why", expected="原因 a reason")
    why = entered.words(why, "why")
    if not is_type(subject):
        chosen(outbox.items(), subject)
    with outbox.transaction():
        outbox.hold(subject, why, office.clock())
    _tell(office, who, "forward.held", subject, {"reason": why})


def let_go(office: Office, who: Staff, outbox: OutboxStore, subject: str) -> None:
    """Send it again; InputError `forward.held`."""
    _check(who, subject)
    with outbox.transaction():
        if not outbox.release(subject):
            raise InputError("forward.held", where=subject)
    _tell(office, who, "forward.released", subject, {})


def take_note_of_withdrawn(office: Office, who: Staff, outbox: OutboxStore, place: str) -> None:
    """The platform took down what is no longer here; InputError `forward.gone`."""
    uscc = place.partition(":")[0]
    _check(who, uscc)
    note_withdrawn(outbox, place)
    _tell(office, who, "forward.withdrawn", uscc, {"record": place.partition(":")[2]})


def take_reviews(office: Office, who: Staff, outbox: OutboxStore, file: Path) -> None:
    """Take in the platform's review states, a CSV; InputError `forward.audit`."""
    _check(who, ALL)
    approval = office.hub.config.national_approval
    note_audits(outbox, file, number="innerId", approval=approval, kinds=_KINDS)
    _tell(office, who, "forward.reviews_taken", ALL, {"file": file.name})


def is_type(subject: str) -> bool:
    """Whether this names a type of the platform, and no unit."""
    return subject in map(str, TYPES.values())


def _check(who: Staff, whose: str) -> None:
    """RequestError 403: all units, or a type, are the province's."""
    one = whose != ALL and not is_type(whose)
    who.check(Permission.OPERATE, whose if one else None)
    if not one and who.units is not None:
        raise RequestError("office.scope", status=403, found=who.authority)


def _tell(
    office: Office, who: Staff, name: str, subject: str, details: dict[str, str | int]
) -> None:
    unit = subject if len(subject) == 18 else None
    with office.turn() as casework:
        office.do(casework, who, Permission.OPERATE, name, subject, details, unit=unit)
