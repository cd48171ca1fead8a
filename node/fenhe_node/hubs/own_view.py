"""What somebody shows as our log: whether we signed it, and whether it is what we wrote."""

from collections.abc import Sequence

from fenhe_client.stored.files import stored_hashes
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files
from fenhe_node.receipts.earliest import log_keys
from fenhe_protocol.checkpoint import Checkpoint, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument

AHEAD = "hub.ahead"
OTHER_TREE = "hub.other-tree"


def open_shown(
    root: RootDocument, log: str, note: bytes, cosigners: Sequence[VerifierKey]
) -> OpenedCheckpoint:
    """Verify a note of our log with a hub's cosignature, if it has one; Refused."""
    return open_checkpoint(
        note,
        origin=log_origin(root.origin, log),
        keys=log_keys(root, log),
        cosigners=cosigners,
    )


def judge_shown(node: Node, log: str, shown: Checkpoint) -> str:
    """The code of what is odd about a head of our log that carries our signature; "" if nothing.

    Ask after the head was fetched: what was signed meanwhile is ours.
    """
    head = HeadStore(node.home.heads).get(log_origin(node.root.origin, log))
    if head is None or shown.size > head.size:
        return AHEAD
    try:
        hashes = stored_hashes(log_files(node.home, log), head.size)
        root = root_at(shown.size, hashes) if shown.size else EMPTY_ROOT
    except (StoreError, Refused):
        return ""  # our own files are damaged: `/healthz` says so, and it is not the hub's doing
    return "" if root == shown.root else OTHER_TREE
