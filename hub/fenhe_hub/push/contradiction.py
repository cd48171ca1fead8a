"""Does a signed head of a former size contradict what is known of its log? (feed §6)

Who submits it is told the size that is known, as tlog-witness has it; but a log whose key signed
two histories is one that forked, whichever of the two came first, and whoever shows it.
"""

from fenhe_client.stored.files import stored_hashes
from fenhe_hub.home import Home
from fenhe_hub.inbox.log import open_inbox
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.merkle import root_at


def contradicted_note(home: Home, head: Checkpoint) -> bytes | None:
    """The note that cannot be true beside this head, whose signature is verified; None: none."""
    pending = open_inbox(home, head.origin).heads().get(head.size)
    if pending is not None and pending.checkpoint.root != head.root:
        return pending.note
    log = MirrorLog(home, head.origin)
    verified = log.head()
    if verified is None or not 0 < head.size <= verified.size:
        return None
    was = root_at(head.size, stored_hashes(log.files, verified.size))
    return None if was == head.root else log.verified()
