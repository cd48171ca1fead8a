"""The gateway to the national platform, enrolled by its own fingerprint (feed §5, §7).

Its chain of root documents is read from its own address, or from a folder that somebody brought;
the hub has no say in it. Start at `enrol_gateway`.
"""

from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.keys.roots import RootsRead, keep_roots, read_roots, stored_roots
from fenhe_client.reading.log_files import FolderFetcher
from fenhe_node.home import Home
from fenhe_node.publishing.sealing import need_seal, root_files
from fenhe_node.store import Store, sealing
from fenhe_node.store.sealing import Gateway
from fenhe_protocol.errors import FenheError


async def enrol_gateway(
    web: Web, home: Home, source: str | Path, fingerprint: str, now: int
) -> RootsRead:
    """Believe the chain at an address or in a folder with `root/1`, and seal to it from now on.

    Another gateway opens nothing that was sealed to the one before: all is sealed again with the
    next publish. A new key of the same gateway seals only what changes later.
    """
    url = source if isinstance(source, str) else ""
    found = await _read_chain(web, home, source, fingerprint)
    need_seal(found.document)
    with Store.open(home.store) as store, store.transaction():
        before = sealing.gateway(store)
        if before is not None and before.fingerprint != fingerprint:
            sealing.seal_all_again(store)
        sealing.put_gateway(store, Gateway(found.document.origin, url, fingerprint, now))
    return found


async def refresh_gateway(web: Web, home: Home) -> FenheError | None:
    """Look for a newer key of the enrolled gateway; what went wrong leaves the old one in force."""
    with Store.open(home.store) as store:
        gateway = sealing.gateway(store)
    if gateway is None or not gateway.url:
        return None
    try:
        return (await _read_chain(web, home, gateway.url, gateway.fingerprint)).refused
    except FenheError as error:
        return error


async def _read_chain(web: Web, home: Home, source: str | Path, fingerprint: str) -> RootsRead:
    files = root_files(home, fingerprint)
    found = await read_roots(
        _fetcher(web, source),
        stored_roots(files),
        fingerprint=fingerprint,
        allow_loopback_http=True,
    )
    keep_roots(files, found.added)
    return found


def _fetcher(web: Web, source: str | Path) -> Fetcher:
    # The operator typed the address, so it may be a private one, as a hub's may be.
    if isinstance(source, Path):
        return FolderFetcher(source)
    return web.open(source, reach=PRIVATE_TOO)
