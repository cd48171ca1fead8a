"""A reader in memory: drives `reading` and `spool` over files in a dict, one visit at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Deferred, FenheError, Forked, PublisherError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import leaf_hashes, perfect_root
from fenhe_protocol.reading import Grown, LogHead, decide
from fenhe_protocol.spool import Part, Path, Progress, Spool, most_bytes


class MemoryReader:
    """What a reader stores of one log, and what its last visit came to."""

    def __init__(self, origin: str, keys: Sequence[KeyRange]) -> None:
        self.keys = keys
        self.head = LogHead(origin)
        self.entries: list[bytes] = []
        self.spool: list[bytes] = []
        self.kept: bytes | None = None
        self.evidence: tuple[bytes, ...] = ()
        self.error: FenheError | None = None
        self.asked: list[str] = []

    def visit(
        self, files: Mapping[str, bytes], *, now: int = 0, max_leaves: int = DEFAULTS.visit_leaves
    ) -> str:
        """Visit the log as it is now and return the outcome."""
        self.error = None
        if self.evidence:
            return "QUARANTINE"
        try:
            progress = self._progress(files, now)
            if progress is not None:
                self._read_on(files, progress, now, max_leaves)
        except FenheError as error:
            self.error = error
            self.evidence = error.evidence if isinstance(error, Forked) else ()
            return outcome_of(error)
        return "OK"

    def _progress(self, files: Mapping[str, bytes], now: int) -> Progress | None:
        if self.kept is not None:
            progress = Progress.decode(self.kept)
            if progress.fits(self.head, now):
                return progress
            self.kept, self.spool = None, []
        raw = self._fetched(files, "checkpoint")
        if raw is None:
            raise Deferred("fetch.absent", where="checkpoint")
        found = decide(self.head, raw, keys=self.keys, stored=self.stored)
        return Progress.start(self.head, found.opened, now) if isinstance(found, Grown) else None

    def _read_on(
        self, files: Mapping[str, bytes], progress: Progress, now: int, max_leaves: int
    ) -> None:
        spool = Spool(
            self.head,
            progress,
            stored=self.stored,
            spooled=lambda: [self.spool],
            now=now,
            max_leaves=max_leaves,
        )
        try:
            self._take_all(files, spool)
        except FenheError as error:
            spool.failed(error)
            raise
        finally:
            kept = spool.kept()
            self.kept = None if kept is None else kept.encode()
            self.spool = self.spool if kept or spool.done else []
        self.head = spool.finish()
        self.entries, self.spool = self.entries + self.spool, []

    def _take_all(self, files: Mapping[str, bytes], spool: Spool) -> None:
        while not spool.done:
            for part in spool.needed():
                path, raw = self._first(files, part)
                self.spool += spool.take(part, path, raw).entries
                if spool.turned:
                    break
            else:
                raise Deferred("visit.leaves")

    def _first(self, files: Mapping[str, bytes], part: Part) -> tuple[Path | None, bytes]:
        for path in part:
            raw = self._fetched(files, path.path)
            if raw is not None:
                assert len(raw) <= most_bytes(path)
                return path, raw
        return None, b""

    def _fetched(self, files: Mapping[str, bytes], path: str) -> bytes | None:
        self.asked.append(path)
        return files.get(path)

    def stored(self, level: int, index: int) -> bytes:
        """The reader's own tree."""
        return perfect_root(leaf_hashes(self.entries[index << level : (index + 1) << level]))


def outcome_of(error: FenheError) -> str:
    """The outcome of the feed that an error is."""
    if isinstance(error, Forked):
        return "QUARANTINE"
    return "REFUSE" if isinstance(error, PublisherError) else "DEFER"


def key_ranges(keys: Sequence[Mapping[str, Any]]) -> list[KeyRange]:
    """The log keys of a vector's `keys`."""
    parsed = [(VerifierKey.parse(key["vkey"]), key) for key in keys]
    return [
        KeyRange(vkey.public, key.get("from", 0), key.get("to"))
        for vkey, key in parsed
        if vkey.kind == 0x01
    ]
