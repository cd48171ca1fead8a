"""Hubs above that may read what is held here: let in by a compared fingerprint, or no longer."""

import asyncio
from collections.abc import Mapping
from contextlib import closing

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.registry.above import above_us, put_above, trust_hub


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
        read = await trust_hub(web, hub.home, url, fingerprint, tiers, beneath)
    details = {"url": url, "fingerprint": fingerprint, "tiers": [*tiers]}
    await asyncio.to_thread(_tell, office, who, "above.trusted", read.document.origin, details)
    return read


def forget_above(office: Office, who: Staff, fingerprint: str) -> list[str]:
    """Let the hub of this fingerprint read no longer; the names of those that might until now."""
    who.check(Permission.SET_UP)
    home = office.hub.home
    known = above_us(home)
    gone = [each.origin for each in known if each.root1 == fingerprint]
    put_above(home, [each for each in known if each.root1 != fingerprint])
    for origin in gone:
        _tell(office, who, "above.forgotten", origin, {"fingerprint": fingerprint})
    return gone


def _tell(
    office: Office, who: Staff, name: str, origin: str, details: Mapping[str, object]
) -> None:
    with office.turn() as casework:
        office.do(casework, who, Permission.SET_UP, name, origin, details)
