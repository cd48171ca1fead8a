"""Receipts that a restored hub has lost and its own `fed` still tells of. Start at `keep_receipts`.

The mirror's cosignature of a head is the unit's receipt (feed §9). Its note is kept beside the
mirrored log; after a loss the note is found again in the `adv` that announced it.
"""

import logging
from collections.abc import Iterator

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.fed.log import FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.index.said import Saying
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.targets import enrolled_roots
from fenhe_protocol.checkpoint import open_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.strict_json import loads

_LOGGER = logging.getLogger("fenhe_hub.restoring.told_receipts")


def sayings(hub: Hub) -> Iterator[Saying]:
    """Everything that our own log says, in its order."""
    fed = FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads))
    for block in fed.blocks():
        yield from block.sayings


def keep_receipts(hub: Hub, only: str | None = None) -> int:
    """Keep every note that we cosigned and `fed` tells of; how many were lost here.

    `only` is the origin of the one unit whose they are.

    Those that no known key of the unit has signed are left: its nodes may tell of more.
    """
    known = {unit.origin: root for unit, root in enrolled_roots(hub.home)}
    roots = {origin: root for origin, root in known.items() if only in (None, origin)}
    count = 0
    for said in sayings(hub):
        root = roots.get(said.id.rpartition("/")[0])
        if said.kind == "adv" and root is not None:
            note = loads(said.body.encode())["note"].encode()
            try:
                count += _keep_receipt(hub, root, said.id, note)
            except Refused as error:
                _LOGGER.warning("adv of %s: %s", said.id, error)
    return count


def _keep_receipt(hub: Hub, root: RootDocument, origin: str, note: bytes) -> int:
    listed = root.log(origin.rpartition("/")[2])
    opened = open_checkpoint(
        note,
        origin=origin,
        keys=listed.keys if listed else (),
        cosigners=hub.root.cosigners,
    )
    notes = MirrorLog(hub.home, origin).notes
    files = {notes / f"{opened.checkpoint.size}-{each.time}": note for each in opened.cosignatures}
    lost = {file: raw for file, raw in files.items() if not file.exists()}
    replace_files(Disk(), lost)
    return len(lost)
