"""Whether a head that somebody has seen of our own log is one that it had (feed §6, §11)."""

from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_hub.hub import FED, Hub, fed_files
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import Forked, StoreError
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note

BEHIND = "fenhe-hub restore --from URL; 谁都没有的 if nobody has it all: new-epoch"


class OwnHeads:
    """The heads of all epochs of our own log, as its files have them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ends = {f"{hub.origin}/{log.name}": log.end for log in hub.fed_epochs}

    def denies(self, origin: str, size: int, root: bytes) -> bool:
        """Whether it is a head of our own log, and not one that this had.

        One above the end of an epoch is not denied: it no longer counts, whoever has signed it. One
        of an epoch that no root document here lists is: then a root document was lost.
        """
        if not self.lists(origin):
            return origin.startswith(f"{self._hub.origin}/{FED}.")
        end = self._ends[origin]
        if end is not None and size > end.size:
            return False
        return size > self.size_of(origin) or root != self._root(origin, size)

    def check(self, origin: str, size: int, root: bytes, where: str) -> None:
        """Raise where somebody has seen a head that this denies; `where` says who.

        StoreError `restore.behind` for more than there is here, Forked `restore.fork` for another
        history.
        """
        if not self.denies(origin, size, root):
            return
        here = self.size_of(origin)
        if size > here or not self.lists(origin):
            raise StoreError(
                "restore.behind",
                where=where,
                expected=f"size {here}",
                found=f"{origin} size {size}",
                advice=BEHIND,
            )
        raise Forked("restore.fork", where=where, found=f"{origin} size {size}", advice=BEHIND)

    def lists(self, origin: str) -> bool:
        """Whether a root document here lists this epoch."""
        return origin in self._ends

    def size_of(self, origin: str) -> int:
        """How much of an epoch there is; nothing of one that is not ours."""
        end = self._ends.get(origin)
        raw = fed_files(self._hub.home, name=origin.rpartition("/")[2]).read(CHECKPOINT)
        shown = parse_checkpoint(parse_note(raw).text).size if raw else 0
        return shown if end is None else min(shown, end.size)

    def _root(self, origin: str, size: int) -> bytes:
        files = fed_files(self._hub.home, name=origin.rpartition("/")[2])
        return root_at(size, stored_hashes(files, self.size_of(origin))) if size else EMPTY_ROOT
