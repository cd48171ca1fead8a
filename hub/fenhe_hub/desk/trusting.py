"""Hubs above that may read what is held here: let in by a compared fingerprint, or no longer."""

import asyncio
from contextlib import closing

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.registry.above import above_us, believe_hub, let_read, put_above
from fenhe_protocol.fed import Act


async def trust_above(
    office: Office, who: Staff, url: str, fingerprint: str, tiers: tuple[str, ...]
) -> RootsRead:
    """Let the hub at `url` read these tiers; Refused `below.loop` if it lies beneath us."""
    who.check(Permission.SET_UP)
    hub = office.hub
    with closing(open_index(hub.home.index)) as db:
        hubs = db.execute("SELECT origin FROM unit WHERE depth > 0 AND state <> 'retired'")
        beneath = {hub.origin, *(origin for (origin,) in hubs.fetchall())}
    async with Web(hub.config.limits) as web:
        read = await believe_hub(web, url, fingerprint, beneath)
    details = {"url": url, "fingerprint": fingerprint, "tiers": [*tiers]}
    deed = Deed("above.trusted", read.document.origin, details)

    def trust() -> None:
        with office.turn() as work, office.doing(work, who, Permission.SET_UP, deed):
            let_read(hub.home, read, url, fingerprint, tiers)

    await asyncio.to_thread(trust)
    return read


def forget_above(office: Office, who: Staff, fingerprint: str) -> list[str]:
    """Let the hub of this fingerprint read no longer; the names of those that might until now."""
    who.check(Permission.SET_UP)
    home = office.hub.home
    gone = [each.origin for each in above_us(home) if each.root1 == fingerprint]
    for origin in gone:
        deed = Deed("above.forgotten", origin, {"fingerprint": fingerprint})
        with office.turn() as casework, office.doing(casework, who, Permission.SET_UP, deed):
            put_above(home, [each for each in above_us(home) if each.origin != origin])
    return gone


def is_trusted(hub: Hub, act: Act) -> bool:
    """Whether a trust that was begun was given."""
    told = (act.subject, act.details.get("fingerprint"), act.details.get("tiers"))
    return told in [(each.origin, each.root1, [*each.tiers]) for each in above_us(hub.home)]


def is_forgotten(hub: Hub, act: Act) -> bool:
    """Whether the end of a trust was begun and done."""
    return act.subject not in [each.origin for each in above_us(hub.home)]
