"""A unit becomes known to the hub, by a fingerprint that a person compared (feed §5)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_hub.below.besides import beneath_us
from fenhe_hub.below.foreseeing import foresee, is_hub
from fenhe_hub.fed.round import FedRound
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.restoring.from_others import remember_unit
from fenhe_protocol.errors import Refused
from fenhe_protocol.published_keys import check_unpublished
from fenhe_protocol.request import key_id
from fenhe_protocol.root_document import RootDocument, open_first


@dataclass(frozen=True, slots=True)
class Believed:
    """A unit whose root documents fit the fingerprint: all that is needed to enrol it."""

    unit: Enrolment
    documents: Sequence[RootDocument]


async def enrol_unit(hub: Hub, url: str, fingerprint: str, *, allow_private: bool) -> Enrolment:
    """Fetch, believe, then enrol."""
    return enrol(hub, await believe_at(hub, url, fingerprint, allow_private=allow_private))


async def believe_at(hub: Hub, url: str, fingerprint: str, *, allow_private: bool) -> Believed:
    """Fetch and believe; Refused, Deferred."""
    async with Web(hub.config.limits) as web:
        fetcher = web.open(url, reach=PRIVATE_TOO if allow_private else PUBLIC_ONLY)
        read = await read_roots(
            fetcher, (), fingerprint=fingerprint, allow_loopback_http=allow_private
        )
        first = read.added[0]
        unit = Enrolment(
            origin=first.origin,
            uscc=first.unit,
            root1=fingerprint,
            url=url,
            root_url=read.document.url,
            allow_private=allow_private,
        )
        if is_hub(read.document):
            unit = await foresee(hub, web, unit, read.document, int(time.time()))
    return Believed(unit, read.added)


def enrol_pushing(hub: Hub, raw: bytes, fingerprint: str) -> Enrolment:
    """Enrol by root document 1 as a person brought it; its node is never visited (feed §9)."""
    return enrol(hub, believe_document(raw, fingerprint))


def believe_document(raw: bytes, fingerprint: str) -> Believed:
    """Believe root document 1 as it was brought; Refused."""
    # Nobody fetches from the address it names, so that may be any.
    root = open_first(raw, fingerprint=fingerprint, allow_loopback_http=True)
    unit = Enrolment(
        origin=root.origin,
        uscc=root.unit,
        root1=fingerprint,
        url=root.url,
        root_url=root.url,
        pushes=True,
    )
    return Believed(unit, (root,))


def enrol(hub: Hub, found: Believed) -> Enrolment:
    """Compare with everyone known, then write the documents and the registry; Refused."""
    unit, documents = found.unit, found.documents
    with locked(hub.home.path / "registry.lock"):
        registry = Registry(hub.home.registry_file)
        _check_keys(hub, registry, documents[-1])
        beneath = beneath_us(hub.home, hub.origin)
        registry.check(unit, hub.origin, beneath)
        keep_roots(root_files(hub.home, unit.origin), documents)
        if registry.get(unit.origin) is not None:  # its documents may have been lost until now
            remember_unit(hub, unit.origin, int(time.time()))
        registry.add(unit, hub.origin, beneath)
    return unit


def _check_keys(hub: Hub, registry: Registry, new: RootDocument) -> None:
    """A key that everybody has, or that another unit asks with, is none; Refused.

    `key.published`, or `enrol.key`: a request key says who asks.
    """
    check_unpublished(new)
    taken = {key_id(reader.public): reader.name for reader in hub.config.readers}
    taken[key_id(hub.keys.request.public)] = hub.origin
    for unit in registry:
        # A restored hub may know of a unit and have no document of it until it is enrolled again.
        if unit.origin != new.origin and stored_roots(root_files(hub.home, unit.origin)):
            keys = current_root(hub.home, unit.origin, unit.root1).request
            taken.update({key_id(public): unit.origin for public in keys})
    for public in new.request:
        if (owner := taken.get(key_id(public))) is not None:
            raise Refused("enrol.key", where=new.origin, found=owner)


def publish_registration(hub: Hub, *, now: int) -> bool:
    """Say the `reg` in `fed` at once if a publish is allowed now; else the next round does."""
    with FedRound(hub) as fed:
        return fed.wait(now) == 0 and "reg" in fed.publish(now).words
