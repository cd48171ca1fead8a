"""Take from the hub what it mirrors, as any reader does, and tell it what is held. Start at `take`.

Everything is verified against the units' own signatures (`fenhe_client.following.follow`). A
sealed body is opened once here to learn whose it is, and stored as it came.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Web, required
from fenhe_client.fetching.posting import Letter, send
from fenhe_client.fetching.signing import request_signer
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.changes import Change
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_hub.gateway.home import Gateway
from fenhe_hub.gateway.opening import Opener
from fenhe_hub.gateway.store import NOT_OURS, Line, Store
from fenhe_protocol.errors import Deferred, FenheError, PublisherError, Refused, SetupError
from fenhe_protocol.fed import LEAF
from fenhe_protocol.forwarded import MOST_BYTES, parse_forwarded
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.request import sign_request
from fenhe_protocol.strict_json import dumps
from fenhe_protocol.taken import compose_taken

KINDS = ("unit", "service_record")  # of tier hub; nothing else is kept
_TIERS = ("pub", "hub", SEALED_TIER)

Warn = Callable[[FenheError], None]


async def take(
    gateway: Gateway, store: Store, opener: Opener, clock: Callable[[], int], warn: Warn
) -> None:
    """Take everything new, say what is held, and ask how instruments stand.

    Raises Deferred where the hub is away, Refused where it is not what it should be.
    """
    signer = request_signer(gateway.keys.request, clock)
    url = gateway.config.hub_url.rstrip("/")
    async with Web() as web:

        def open_below(folder: str) -> Fetcher:
            return web.open(f"{url}/{folder}".rstrip("/"), reach=PRIVATE_TOO, signer=signer)

        async def forwarded() -> bytes:
            return await required(open_below(""), "forwarded", limit=MOST_BYTES)

        await forwarded()  # denied to whom the hub does not list: elsewhere it only seems empty
        second = gateway.config.second
        hub = HubAddress(open_below, allow_loopback_http=True, tiers=_TIERS, second=second)
        follower = Follower(hub, gateway.cursor, _cursor(gateway), opener.schemas)
        await follower.once(Outlet(Intake(store, opener).write, warn), clock())
        await _tell_taken(gateway, store, web, clock, warn)
        raw = await forwarded()
    with store.transaction():
        store.put_instruments(parse_forwarded(raw))


class Intake:
    """Writes what a follower tells into the store, each batch durably before it returns."""

    def __init__(self, store: Store, opener: Opener) -> None:
        self._store, self._opener = store, opener

    def write(self, changes: Sequence[Change]) -> None:
        """Take in one batch."""
        with self._store.transaction():
            for change in changes:
                self._take(change)

    def _take(self, change: Change) -> None:
        if "erased" in change:
            erased = change["erased"]
            for start, stop in erased["ranges"]:
                self._store.erase(erased["origin"], start, stop, erased["tiers"])
        elif "refused" in change:
            tier, index = change["tier"], change["index"]
            tiers = None if tier in (None, LEAF) else [tier]
            self._store.erase(change["origin"], index, index + 1, tiers)
        elif "sealed" in change:
            self._store.put(self._sealed(change))
        elif "state" in change:
            return  # how units stand is asked of the hub before each sending: `forwarded`
        elif change["tier"] == "hub" and change["kind"] in KINDS:
            body = dumps(change.get("body", {}))
            identity = (change["unit"], change["kind"], change["id"])
            deleted = "deleted" in change
            self._store.put(
                Line(change["origin"], change["index"], "hub", *identity, body, deleted)
            )

    def _sealed(self, change: Change) -> Line:
        origin, index, unit = change["origin"], change["index"], change["unit"]
        body, key = dumps(change["sealed"]), change["sealed"]["key"]
        try:
            record = self._opener.open(body, origin=origin, unit=unit)
        except Refused as error:
            # What is not sealed to us is nothing to hold; of the rest it is said that it is held.
            held = b"" if error.code == NOT_OURS else body
            return Line(origin, index, SEALED_TIER, unit, body=held, key=key, fault=error.code)
        kind, id = record.identity.kind, record.identity.id
        deleted = record.deleted is not None
        return Line(origin, index, SEALED_TIER, unit, kind, id, body, deleted, key)


async def _tell_taken(
    gateway: Gateway, store: Store, web: Web, clock: Callable[[], int], warn: Warn
) -> None:
    """Name what is durably held, so that the mirror may let it go in time (feed §3)."""
    for origin, indices in store.untold().items():
        unit, _, log = origin.rpartition("/")
        uri = f"{gateway.config.hub_url.rstrip('/')}/in/{origin_hash(unit)}/{log}/taken"
        try:
            for body in compose_taken(indices):
                await _post(gateway, web, uri, body, clock())
        except (PublisherError, Deferred) as error:
            warn(error)
            continue
        with store.transaction():
            store.mark_told(origin, indices)


async def _post(gateway: Gateway, web: Web, uri: str, body: bytes, now: int) -> None:
    key, nonce = gateway.keys.request, os.urandom(16)
    headers = sign_request(method="POST", uri=uri, body=body, key=key, now=now, nonce=nonce)
    reply = await send(web, Letter("POST", uri, body, headers), reach=PRIVATE_TOO)
    if reply.status != 204:
        raise Refused("gateway.taken", where=uri, found=reply.told)


def _cursor(gateway: Gateway) -> Cursor:
    config = gateway.config
    found = Cursor.load(gateway.cursor) or Cursor(config.hub_url, config.hub_fingerprint)
    if found.fingerprint != config.hub_fingerprint:
        raise SetupError(
            "cursor.hub",
            where=str(gateway.cursor),
            expected=config.hub_fingerprint,
            found=found.fingerprint,
        )
    return found
