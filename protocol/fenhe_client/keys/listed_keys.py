"""The keys of a log as its unit's root documents list them, from a fingerprint that was compared.

`fenhe verify --fingerprint` needs no key by hand: whichever key signed this size is in the chain.
"""

from dataclasses import dataclass
from pathlib import Path

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.keys.roots import read_roots, stored_roots
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument, open_chain


@dataclass(frozen=True, slots=True)
class ListedKeys:
    """What signs the log `name` (its origin), each key in its range."""

    name: str
    keys: tuple[KeyRange, ...]


async def keys_at(unit: Fetcher, fingerprint: str, log: str) -> ListedKeys:
    """The keys of a log of the unit whose files these are; a later document that is bad is told."""
    read = await read_roots(unit, (), fingerprint=fingerprint, allow_loopback_http=True)
    if read.refused is not None:
        raise read.refused
    return _keys_of(read.document, log)


def keys_in(folder: Path, fingerprint: str) -> ListedKeys:
    """The same where `folder` is that of the log: root documents lie beside it, or in `public`."""
    folder = folder.absolute()
    for tree in (folder.parent, folder.parent.parent / "public"):
        if documents := stored_roots(FolderFiles(tree, tree, log=ROOT)):
            chain = open_chain(documents, fingerprint=fingerprint, allow_loopback_http=True)
            return _keys_of(chain, folder.name)
    raise SetupError("home.root", where=str(folder.parent / ROOT))


def _keys_of(document: RootDocument, log: str) -> ListedKeys:
    if (listed := document.log(log)) is None:
        raise Refused("root.log", where=log_origin(document.origin, log))
    return ListedKeys(log_origin(document.origin, log), listed.keys)
