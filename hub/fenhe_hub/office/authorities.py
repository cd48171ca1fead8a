"""Authorities made and ended, and units put under them. Start at `put_authority`."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from fenhe_hub.casework import authorities as kept
from fenhe_hub.casework import obliged
from fenhe_hub.casework.authorities import FOR_EVER, Authority, Belonging
from fenhe_hub.casework.book import Casework
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


def checked_authority(told: Authority) -> Authority:
    """The authority as it is kept; InputError `register.value` names the field."""
    number = told.number.strip()
    if not _NUMBER.fullmatch(number):
        raise InputError("register.value", where="number", expected="kjt, A01, …", found=number)
    if told.covers not in (kept.ALL, kept.LISTED):
        raise InputError("register.value", where="covers", expected="all, listed")
    begin = entered.day(told.valid_from, "from")
    until = entered.day(told.valid_until, "until", optional=True) or FOR_EVER
    if until < begin:
        raise InputError("register.value", where="until", expected=f"≥ {begin}", found=until)
    return Authority(
        number,
        entered.words(told.name, "name"),
        entered.choice(told.kind, kept.Kind, kept.KIND_LABELS, "kind"),
        entered.choice(told.level, kept.Level, kept.LEVEL_LABELS, "level"),
        told.covers,
        begin,
        until,
    )


def put_authorities(
    office: Office, who: Staff, told: Iterable[Authority], place: str = ""
) -> list[Act]:
    """Make or correct authorities; what stands already is no act."""
    wanted = [checked_authority(each) for each in told]
    with office.turn() as casework:
        known = {each.number: each for each in kept.authorities(casework.db)}
        deeds = [_deed(each, place) for each in wanted if known.get(each.number) != each]
        return office.do_all(casework, who, Permission.SET_UP, deeds)


def put_authority(office: Office, who: Staff, told: Authority) -> list[Act]:
    """One of them."""
    return put_authorities(office, who, [told])


def _deed(told: Authority, place: str) -> Deed:
    details = {
        "name": told.name,
        "kind": str(told.kind),
        "level": str(told.level),
        "covers": told.covers,
        "from": told.valid_from,
    }
    if told.valid_until != FOR_EVER:
        details["until"] = told.valid_until
    return Deed("authority.put", told.number, details | ({"place": place} if place else {}))


def end_authority(office: Office, who: Staff, number: str, until: str) -> Act:
    """Let it exist until a day; its accounts have no units from the next day on."""
    last = entered.day(until, "until")
    with office.turn() as casework:
        found = _known(casework, number)
        if last < found.valid_from:
            raise InputError("register.value", where="until", expected=f"≥ {found.valid_from}")
        return office.do(
            casework, who, Permission.SET_UP, "authority.ended", number, {"until": last}
        )


def set_mailbox(office: Office, who: Staff, number: str, address: str) -> Act:
    """To which mailbox of the authority it is written that a complaint waits; empty: to none."""
    told = entered.mailbox(address, "address") if address.strip() else ""
    with office.turn() as casework:
        _known(casework, number)
        return office.do(
            casework, who, Permission.SET_UP, "authority.mailbox", number, {"address": told}
        )


def assign(office: Office, who: Staff, told: Iterable[Belonging], place: str = "") -> list[Act]:
    """Let units be an authority's own from a day on; what stands already is no act."""
    with office.turn() as casework:
        known = set(kept.belongings(casework.db))
        deeds = []
        for each in told:
            _known(casework, each.authority)
            wanted = Belonging(
                entered.code(each.uscc),
                each.authority,
                entered.day(each.valid_from, "from"),
                entered.day(each.valid_until, "until", optional=True) or FOR_EVER,
            )
            if wanted not in known:
                deeds.append(_begun(wanted, place))
        return office.do_all(casework, who, Permission.SET_UP, deeds)


def _begun(told: Belonging, place: str = "") -> Deed:
    details = {"authority": told.authority, "from": told.valid_from}
    if told.valid_until != FOR_EVER:
        details["until"] = told.valid_until
    details |= {"place": place} if place else {}
    return Deed("belonging.begun", told.uscc, details, told.uscc)


def move(office: Office, who: Staff, uscc: str, old: str, new: str, since: str) -> list[Act]:
    """A unit goes from one authority to another: the old one's until the day before."""
    begin = date.fromisoformat(entered.day(since, "from"))
    last = (begin - timedelta(days=1)).isoformat()
    with office.turn() as casework:
        _known(casework, new)
        ended = Deed("belonging.ended", uscc, {"authority": old, "until": last}, uscc)
        begun = _begun(Belonging(entered.code(uscc), new, begin.isoformat()))
        return office.do_all(casework, who, Permission.SET_UP, [ended, begun])


def end_belonging(office: Office, who: Staff, uscc: str, number: str, until: str) -> Act:
    """Let a unit be an authority's own until a day."""
    uscc, details = entered.code(uscc), {"authority": number, "until": entered.day(until, "until")}
    with office.turn() as casework:
        _known(casework, number)
        return office.do(
            casework, who, Permission.SET_UP, "belonging.ended", uscc, details, unit=uscc
        )


def assign_as_listed(office: Office, who: Staff, since: str) -> tuple[list[Act], list[str]]:
    """Put every obliged unit under the authority that its list names; also who was not found."""
    begin = entered.day(since, "from")
    on = date.fromisoformat(begin)
    with office.turn() as casework:
        everyone = kept.authorities(casework.db)
        units = obliged.obliged_units(casework.db)
        unknown = sorted(
            {
                u.authority
                for u in units
                if u.authority and not kept.named(everyone, u.authority, on)
            }
        )
        deeds = list(_as_listed(casework, everyone, units, on))
        return office.do_all(casework, who, Permission.SET_UP, deeds), unknown


def _as_listed(
    casework: Casework, everyone: list[Authority], units: list[obliged.Obliged], on: date
) -> Iterator[Deed]:
    for unit in units:
        found = kept.named(everyone, unit.authority, on)
        if found is None or found.covers == kept.ALL:
            continue
        own = {each.number for each in kept.authorities_of(casework.db, unit.uscc, on)}
        if found.number not in own:
            yield _begun(Belonging(unit.uscc, found.number, on.isoformat()), unit.place)


def _known(casework: Casework, number: str) -> Authority:
    found = kept.authority(casework.db, number)
    if found is None:
        raise RequestError("register.absent", status=404, where=number)
    return found
