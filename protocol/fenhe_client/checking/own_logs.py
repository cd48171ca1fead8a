"""The logs that a program writes itself, all epochs of one name, checked and healed.

What was signed last is known by the store of heads; the checkpoint says it too, and is healed from
a copy of it that carries our own signature. Nothing is signed here. Start at `OwnLogs.look`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fenhe_client.checking.copies import Copies, Copy
from fenhe_client.checking.healing import Mend, heal_bodies, heal_tree, is_whole
from fenhe_client.checking.log_check import StoredLog, damaged_bodies, examine_tree
from fenhe_client.checking.proven import Proven, Rest
from fenhe_client.reading.log_copy import own_note
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.spool_folder import find_erasures
from fenhe_client.writing.erasing import holds, ranges_of
from fenhe_protocol.block import Erased
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import LogKeys
from fenhe_protocol.tiles import bundles_between

HEADS = "head.sqlite"


@dataclass(frozen=True, slots=True)
class OwnLogs:
    """The epochs of one log of the unit `unit`: their files by name, as the root document lists.

    `copies` gives the other copies of a log by its origin.
    """

    unit: str
    listed: Sequence[LogKeys]
    files: Mapping[str, FeedFiles]
    heads: HeadStore
    tiers: tuple[str, ...]
    copies: Callable[[str], Sequence[Copy]]

    def look(self, rest: Rest) -> bool:
        """Read everything once, without any lock: whether all of it is as it was signed.

        What is being written meanwhile may look wrong: `mend` says what is, under the lock.
        """
        proven: dict[str, Proven] = {}
        for log in self._logs():
            rest()
            if not self._shows(log.head):
                return False
            found = examine_tree(log, rest)
            if found.proven is None or found.paths:
                return False
            proven[log.name] = found.proven
        if len(proven) < len(self.listed):
            return False
        logs = self._with_erasures(self._logs())
        return not any(damaged_bodies(log, proven[log.name], rest) for log in logs)

    async def mend(self) -> list[tuple[str, Mend]]:
        """Read it again under the caller's lock and mend what can be; (origin, file) for each."""
        found = [(self._origin(each), Mend(HEADS)) for each in self.listed if not self._head(each)]
        logs = {log.name: log for log in self._logs()}
        proven: dict[str, Proven] = {}
        for log in logs.values():
            found += [(log.origin, each) for each in await self._mend_checkpoint(log.head)]
            tree, mends = await heal_tree(log, self.copies(log.origin))
            found += [(log.origin, each) for each in mends]
            if tree is not None and is_whole(mends):
                proven[log.name] = tree
        if len(proven) == len(self.listed):  # else it is not known what is erased
            for log in self._with_erasures([*logs.values()]):
                mends = await heal_bodies(log, proven[log.name], self.copies(log.origin))
                found += [(log.origin, each) for each in mends]
        return found

    def size(self) -> int:
        """How many leaves they have together."""
        return sum(log.head.size for log in self._logs())

    def _logs(self) -> list[StoredLog]:
        heads = [(each.name, self._head(each)) for each in self.listed]
        return [StoredLog(self.files[name], head, self.tiers) for name, head in heads if head]

    def _with_erasures(self, logs: Sequence[StoredLog]) -> Iterator[StoredLog]:
        """The same logs, with what their `x` leaves erase; every tree of them is proven."""
        leaves = [(log.name, leaf) for log in logs for leaf in _erasures(log)]
        for log in logs:
            yield replace(
                log, erased=_covering(leaf for at, leaf in leaves if (leaf.log or at) == log.name)
            )

    def _origin(self, listed: LogKeys) -> str:
        return log_origin(self.unit, listed.name)

    def _head(self, listed: LogKeys) -> Checkpoint | None:
        """The head that counts: the one that is shown, else the one that was promised last."""
        if (shown := self._shown(listed)) is not None:
            return shown
        if listed.end is not None:
            return Checkpoint(self._origin(listed), listed.end.size, listed.end.root)
        try:
            row = self.heads.get(self._origin(listed))
        except StoreError:
            return None
        return Checkpoint(self._origin(listed), row.size, row.root) if row else None

    def _shown(self, listed: LogKeys) -> Checkpoint | None:
        try:
            raw = self.files[listed.name].read(CHECKPOINT) or b""
            opened = open_checkpoint(raw, origin=self._origin(listed), keys=listed.keys)
        except (Refused, StoreError):
            return None
        return opened.checkpoint

    def _shows(self, head: Checkpoint) -> bool:
        return any(self._shown(each) == head for each in self.listed)

    async def _mend_checkpoint(self, head: Checkpoint) -> list[Mend]:
        """Take our own note of the head from whoever shows it."""
        if self._shows(head):
            return []
        (listed,) = (each for each in self.listed if self._origin(each) == head.origin)
        async for name, raw in Copies(self.copies(head.origin), head.size).notes():
            try:
                note = own_note(raw, head.origin)
                opened = open_checkpoint(note, origin=head.origin, keys=listed.keys)
            except Refused:
                continue
            if opened.checkpoint == head:
                self.files[listed.name].write_all({CHECKPOINT: note})
                return [Mend(CHECKPOINT, name)]
        return [Mend(CHECKPOINT)]


def _erasures(log: StoredLog) -> Iterator[EraseLeaf]:
    for bundle in bundles_between(0, log.head.size):
        entries = read_bundle(log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
        yield from (leaf for _, leaf in find_erasures(entries, bundle.index * BLOCK, log.name))


def _covering(leaves: Iterable[EraseLeaf]) -> Erased:
    ranges = ranges_of(leaves)
    return lambda index, tier: holds(ranges.get(tier, ()), index)
