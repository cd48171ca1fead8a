"""The register of obliged units: listed, invited, waiting, released. Start at `list_units`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_hub.casework import obliged as kept
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.obliged import Obliged, Stand
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list came to, by code."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]


def compare(casework: Casework, told: Iterable[Obliged]) -> Listed:
    """What listing these would change."""
    new, changed, same = list[str](), list[str](), list[str]()
    known = {unit.uscc: _told(unit) for unit in kept.obliged_units(casework.db)}
    for unit in told:
        before = known.get(unit.uscc)
        after = _told(unit) if unit.mailbox or before is None else _told(unit) | _mailbox(before)
        group = new if before is None else same if before == after else changed
        group.append(unit.uscc)
    return Listed(tuple(new), tuple(changed), tuple(same))


def list_units(office: Office, who: Staff, told: Sequence[Obliged]) -> Listed:
    """Take a list into the register; what stands already is no act, nobody is left out by it."""
    with office.turn() as casework:
        found = compare(casework, told)
        wanted = {*found.new, *found.changed}
        deeds = [
            Deed("obliged.listed", unit.uscc, _told(unit) | {"place": unit.place}, unit.uscc)
            for unit in told
            if unit.uscc in wanted
        ]
        office.do_all(casework, who, Permission.PREPARE, deeds)
    return found


def _mailbox(told: dict[str, Any]) -> dict[str, Any]:
    """A list without mailboxes takes none away."""
    return {"mailbox": told["mailbox"]}


def _told(unit: Obliged) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(unit, name) for name in kept.TOLD}
    return told | {"counts": dict(unit.counts)}


def invite(office: Office, who: Staff, codes: Iterable[str]) -> list[Act]:
    """Say that these units are invited; each of them once."""
    with office.turn() as casework:
        deeds = []
        for uscc in dict.fromkeys(codes):
            unit = _known(casework, uscc)
            if unit.released:
                raise _not_now(uscc, unit.released)
            if unit.invited_at is None:
                deeds.append(Deed("obliged.invited", uscc, {"due_on": unit.due_on}, uscc))
        return office.do_all(casework, who, Permission.PREPARE, deeds)


def note_waiting(
    office: Office, who: Staff, uscc: str, *, fingerprint: str = "", origin: str = ""
) -> Act:
    """A node asked to be enrolled, or its unit handed in the sheet that names its fingerprint."""
    with office.turn() as casework:
        unit = _known(casework, uscc)
        if unit.released == Stand.REMOVED:
            raise _not_now(uscc, unit.released)
        details = {"fingerprint": fingerprint, "origin": origin}
        return office.do(
            casework, who, Permission.ENROL, "obliged.waiting", uscc, details, unit=uscc
        )


def release(
    office: Office, who: Staff, uscc: str, *, how: str, reason: str, document: str = ""
) -> Act:
    """Exempt a unit (its authority decides, by document), or remove one listed in error."""
    if how not in (Stand.EXEMPT, Stand.REMOVED):
        raise InputError("register.value", where="how", expected="exempt, removed", found=how)
    permission = Permission.DECIDE if how == Stand.EXEMPT else Permission.PREPARE
    details = {
        "how": how,
        "on": date_at(office.clock()),
        "reason": entered.words(reason, "reason"),
        "document": entered.words(document, "document", optional=how == Stand.REMOVED),
    }
    with office.turn() as casework:
        _known(casework, uscc)
        return office.do(casework, who, permission, "obliged.released", uscc, details, unit=uscc)


def restore(office: Office, who: Staff, uscc: str, reason: str) -> Act:
    """Take a release back: by whoever may have made it."""
    details = {"reason": entered.words(reason, "reason")}
    with office.turn() as casework:
        unit = _known(casework, uscc)
        if not unit.released:
            raise _not_now(uscc, "")
        is_exempt = unit.released == Stand.EXEMPT
        permission = Permission.DECIDE if is_exempt else Permission.PREPARE
        return office.do(casework, who, permission, "obliged.restored", uscc, details, unit=uscc)


def _known(casework: Casework, uscc: str) -> Obliged:
    found = kept.obliged_unit(casework.db, uscc)
    if found is None:
        raise RequestError("register.absent", status=404, where=uscc)
    return found


def _not_now(uscc: str, state: str) -> RequestError:
    return RequestError("register.state", status=409, where=uscc, found=state)
