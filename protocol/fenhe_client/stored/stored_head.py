"""What a reader holds of a log already: its verified head and the tree below it."""

from functools import lru_cache

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import HashReader
from fenhe_protocol.note import parse_note
from fenhe_protocol.reading import LogHead

_HASHES_HELD = 64 * BLOCK


def load_head(files: FeedFiles, origin: str) -> LogHead:
    """The verified head that is stored; StoreError `store.damaged` where its tree does not fit."""
    note = files.read(CHECKPOINT)
    if note is None:
        return LogHead(origin)
    try:
        checkpoint = checkpoint_of(note)
        return LogHead.stored(checkpoint, note, stored_hashes(files, checkpoint.size))
    except (Refused, ValueError) as error:
        raise StoreError(
            "store.damaged", where=f"{origin} {CHECKPOINT}", found=str(error)
        ) from error


@lru_cache(256)  # in one visit it is asked of the same bytes more than once
def checkpoint_of(note: bytes) -> Checkpoint:
    """What a stored note says, whose signatures were verified before; Refused."""
    return parse_checkpoint(parse_note(note).text)


def forgetful_hashes(files: FeedFiles, size: int) -> HashReader:
    """The hashes of a stored tree, of which only the last tiles read are held in memory."""
    readers: list[HashReader] = []
    left = 0

    def hash_at(level: int, index: int) -> bytes:
        nonlocal left
        if left == 0:
            readers[:], left = [stored_hashes(files, size)], _HASHES_HELD
        left -= 1
        return readers[0](level, index)

    return hash_at
