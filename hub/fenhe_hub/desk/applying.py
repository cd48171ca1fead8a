"""A unit on its way in: opened, looked at, compared, and then enrolled or not. Start at `admit`.

What the node serves and what was read over the phone are two ways; only where both name the same
fingerprint is anybody enrolled. Acts tell what was seen and what was typed.
"""

import asyncio
from dataclasses import dataclass

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web, required
from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_client.stored.files import root_path
from fenhe_hub.casework.applications import Application, Stage, application
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.desk.enrolling import Believed, believe_at, believe_document, enrol
from fenhe_hub.hub import Hub
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, InputError, Refused, RequestError
from fenhe_protocol.fed import Act
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument, fingerprint, open_first

_STEPS = {
    Stage.HELD: ("application.held", (Stage.WAITING,)),
    Stage.WAITING: ("application.resumed", (Stage.HELD, Stage.REFUSED)),
    Stage.REFUSED: ("application.refused", (Stage.WAITING, Stage.HELD)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a root document says that nobody has compared yet; `trouble` is the code of why not."""

    uscc: str = ""
    origin: str = ""
    served: str = ""
    trouble: str = ""

    def details(self) -> dict[str, str]:
        """For the act; the unit's code stands there as well, under a name of its own."""
        return {
            "uscc": self.uscc,
            "origin": self.origin,
            "served": self.served,
            "trouble": self.trouble,
        }


async def seen_at(hub: Hub, url: str, *, allow_private: bool) -> Seen:
    """What the node serves as its first root document; what goes wrong is told, never raised."""
    try:
        async with Web(hub.config.limits) as web:
            fetcher = web.open(url, reach=PRIVATE_TOO if allow_private else PUBLIC_ONLY)
            raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
        return seen_in(raw, loopback=allow_private)
    except FenheError as error:
        return Seen(trouble=error.code)


def seen_in(raw: bytes, *, loopback: bool = True) -> Seen:
    """The same of a document that was brought; Refused where it is none."""
    found = _first(raw, loopback=loopback)
    return Seen(found.unit, found.origin, fingerprint(parse_note(raw).text))


def _first(raw: bytes, *, loopback: bool) -> RootDocument:
    told = fingerprint(parse_note(raw).text)
    return open_first(raw, fingerprint=told, allow_loopback_http=loopback)


async def open_application(office: Office, who: Staff, url: str, *, allow_private: bool) -> Act:
    """Take up a unit by the address of its node; InputError `register.value`."""
    _check(who)
    url = _address(url)
    seen = await seen_at(office.hub, url, allow_private=allow_private)
    details: dict[str, str | int] = {"url": url, "private": int(allow_private)}
    details |= seen.details()
    return await asyncio.to_thread(_opened, office, who, details)


def bring_document(office: Office, who: Staff, raw: bytes) -> Act:
    """Take up a unit whose node only pushes, by its root document 1; Refused where it is none."""
    _check(who)
    if len(raw) > DEFAULTS.note_bytes:
        raise InputError("register.value", where="root/1", expected=f"≤ {DEFAULTS.note_bytes} B")
    seen, url = seen_in(raw), _first(raw, loopback=True).url
    return _opened(office, who, {"url": url, "root1": raw.decode(), **seen.details()})


def _opened(office: Office, who: Staff, details: dict[str, str | int]) -> Act:
    with office.turn() as casework:
        year = int(date_at(office.clock())[:4])
        number = next_number(casework.db, "application", "A", year)
        uscc = str(details["uscc"])
        deeds = [Deed("application.opened", number, details, uscc or None)]
        listed = obliged_unit(casework.db, uscc) if uscc else None
        if listed is not None and listed.waiting_at is None:
            told = {"origin": str(details["origin"]), "fingerprint": ""}
            deeds.append(Deed("obliged.waiting", uscc, told, uscc))
        return office.do_all(casework, who, Permission.ENROL, deeds)[0]


async def look_again(office: Office, who: Staff, number: str) -> Act:
    """Ask the node once more what it serves."""
    _check(who)
    found = await asyncio.to_thread(_open_one, office, number)
    if found.pushes:
        seen = seen_in(found.root1.encode())
    else:
        seen = await seen_at(office.hub, found.url, allow_private=found.private)

    def tell() -> Act:
        with office.turn() as casework:
            return office.do(
                *(casework, who, Permission.ENROL, "application.looked", number),
                seen.details(),
                unit=seen.uscc or None,
            )

    return await asyncio.to_thread(tell)


def decide(office: Office, who: Staff, number: str, stage: Stage, reason: str) -> Act:
    """Put on hold, go on, or refuse; RequestError 404, 409, InputError."""
    _check(who)
    name, before = _STEPS[stage]
    said = entered.words(reason, "reason", optional=stage is Stage.WAITING)
    with office.turn() as casework:
        found = _known(casework, number)
        if found.state not in before:
            raise RequestError("register.state", status=409, where=number, found=found.state)
        details = {"reason": said}
        return office.do(
            casework, who, Permission.ENROL, name, number, details, unit=found.uscc or None
        )


async def admit(office: Office, who: Staff, number: str, typed: str) -> Enrolment:
    """Enrol by the fingerprint that was read over the phone, and typed; Refused where they differ.

    The served document is fetched anew and must have this very fingerprint.
    """
    _check(who)
    found = await asyncio.to_thread(_open_one, office, number)
    heard = read_fingerprint(typed, where="fingerprint")
    try:
        if found.pushes:
            believed = believe_document(found.root1.encode(), heard)
        else:
            believed = await believe_at(office.hub, found.url, heard, allow_private=found.private)
    except Refused as error:
        if error.code == "root.fingerprint":
            await asyncio.to_thread(_differed, office, who, found, heard, error.found)
        raise
    return await asyncio.to_thread(_enrol, office, who, believed, number)


async def enrol_at(
    office: Office, who: Staff, url: str, fingerprint: str, *, allow_private: bool
) -> Enrolment:
    """Enrol at once, by a fingerprint that was compared before."""
    _check(who)
    believed = await believe_at(office.hub, url, fingerprint, allow_private=allow_private)
    return await asyncio.to_thread(_enrol, office, who, believed)


def enrol_by_document(office: Office, who: Staff, raw: bytes, fingerprint: str) -> Enrolment:
    """The same by root document 1, of a node that only pushes."""
    _check(who)
    return _enrol(office, who, believe_document(raw, fingerprint))


def _enrol(office: Office, who: Staff, believed: Believed, number: str = "") -> Enrolment:
    unit = believed.unit
    details = {"url": unit.url, "fingerprint": unit.root1, "application": number}
    deed = Deed("node.enrolled", unit.origin, details, unit.uscc)
    with office.turn() as casework, office.doing(casework, who, Permission.ENROL, deed):
        return enrol(office.hub, believed)


def is_enrolled(hub: Hub, act: Act) -> bool:
    """Whether an enrolment that was begun was done."""
    unit = Registry(hub.home.registry_file).get(act.subject)
    return unit is not None and unit.root1 == act.details.get("fingerprint")


def _differed(office: Office, who: Staff, found: Application, typed: str, served: str) -> None:
    with office.turn() as casework:
        office.do(
            *(casework, who, Permission.ENROL, "application.differed", found.number),
            {"typed": typed, "served": served},
            unit=found.uscc or None,
        )


def _check(who: Staff) -> None:
    """The registry is the province's: no account of a department changes it."""
    who.check(Permission.ENROL)
    if who.units is not None:
        raise RequestError("office.scope", status=403, found=who.authority)


def _open_one(office: Office, number: str) -> Application:
    with office.casework() as casework:
        found = _known(casework, number)
    if not found.is_open:
        raise RequestError("register.state", status=409, where=number, found=found.state)
    return found


def _known(casework: Casework, number: str) -> Application:
    if (found := application(casework.db, number)) is None:
        raise RequestError("register.absent", status=404, where=number)
    return found


def _address(url: str) -> str:
    told = entered.words(url, "url").rstrip("/")
    if not told.startswith(("https://", "http://")):
        raise InputError("register.value", where="url", expected="https://…", found=told[:80])
    return told
