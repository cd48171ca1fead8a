"""Hubs above this one: who they are and by which keys they read what is held (feed §5, §10).

`fenhe-hub trust` keeps them in `above.yaml`, and their root documents beside it; from then on their
chain says which request keys may read. Their names are refused beneath us: that would be a loop.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead, keep_roots, read_roots, stored_roots
from fenhe_client.keys.second_root import keep_second
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_client.yaml_text import read_yaml
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_protocol.errors import FenheError, Refused, SetupError, StoreError
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import RootDocument, open_chain

_LOGGER = logging.getLogger("fenhe_hub.registry.above")

TIERS = ("hub", "nat")


@dataclass(frozen=True, slots=True)
class Above:
    """A hub that reads this one; `tiers` are those it may have besides what is public."""

    origin: str
    root1: str  # fingerprint, compared by a person
    url: str
    tiers: tuple[str, ...] = TIERS


def above_us(home: Home) -> tuple[Above, ...]:
    """All of them; SetupError `setup.form`."""
    try:
        return _parsed(home.above_file, home.above_file.stat().st_mtime_ns)
    except FileNotFoundError:
        return ()


@lru_cache(maxsize=4)
def _parsed(file: Path, changed_at: int) -> tuple[Above, ...]:
    try:
        parsed = read_yaml(file)
        return tuple(
            Above(**{**each, "tiers": tuple(each["tiers"])}) for each in parsed["hubs"] or ()
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SetupError("setup.form", where=str(file), found=type(error).__name__) from error


def put_above(home: Home, hubs: Iterable[Above]) -> None:
    """Keep these and no others."""
    told = [{**asdict(each), "tiers": list(each.tiers)} for each in hubs]
    text = yaml.safe_dump({"hubs": told}, allow_unicode=True, sort_keys=False)
    replace_files(Disk(), {home.above_file: text.encode()})


def above_roots(home: Home) -> Iterator[tuple[Above, RootDocument]]:
    """Each with its newest root document, believed anew from the fingerprint.

    One whose documents are lost or damaged here is only logged: `refresh` reads them again.
    """
    for hub in above_us(home):
        try:
            yield hub, _believed(hub, stored_roots(_files(home, hub.origin)))
        except StoreError as error:
            _LOGGER.error("%s", error)


def _believed(hub: Above, documents: Sequence[bytes]) -> RootDocument:
    """The newest of its documents that lie here; StoreError `store.damaged`."""
    damaged = StoreError(
        "store.damaged", where=f"above {hub.origin} root", advice="fenhe-hub trust"
    )
    if not documents:
        raise damaged
    try:
        return open_chain(
            documents, fingerprint=hub.root1, origin=hub.origin, allow_loopback_http=True
        )
    except Refused as error:
        raise damaged from error


async def trust_hub(
    web: Web,
    home: Home,
    url: str,
    fingerprint: str,
    tiers: tuple[str, ...] = TIERS,
    beneath: Collection[str] = (),
) -> RootsRead:
    """Believe a hub's root documents and let it read; Refused `below.loop` if it lies `beneath`."""
    read = await believe_hub(web, url, fingerprint, beneath)
    let_read(home, read, url, fingerprint, tiers)
    return read


async def believe_hub(
    web: Web, url: str, fingerprint: str, beneath: Collection[str] = ()
) -> RootsRead:
    """Read the root documents of the hub at `url`; Refused `below.loop` if it lies `beneath`."""
    read = await read_roots(
        web.open(url, reach=PRIVATE_TOO), (), fingerprint=fingerprint, allow_loopback_http=True
    )
    if read.document.origin in beneath:
        raise Refused("below.loop", where=read.document.origin)
    return read


def let_read(
    home: Home, read: RootsRead, url: str, fingerprint: str, tiers: tuple[str, ...]
) -> None:
    """Let a hub that is believed read these tiers from now on."""
    origin = read.document.origin
    keep_roots(_files(home, origin), read.added)
    others = [each for each in above_us(home) if each.origin != origin]
    put_above(home, [*others, Above(origin, fingerprint, url, tiers)])


async def refresh(home: Home) -> list[FenheError]:
    """Look for newer root documents of them all; what went wrong leaves the old ones in force."""
    problems: list[FenheError] = []
    async with Web() as web:
        for hub in above_us(home):
            files = _files(home, hub.origin)
            try:
                read = await read_roots(
                    web.open(hub.url, reach=PRIVATE_TOO),
                    _sound(hub, stored_roots(files)),
                    fingerprint=hub.root1,
                    origin=hub.origin,
                    allow_loopback_http=True,
                )
            except FenheError as error:
                problems.append(error)
                continue
            keep_roots(files, read.added)
            if read.second is not None:
                keep_second(home.path / "above" / origin_hash(hub.origin), read.second)
            problems += [read.refused] if read.refused else []
    return problems


def _sound(hub: Above, documents: Sequence[bytes]) -> Sequence[bytes]:
    """These where they are its own, else none: all are read again, by the fingerprint."""
    try:
        _believed(hub, documents)
    except StoreError as error:
        _LOGGER.error("%s", error)
        return ()
    return documents


def look_above(hub: Hub) -> int:
    """Read on the root documents of the hubs above; how many gave trouble."""
    problems = asyncio.run(refresh(hub.home)) if above_us(hub.home) else []
    for problem in problems:
        _LOGGER.warning("%s", problem)
    return len(problems)


def _files(home: Home, origin: str) -> FolderFiles:
    folder = home.path / "above" / origin_hash(origin)
    return FolderFiles(folder, folder, log=ROOT)
