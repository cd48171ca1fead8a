"""A log ended where the mirror holds it, and its next epoch begun (feed §11). Start at `end_here`.

For when everything after the mirror's head is lost, or somebody else signed with the key: root
document n+1 says where the old log ends, and from then on nothing above that counts. What this node
had published beyond is published once more in the new epoch. The former files are set aside: they
may be evidence.
"""

from dataclasses import dataclass

from fenhe_client.keys.log_end import propose_end, set_aside
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.keys.second_signing import sign_head
from fenhe_client.reading.log_copy import LogCopy
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_node.home import Home
from fenhe_node.hubs.mirror_copy import Clock, MirrorCopy
from fenhe_node.publishing.heads import log_files
from fenhe_node.restoring.from_mirror import LogRestorer
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint
from fenhe_protocol.errors import SetupError
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_changes import next_epoch
from fenhe_protocol.root_document import LogKeys, RootDocument


@dataclass(frozen=True)
class Ending:
    """Where a log is to end: the newest head that the mirror holds, and its files there."""

    log: LogKeys
    head: Checkpoint
    copy: LogCopy | None


async def ending_of(root: RootDocument, name: str, keys: OwnKeys, copy: MirrorCopy) -> Ending:
    """Ask the mirror; SetupError `epoch.log` where the log does not go on."""
    log = root.log(name)
    if log is None or log.end is not None:
        raise SetupError("epoch.log", where=name)
    origin = log_origin(root.origin, name)
    await copy.hear(keys.request)
    found = await copy.log(origin, log.keys, keys.request)
    if found is None:
        return Ending(log, Checkpoint(origin, 0, EMPTY_ROOT), None)
    head = open_checkpoint(found.note, origin=origin, keys=log.keys).checkpoint
    return Ending(log, head, found)


async def end_here(
    home: Home, desk: RootDesk, ending: Ending, *, new_key: bool, now: Clock
) -> bool:
    """End the log and begin the next; False while the root document lacks signatures.

    The old log's files become those of the mirror before the document is served, so that what is
    shown never lies above its end.
    """
    name = ending.log.name
    set_aside(home.path, (home.public, home.held), name, now())
    if ending.copy is not None:
        await LogRestorer(home, desk.document, ending.log).read(ending.copy, now)
    else:
        # The mirror has nothing of it: it ends as it began, which every listed log shows.
        key = desk.keys.for_head(ending.head.origin, 0)
        empty = sign_head(ending.head, key, desk.keys.second)
        log_files(home, name).write_all({CHECKPOINT: empty})
    return propose_end(desk, home.keys, ending.log, ending.head, new_key=new_key, now=now())


def begin(home: Home, root: RootDocument, keys: OwnKeys, ended: str, now: int) -> str:
    """Write the first checkpoint of the epoch after `ended`, once the document is served."""
    name = next_epoch(ended)
    origin = log_origin(root.origin, name)
    FeedWriter(origin, log_files(home, name), HeadStore(home.heads)).recover(key=keys, now=now)
    return name
