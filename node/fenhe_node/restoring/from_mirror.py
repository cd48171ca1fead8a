"""A node's home brought back from a hub's mirror (feed §11). Start at `restore`.

What this node has signed is what its head store says and, without one, what its files show. That
and the newest head the hub knows must be one history: then whichever is longer goes on. If they
are not, the log stays as it is, and both notes are told. So it does where the record store knows of
leaves above both: what was signed last is lost then. The head store is written last, so nothing can
be signed before everything below it is here again.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fenhe_client.checking.roots_check import root_keys_here, signed_by_any
from fenhe_client.keys.log_end import set_aside
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.roots import keep_roots, stored_roots
from fenhe_client.reading.block_read import BlockReader
from fenhe_client.reading.log_copy import LogCopy
from fenhe_client.reading.visit import LogReader, LogToRead, Outcome, VisitReport
from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.erasing import erased_in, holds
from fenhe_node.config import NodeConfig
from fenhe_node.home import Home
from fenhe_node.hubs.mirror_copy import Clock, MirrorCopy
from fenhe_node.publishing.heads import epochs_of, log_files, root_files
from fenhe_protocol.block import Erased
from fenhe_protocol.checkpoint import open_checkpoint, parse_checkpoint
from fenhe_protocol.errors import Forked, Refused, SetupError, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import LogKeys, RootDocument
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import blocks_between

TIERS = ("pub", "hub", "nat")
NEW_EPOCH = "fenhe-node new-epoch LOG"


@dataclass(frozen=True)
class RestoredLog:
    """One log: its size here before, at the hub, and now; `missing` bodies by tier."""

    name: str
    before: int
    mirrored: int
    size: int
    known: bool  # what was signed last was still known here
    missing: dict[str, int] = field(default_factory=dict)


async def restore_roots(home: Home, config: NodeConfig, copy: MirrorCopy) -> RootDocument:
    """Bring our own root documents up to the mirrored ones; SetupError if they are not ours.

    Where none is here, one of them has to be signed by a root key whose seed is here, if any is:
    a document alone may list our public keys and be another's.
    """
    files = root_files(home)
    stored = stored_roots(files)
    read = await copy.roots(config.origin, stored)
    document = read.document
    if document.unit != config.uscc:
        raise SetupError("setup.signed", where="uscc", expected=document.unit, found=config.uscc)
    keys = OwnKeys(home.keys, files)
    listed = [key.public for log in document.logs for key in log.keys]
    roots = () if stored else root_keys_here(home.keys)
    signed = [each for each in read.added if signed_by_any(each.raw, config.origin, roots)]
    known = any(keys.find(public) for public in (*listed, *document.root))
    if not known or (roots and not signed):
        raise SetupError("restore.not-ours", where=str(home.keys), found=document.origin)
    keep_roots(files, read.added)
    return document


async def restore_logs(
    home: Home,
    root: RootDocument,
    keys: OwnKeys,
    copy: MirrorCopy,
    now: Clock,
    signed: Mapping[str, int],
) -> list[RestoredLog]:
    """Restore every listed log; `signed` are the sizes that the record store knows of, by name.

    StoreError `restore.lost` stops before the first, so does Forked `restore.fork` at the log.
    """
    await copy.hear(keys.request)
    found: list[tuple[LogRestorer, LogCopy | None]] = []
    # Later epochs first: what they erase of the earlier ones nobody has to have.
    for listed in sorted(root.logs, key=lambda log: -split_log_name(log.name)[1]):
        log = LogRestorer(home, root, listed)
        found.append((log, await copy.log(log.origin, listed.keys, keys.request)))
    for log, each in found:
        log.check_signed(signed.get(log.keys.name, 0), each)
    done = {log.keys.name: await log.restore(each, now) for log, each in found}
    return [done[log.name] for log in root.logs]


class LogRestorer:
    """One log on its way back."""

    def __init__(self, home: Home, root: RootDocument, keys: LogKeys) -> None:
        self.keys, self._unit = keys, root.unit
        self.origin = log_origin(root.origin, keys.name)
        self._files = log_files(home, keys.name)
        self._home, self._family = home, split_log_name(keys.name)[0]
        self._spool = SpoolFolder(home.path / "restoring" / keys.name, log=keys.name)
        self._heads = HeadStore(home.heads)

    def check_signed(self, known: int, copy: LogCopy | None) -> None:
        """StoreError `restore.lost` where a larger size was signed than our files or `copy` have.

        `known` is a size that was signed, whatever the head store says.
        """
        row, here = self._heads.get(self.origin), max(self._size_here() or 0, _size_of(copy))
        signed = max(known, row.size if row else 0, self._size_shown())
        if self.keys.end is None and here < signed:
            raise StoreError(
                "restore.lost",
                where=self.origin,
                expected=f"size {signed}",
                found=f"size {here}",
                advice=f"fenhe-node new-epoch {self.keys.name}; 或找回文件 or find the files",
            )

    async def restore(self, copy: LogCopy | None, now: Clock) -> RestoredLog:
        """Make the files whole up to the longer of both histories, then remember its head."""
        row = self._heads.get(self.origin)
        before = self._size_that_counts(copy, now())
        mirrored, missing = 0, dict[str, int]()
        if copy is not None:
            report = await self.read(copy, now)
            mirrored = report.head.size
            if report.older:
                mirrored = _size_of(copy)
            missing = self._missing(report.head.size)
        head = load_head(self._files, self.origin)
        if self.keys.end is None:
            self._check(row, head.size)
        if row is None or row.size < head.size:
            root = head.root if head.size else EMPTY_ROOT
            self._heads.advance(self.origin, row, size=head.size, root=root, now=now())
        return RestoredLog(self.keys.name, before, mirrored, head.size, row is not None, missing)

    def _size_that_counts(self, copy: LogCopy | None, now: int) -> int:
        """The size that our files show; damaged ones are read anew from the first leaf on.

        So are those of a copy that is older than the end of its log and goes beyond it.
        """
        size = self._size_here()
        if size is None:
            self._files.remove([CHECKPOINT])
            return 0
        if self.keys.end is not None and size > self.keys.end.size and copy is not None:
            set_aside(self._home.path, (self._home.public, self._home.held), self.keys.name, now)
        return size

    def _size_here(self) -> int | None:
        """The size that our files hold; None where they are damaged."""
        try:
            return load_head(self._files, self.origin).size
        except (StoreError, Refused):
            return None

    def _size_shown(self) -> int:
        """The size that our checkpoint says, whatever is left of the files below it."""
        raw = self._files.read(CHECKPOINT)
        with suppress(Refused):
            return open_checkpoint(
                raw or b"", origin=self.origin, keys=self.keys.keys
            ).checkpoint.size
        return 0

    async def read(self, copy: LogCopy, now: Clock) -> VisitReport:
        """Make the files whole up to the copy's head, if they are its beginning."""
        wanted = self._lacking(load_head(self._files, self.origin).size)
        while True:
            copy.begin_visit()
            reader = LogReader(
                LogToRead(self.origin, self._unit, self.keys.keys, TIERS, erased=self._erased()),
                self._files,
                self._spool,
                SchemaSet.load(),
            )
            report = await reader.visit(copy, now=now(), wanted=wanted)
            if report.outcome is Outcome.QUARANTINE:
                notes = report.evidence
                raise Forked("restore.fork", where=self.origin, evidence=notes, advice=NEW_EPOCH)
            if not report.more:
                break
        if report.error is not None:
            raise report.error
        return report

    def _lacking(self, size: int) -> dict[str, Collection[int]]:
        """The blocks of our files that lack lines, by tier."""
        found: dict[str, set[int]] = {}
        for block, tiers in self._gaps(size):
            for tier in tiers:
                found.setdefault(tier, set()).add(block)
        return dict(found)

    def _missing(self, size: int) -> dict[str, int]:
        counts: dict[str, int] = {}
        for _, tiers in self._gaps(size):
            for tier, indices in tiers.items():
                counts[tier] = counts.get(tier, 0) + len(indices)
        return counts

    def _gaps(self, size: int) -> Sequence[tuple[int, dict[str, list[int]]]]:
        reader = BlockReader(
            self._files,
            SchemaSet.load(),
            origin=self.origin,
            unit=self._unit,
            tiers=TIERS,
            erased=self._erased(),
        )
        found = ((block, reader.stored(block, size).missing()) for block in blocks_between(0, size))
        return [(block, tiers) for block, tiers in found if tiers]

    def _erased(self) -> Erased:
        known = erased_in(self.keys.name, epochs_of(self._home, self._family))
        return lambda index, tier: holds(known.get(tier, ()), index)

    def _check(self, row: Head | None, size: int) -> None:
        """What was signed last must lie in the history that goes on."""
        if row is None or not row.size:
            return
        if root_at(row.size, stored_hashes(self._files, size)) != row.root:
            raise Forked("restore.fork", where=self.origin, expected=row.text, advice=NEW_EPOCH)


def _size_of(copy: LogCopy | None) -> int:
    return parse_checkpoint(parse_note(copy.note).text).size if copy is not None else 0
