"""The hubs that this node trusts: their root documents, believed by fingerprint (feed §5).

An operator compares the fingerprint with the hub by telephone or on paper; from then on the chain
of root documents says which request keys may read tier `hub` here. The address is the one that the
operator typed, so it may be a private one; what a document names as address is never fetched.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.following.fed_log import epochs_listed
from fenhe_client.keys.roots import RootsRead, keep_roots, read_roots, stored_roots
from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.keys.second_root import keep_second
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_node.home import Home
from fenhe_node.hubs.second_lines import check_second, keep_second_keys
from fenhe_node.store import Store, hubs
from fenhe_node.store.hubs import Hub
from fenhe_protocol.errors import FenheError
from fenhe_protocol.request import key_id
from fenhe_protocol.root_document import RootDocument, open_chain


async def enrol_hub(
    web: Web,
    home: Home,
    url: str,
    fingerprint: str,
    now: int,
    second: SecondKeys | None = None,
) -> RootsRead:
    """Read a hub's chain of root documents and trust the newest; raises what was wrong.

    `second`: the SM2 keys that count from now on, which must have signed its head; None: as before.
    """
    found = await read_chain(web, home, url, fingerprint)
    document = found.document
    if second is not None:
        if second.keys:
            speaks = epochs_listed(document)[-1]
            await check_second(web.open(url, reach=PRIVATE_TOO), document, speaks, second)
        keep_second_keys(home, fingerprint, second)
    with Store.open(home.store) as store:
        hubs.put(store, Hub(document.origin, url, fingerprint, document.raw, now))
    return found


async def refresh(web: Web, home: Home, now: int) -> list[FenheError]:
    """Look for newer root documents of every hub; what went wrong leaves the old one in force."""
    errors: list[FenheError] = []
    for hub, _ in trusted(home):
        try:
            found = await enrol_hub(web, home, hub.url, hub.fingerprint, now)
        except FenheError as error:
            errors.append(error)
        else:
            errors += [found.refused] if found.refused else []
    return errors


async def read_chain(web: Web, home: Home, url: str, fingerprint: str) -> RootsRead:
    """Read on from the root documents that are stored for this fingerprint."""
    files = root_files(home, fingerprint)
    found = await read_roots(
        web.open(url, reach=PRIVATE_TOO),
        stored_roots(files),
        fingerprint=fingerprint,
        allow_loopback_http=True,
    )
    keep_roots(files, found.added)
    if found.second is not None:
        keep_second(home.trusted / fingerprint, found.second)
    return found


def trusted(home: Home) -> list[tuple[Hub, RootDocument]]:
    """Every trusted hub with its newest root document, verified again from the stored chain."""
    with Store.open(home.store) as store:
        return [(hub, _document(home, hub)) for hub in hubs.every(store)]


def _document(home: Home, hub: Hub) -> RootDocument:
    chain = stored_roots(root_files(home, hub.fingerprint))
    return open_chain(
        chain, fingerprint=hub.fingerprint, origin=hub.origin, allow_loopback_http=True
    )


def root_files(home: Home, fingerprint: str) -> FolderFiles:
    """Where the root documents of a hub lie."""
    folder = home.trusted / fingerprint
    return FolderFiles(folder, folder, log=ROOT)


class ReaderKeys(Mapping[str, bytes]):
    """The request keys of all trusted hubs by key id.

    `refresh` looks at the store only if it has changed; a server calls it before it judges a
    request, so a hub that is trusted or forgotten meanwhile is let in or shut out at once.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: tuple[int, int] = (0, 0)
        self._keys: dict[str, bytes] = {}

    def __getitem__(self, keyid: str) -> bytes:
        return self._keys[keyid]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def refresh(self) -> None:
        """Read the keys again if anything was written to the store; may wait for a writer."""
        seen = _stamp(self._home.store)
        if seen != self._seen:
            documents = [document for _, document in trusted(self._home)]
            self._keys = {key_id(key): key for d in documents for key in d.request}
            self._seen = seen


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size
