"""The root documents of enrolled units: where they are mirrored, and which is in force (feed §5).

`fenhe_client.keys.roots` reads them from a node; here is what needs no network.
"""

from functools import lru_cache

from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_hub.home import Home
from fenhe_hub.mirror.log import mark_of
from fenhe_protocol.errors import StoreError
from fenhe_protocol.root_document import RootDocument, open_chain


def root_files(home: Home, origin: str) -> FolderFiles:
    """Where the root documents of a unit are mirrored."""
    folder = home.mirror(origin)
    return FolderFiles(folder / "public", folder / "held", log=ROOT)


def current_root(home: Home, origin: str, root1: str) -> RootDocument:
    """The newest mirrored root document; the whole chain is believed anew from the fingerprint."""
    mark = mark_of(f"{home.text_of_mirror(origin)}/public/{ROOT}")
    # Root documents come, and never change or go.
    return _believed(home, origin, root1, mark[1] if mark else 0)


@lru_cache(maxsize=20_000)
def _believed(home: Home, origin: str, root1: str, stamp: int) -> RootDocument:
    documents = stored_roots(root_files(home, origin))
    if not documents:
        raise StoreError("mirror.root", where=origin, advice="fenhe-hub enrol")
    # Whether a loopback address may be named was decided before it was mirrored.
    return open_chain(documents, fingerprint=root1, origin=origin, allow_loopback_http=True)
