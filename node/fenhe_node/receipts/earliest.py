"""Receipts: for each record the earliest cosignature that covers its leaf (feed §9).

`keep_receipts` stores what a verified note carries, `receipts_of` answers for one leaf, and
`receipts_at` counts for `status` who has one from a hub and who has not, and since when.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fenhe_client.stored.head_store import HeadStore
from fenhe_client.witness.settings import WitnessSettings
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs
from fenhe_node.receipts.witnessed import counted_at, keep_mirrored, lines_of
from fenhe_node.store import Store, receipts
from fenhe_node.store.receipts import Cosigned, SignedHead, Waiting
from fenhe_protocol.checkpoint import KeyRange, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.origin import log_origin
from fenhe_protocol.receipt import earliest_receipt
from fenhe_protocol.root_document import RootDocument


@dataclass(frozen=True, slots=True)
class LeafReceipt:
    """Who holds the leaf since when: POSIX seconds, and the date at UTC+8 that counts.

    The two part where a witness's earlier time counts there, or what an `rcp` says (feed §9, §10).
    """

    cosigner: str
    time: int
    date: str
    size: int  # of the head that was cosigned
    key: str  # the cosigner's verifier key
    note: bytes


@dataclass(frozen=True, slots=True)
class ReceiptsAt:
    """How many records have a receipt of one cosigner, and those that wait for theirs."""

    cosigner: str
    count: int
    waiting: Sequence[Waiting]


def own_heads(node: Node) -> list[SignedHead]:
    """The sizes that this node has signed last; empty logs are none."""
    store = HeadStore(node.home.heads)
    found = [(log, store.get(log_origin(node.root.origin, log))) for log in current_logs(node.home)]
    return [SignedHead(log, head.size, head.signed_at) for log, head in found if head and head.size]


def keep_receipts(
    store: Store,
    log: str,
    opened: OpenedCheckpoint,
    cosigners: Sequence[VerifierKey],
    witnesses: Sequence[WitnessSettings],
) -> int:
    """Keep the cosignatures of a verified note of our log; how many are receipts that are new.

    `cosigners` are the keys that one hub has had; witnesses' lines that count with it are kept too.
    """
    # Of the keys that a hub has had, the one whose line stands in this note.
    keys = {key.name: key for key in cosigners if opened.note.lines_of(key)}
    found = [
        Cosigned(
            log, each.name, opened.checkpoint.size, each.time, keys[each.name].text, opened.note.raw
        )
        for each in opened.cosignatures
    ]
    for each in opened.cosignatures[:1]:
        keys_of_witnesses = [settings.verifier for settings in witnesses]
        keep_mirrored(store, _hub(each.name), log, opened, keys_of_witnesses)
    return sum(receipts.keep(store, each) for each in found)


def receipts_of(store: Store, root: RootDocument, log: str, index: int) -> list[LeafReceipt]:
    """The receipts of the leaf at `index`, earliest first; each verified again from its note."""
    found = [_receipt(store, root, each, index) for each in receipts.covering(store, log, index)]
    return sorted(found, key=lambda each: (each.time, each.cosigner))


def _receipt(store: Store, root: RootDocument, kept: Cosigned, index: int) -> LeafReceipt:
    origin, key = log_origin(root.origin, kept.log), VerifierKey.parse(kept.key)
    opened = open_checkpoint(
        kept.note, origin=origin, keys=log_keys(root, kept.log), cosigners=[key]
    )
    hub = _hub(kept.cosigner)
    first = receipts.first_date(store, hub, kept.log, index)
    firsts = {f"{origin}#{index}": first} if first else None
    counted = counted_at(lines_of(store, kept.log, index), hub)
    opened = replace(opened, cosignatures=(*opened.cosignatures, *counted))
    receipt = earliest_receipt(origin, index, [opened], firsts)
    return LeafReceipt(kept.cosigner, kept.time, str(receipt.date), kept.size, kept.key, kept.note)


def _hub(cosigner: str) -> str:
    return cosigner.removesuffix("/m")  # a hub's mirror cosigns as `<hub origin>/m`


def receipts_at(store: Store, cosigner: str) -> ReceiptsAt:
    """Count the records with a receipt of this cosigner and name those without."""
    return ReceiptsAt(cosigner, receipts.count(store, cosigner), receipts.waiting(store, cosigner))


def log_keys(root: RootDocument, log: str) -> Sequence[KeyRange]:
    """The keys of one of the unit's logs."""
    found = root.log(log)
    return found.keys if found else ()


def log_vkey(root: RootDocument, log: str, size: int) -> VerifierKey:
    """The key that may sign a head of this size, as `fenhe verify-proof --key` takes it."""
    key = next(key for key in log_keys(root, log) if key.covers(size))
    return VerifierKey(log_origin(root.origin, log), ED25519, key.public)
