"""The root documents of enrolled units: where they are mirrored, and which is in force (feed §5).

`fenhe_client.roots` reads them from a node; here is what needs no network, and document 1 of a unit
that is not enrolled yet, which is judged before anything is written.
"""

from fenhe_client.fetch import Fetcher, required
from fenhe_client.files import ROOT, FolderFiles, root_path
from fenhe_client.roots import stored_roots
from fenhe_hub.home import Home
from fenhe_protocol.errors import StoreError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.root_document import RootDocument, open_chain, open_first


def root_files(home: Home, origin: str) -> FolderFiles:
    """Where the root documents of a unit are mirrored."""
    folder = home.mirror(origin)
    return FolderFiles(folder / "public", folder / "held", log=ROOT)


def current_root(home: Home, origin: str, root1: str) -> RootDocument:
    """The newest mirrored root document; the whole chain is believed anew from the fingerprint."""
    documents = stored_roots(root_files(home, origin))
    if not documents:
        raise StoreError("mirror.root", where=origin, advice="fenhe-hub enrol")
    # Whether a loopback address may be named was decided before it was mirrored.
    return open_chain(documents, fingerprint=root1, origin=origin, allow_loopback_http=True)


async def fetch_first(fetcher: Fetcher, fingerprint: str, *, allow_private: bool) -> RootDocument:
    """Root document 1 of a unit to be enrolled; Refused `root.fingerprint` and others."""
    raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
    return open_first(raw, fingerprint=fingerprint, allow_loopback_http=allow_private)


def keep_root(home: Home, document: RootDocument) -> None:
    """Put a believed root document into the mirror."""
    root_files(home, document.origin).write_all({root_path(document.n): document.raw})
