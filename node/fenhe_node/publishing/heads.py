"""What this node has signed: its root documents and heads, verified from disk as a reader would.

Start at `own_root` for who the node is and `verify_head` for whether what it serves is whole.
"""

from itertools import pairwise
from operator import itemgetter

from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.files import (
    CHECKPOINT,
    ROOT,
    FolderFiles,
    read_bundle,
    root_path,
    stored_hashes,
)
from fenhe_node.home import Home
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument, fingerprint, open_chain
from fenhe_protocol.root_text import read_root_text
from fenhe_protocol.tiles import bundles_between

LOGS = ("catalogue", "usage")


def log_files(home: Home, log: str) -> FolderFiles:
    """The files of one of the node's logs, in their two trees."""
    return FolderFiles(home.public / log, home.held / log, log=log)


def current_logs(home: Home) -> tuple[str, ...]:
    """The logs that this node writes: of `catalogue` and of `usage` the newest epoch (feed §11)."""
    return tuple(list(epochs_of(home, family))[-1] for family in LOGS)


def epochs_of(home: Home, family: str) -> dict[str, FolderFiles]:
    """The files of every epoch of `catalogue` or `usage`, by name, the newest last."""
    listed = [log.name for log in own_root(home).logs if split_log_name(log.name)[0] == family]
    return {name: log_files(home, name) for name in sorted(listed, key=split_log_name)}


def root_files(home: Home) -> FolderFiles:
    """The node's root documents."""
    return FolderFiles(home.public, home.held, log=ROOT)


def own_root(home: Home) -> RootDocument:
    """The newest of the node's root documents, the chain before it verified."""
    documents = stored_roots(root_files(home))
    if not documents:
        raise StoreError("home.root", where=root_path(1))
    return open_chain(documents, fingerprint=_first(documents[0]), allow_loopback_http=True)


def former_addresses(home: Home) -> dict[str, int]:
    """The addresses that earlier root documents named, and when each was left; the newest first."""
    documents = [
        read_root_text(parse_note(raw).text, allow_loopback_http=True)
        for raw in stored_roots(root_files(home))
    ]
    left = {old.url: new.time for old, new in pairwise(documents) if old.url != new.url}
    former = [(url, at) for url, at in left.items() if url != documents[-1].url]
    return dict(sorted(former, key=itemgetter(1), reverse=True))


def own_fingerprint(home: Home) -> str:
    """Hex SHA-256 of the text of root document 1: what an operator compares."""
    raw = root_files(home).read(root_path(1))
    if raw is None:
        raise StoreError("home.root", where=root_path(1))
    return _first(raw)


def verify_head(home: Home, root: RootDocument, log: str) -> Checkpoint:
    """Verify signature and tree of a log's checkpoint from disk; Refused or StoreError."""
    files, keys = log_files(home, log), root.log(log)
    raw = files.read(CHECKPOINT)
    if raw is None or keys is None:
        raise StoreError("log.absent", where=f"{log}/{CHECKPOINT}")
    opened = open_checkpoint(raw, origin=log_origin(root.origin, log), keys=keys.keys)
    head = opened.checkpoint
    if root_at(head.size, stored_hashes(files, head.size)) != head.root:
        raise Refused("tree.root", where=log, expected=head.root.hex())
    return head


def has_shown_life(home: Home) -> bool:
    """Whether the catalogue has a heartbeat; looks from its end, where it most likely is."""
    files = log_files(home, current_logs(home)[0])
    raw = files.read(CHECKPOINT)
    size = parse_checkpoint(parse_note(raw).text).size if raw else 0
    for bundle in reversed(list(bundles_between(0, size))):
        entries = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
        if any(b'"k":"h"' in entry for entry in entries):
            return True
    return False


def _first(raw: bytes) -> str:
    return fingerprint(parse_note(raw).text)
