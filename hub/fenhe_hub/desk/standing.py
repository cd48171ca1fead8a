"""What changes after enrolment: how a unit stands, and its next root document (feed §10)."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead, keep_roots, read_roots, stored_roots
from fenhe_client.stored.disk import Disk
from fenhe_hub.below.besides import beneath_us
from fenhe_hub.below.view import look
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.evidence import keep_second_root
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.registry.registration import registered_as
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError
from fenhe_protocol.fed import Act

ACTS = {
    "suspended": "node.suspended",
    "enrolled": "node.resumed",
    "moved": "node.moved",
    "retired": "node.retired",
}
"""What the act is called that leads into a state."""


def change_standing(
    office: Office, who: Staff, origin: str, state: str, reason: str, successors: Sequence[str]
) -> Enrolment:
    """Let a unit stand so from now on; RequestError 403, Refused `enrol.state`, InputError.

    What is to be said of it in `fed` follows from the registry.
    """
    named = list(dict.fromkeys(successors))
    with office.turn() as casework:
        who.check(Permission.ENROL)
        if who.units is not None:
            who.check(Permission.ENROL, known_origin(office.hub, origin).uscc)
        uscc = known_origin(office.hub, origin).uscc
        deed = Deed(ACTS[state], origin, {"reason": reason, "successors": named}, uscc or None)
        with office.doing(casework, who, Permission.ENROL, deed) as act:
            return register_as(office.hub, origin, state, reason, named, act.at)


def stands_so(hub: Hub, act: Act) -> bool:
    """Whether a change that was begun was done."""
    unit = Registry(hub.home.registry_file).get(act.subject)
    told = (ACTS.get(unit.state), unit.reason) if unit else ()
    return told == (act.name, act.details.get("reason"))


def register_as(
    hub: Hub, origin: str, state: str, reason: str, successors: list[str], now: int
) -> Enrolment:
    """Keep the unit in its new state; what is to be said in `fed` follows from that."""
    with locked(hub.home.path / "registry.lock"):
        registry = Registry(hub.home.registry_file)
        everyone = beneath_us(hub.home, hub.origin) | {each.origin: each for each in registry}
        unit = registered_as(
            known_anywhere(hub, registry, origin),
            state,
            reason=reason,
            on=date_at(now),
            successors=successors,
            others=everyone.values(),
        )
        for successor in unit.successors:
            known(registry, successor)
        registry.put(unit)
    return unit


def known_anywhere(hub: Hub, registry: Registry, origin: str) -> Enrolment:
    """An enrolled unit, or one that comes by a hub beneath, for what is decided of it here.

    InputError `enrol.unknown`.
    """
    with closing(open_index(hub.home.index)) as db:
        beneath = look(hub.home, hub.origin, db).units.get(origin)
    if registry.get(origin) is None and beneath is not None:
        return replace(beneath.enrolment, state="enrolled")
    return known(registry, origin)


def known_origin(hub: Hub, origin: str) -> Enrolment:
    """The same, with the registry read here."""
    return known_anywhere(hub, Registry(hub.home.registry_file), origin)


def known_here(hub: Hub, origin: str) -> Enrolment:
    """An enrolled unit as the registry has it now; InputError `enrol.unknown`."""
    return known(Registry(hub.home.registry_file), origin)


def known(registry: Registry, origin: str) -> Enrolment:
    """An enrolled unit; InputError `enrol.unknown`."""
    if (unit := registry.get(origin)) is None:
        names = ", ".join(each.origin for each in registry)
        raise InputError("enrol.unknown", where=origin, expected=names)
    return unit


async def look_at(hub: Hub, unit: Enrolment) -> RootsRead:
    """Read on in the unit's root documents now, without waiting for the daily look (feed §5)."""
    files = root_files(hub.home, unit.origin)
    root = current_root(hub.home, unit.origin, unit.root1)
    async with Web(hub.config.limits) as web:
        reach = PRIVATE_TOO if unit.allow_private else PUBLIC_ONLY
        read = await read_roots(
            web.open(unit.address(root.url), reach=reach),
            stored_roots(files),
            fingerprint=unit.root1,
            origin=unit.origin,
            allow_loopback_http=unit.allow_private,
        )
    keep_roots(files, read.added)
    if read.second is not None:
        keep_second_root(hub.home, read.second, Disk())
    return read


async def look_now(office: Office, who: Staff, origin: str) -> RootsRead:
    """The same for somebody who asks for it: an act. InputError `enrol.unknown`."""
    who.check(Permission.ENROL)
    unit = await asyncio.to_thread(known_here, office.hub, origin)
    who.check(Permission.ENROL, unit.uscc)
    read = await look_at(office.hub, unit)

    def tell() -> None:
        details = {"document": read.document.n, "added": [each.n for each in read.added]}
        with office.turn() as casework:
            office.do(
                *(casework, who, Permission.ENROL, "node.looked_at", origin, details),
                unit=unit.uscc,
            )

    await asyncio.to_thread(tell)
    return read
