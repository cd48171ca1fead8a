"""One visit to one log: checkpoint, entries, bodies, in this order and durably (feed §6).

`visit` never raises for what a publisher or the network does: the report says outcome, code and
both sides. What was verified before stays as it is unless a larger head was proven.

    checkpoint ─► larger? ─► entries ─► root agrees ─► stored ─► bodies ─► stored ─► head stored
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fenhe_client.fetching.answers import ABSENT, NOT_MODIFIED
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.reading.block_read import BlockReader
from fenhe_client.reading.bodies import BLOCKS_ALONE, Blocks, Take, keep_lines, read_bodies
from fenhe_client.reading.body_source import BodySource
from fenhe_client.reading.entries import Arriving, admit_entries, fetch_entries, spooled_entries
from fenhe_client.reading.second_judge import SecondJudge
from fenhe_client.stored.files import CHECKPOINT, FeedFiles
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_client.stored.stored_head import forgetful_hashes, load_head
from fenhe_protocol.block import Erased
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.erasures import Erasures, Ranges
from fenhe_protocol.errors import Deferred, Ended, FenheError, Forked, PublisherError, StoreError
from fenhe_protocol.leaf import FED_TIERS
from fenhe_protocol.limits import DEFAULTS, Limits
from fenhe_protocol.note import parse_note
from fenhe_protocol.reading import Grown, LogHead, Older, Unchanged, decide
from fenhe_protocol.record import Schemas
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.spool import Progress, Spool
from fenhe_protocol.tiles import blocks_between


class Outcome(StrEnum):
    """How a visit ended (feed, Outcomes)."""

    OK = "OK"
    REFUSE = "REFUSE"
    DEFER = "DEFER"
    QUARANTINE = "QUARANTINE"


@dataclass(frozen=True, slots=True)
class LogToRead:
    """Which log, by which keys, and how much of it.

    `tiers` are those the reader may have; `erased` answers for what `x` leaves below the stored
    size, newer epochs and `era` records cover; `end` is the size and root at which the log ended.
    `spared` are bodies that a new `x` leaves alone for now: the reader takes them away by itself,
    once it has written down what must outlive them. `second` is asked of the checkpoint as well.
    """

    origin: str
    unit: str
    keys: Sequence[KeyRange]
    tiers: Sequence[str]
    end: tuple[int, bytes] | None = None
    erased: Erased | None = None
    spared: Erased | None = None
    second: SecondLine | None = None


@dataclass(slots=True)
class VisitReport:
    """What a visit came to. `head` is the verified head after it, `old_size` the size before.

    `more`: come back at once, the visit ended at its share and not at the log's end. `missing` are
    the blocks of this visit that still lack lines, by tier. `body_error` is the first body file
    that could not be had; it concerns only its lines. `erasures` are what new `x` leaves erase of
    this log, `evidence` and `history` are those of a fork (`Forked`); `above_end` is a head that a
    thief may have signed.
    """

    outcome: Outcome
    head: LogHead
    old_size: int
    error: FenheError | None = None
    body_error: FenheError | None = None
    older: bool = False
    more: bool = False
    leaves: int = 0
    missing: Mapping[str, set[int]] = field(default_factory=dict)
    erasures: Ranges = field(default_factory=dict)
    evidence: tuple[bytes, ...] = ()
    history: tuple[bytes, ...] = ()
    above_end: bytes = b""
    etag: str = ""


class LogReader:
    """A reader of one log: what it has lies in `files`, what is not yet proven in `spool`."""

    def __init__(
        self,
        log: LogToRead,
        files: FeedFiles,
        spool: SpoolFolder,
        schemas: Schemas,
        limits: Limits = DEFAULTS,
        second: SecondJudge | None = None,
    ) -> None:
        self._log, self._files, self._spool = log, files, spool
        self._schemas, self._limits, self._second = schemas, limits, second

    async def visit(
        self,
        fetcher: Fetcher,
        *,
        now: int,
        wanted: Blocks | None = None,
        take: Take = keep_lines,
        max_leaves: int | None = None,
        etag: str = "",
    ) -> VisitReport:
        """Visit the log once; raises StoreError only.

        `wanted` are blocks that lacked lines before; `etag` is that of the last report. `take` gets
        the blocks of this visit in order; they count only if the report's head covers them.
        """
        head = load_head(self._files, self._log.origin)
        report = VisitReport(Outcome.OK, head, head.size)
        try:
            await self._advance(report, fetcher, now, max_leaves, etag)
        except (PublisherError, Deferred) as error:
            _fail(report, error)
        if report.outcome is not Outcome.OK:
            return report
        if wanted or report.head.size > report.old_size:
            await self._read_bodies(report, fetcher, wanted or {}, take)
        if report.head is not head:
            await self._show(report)
        return report

    async def _advance(
        self,
        report: VisitReport,
        fetcher: Fetcher,
        now: int,
        max_leaves: int | None,
        etag: str,
    ) -> None:
        """Go on to the kept checkpoint or to the one that is served now."""
        progress = self._kept(report.head, now)
        if progress is None:
            progress = await self._decide(report, fetcher, now, etag)
        else:
            report.more = True
        if progress is None:
            return
        most = self._limits.visit_leaves if max_leaves is None else max_leaves
        spool = Spool(
            report.head,
            progress,
            stored=forgetful_hashes(self._files, report.head.size),
            spooled=lambda: spooled_entries(self._spool, report.head, spool),
            now=now,
            max_leaves=most,
        )
        start = spool.size
        new = len(blocks_between(report.head.size, spool.target.size))
        # It needs a while to start: meanwhile entries come, the last before the bodies.
        if self._second and new >= BLOCKS_ALONE and spool.target.size - start <= most:
            await self._second.begin()
        arriving = Arriving(self._files, self._spool, spool)
        try:
            await fetch_entries(spool, arriving, fetcher)
        except FenheError as error:
            spool.failed(error)
            raise
        finally:
            report.leaves = spool.size - start
            await self._keep(spool, arriving)
        report.erasures = await self._admit(report.head, spool.finish())
        report.head = spool.finish()

    async def _admit(self, head: LogHead, grown: LogHead) -> Ranges:
        try:
            return await asyncio.to_thread(admit_entries, self._files, self._spool, head, grown)
        except StoreError as error:
            if error.code == "store.absent":
                self._spool.drop()  # somebody deleted a part of it: read it again
            raise

    def _kept(self, head: LogHead, now: int) -> Progress | None:
        progress = self._spool.progress()
        if progress is not None and not progress.fits(head, now):
            self._spool.drop()
            return None
        return progress

    async def _decide(
        self, report: VisitReport, fetcher: Fetcher, now: int, etag: str
    ) -> Progress | None:
        """Fetch and judge the checkpoint; None unless it is larger than what is stored."""
        head = report.head
        # A head that was taken before an SM2 key was enrolled is judged again by it.
        known = head.note if self._log.second is None else b""
        answer = await fetcher.get(
            CHECKPOINT, limit=self._limits.note_bytes, etag=etag if known else ""
        )
        if answer.status == ABSENT:
            raise Deferred("fetch.absent", where=CHECKPOINT)
        if answer.status == NOT_MODIFIED or (known and answer.body == known):
            report.etag = answer.etag or etag
            return None
        found = decide(
            head,
            answer.body,
            keys=self._log.keys,
            stored=forgetful_hashes(self._files, head.size),
            end=self._log.end,
            second=self._log.second,
        )
        report.older = isinstance(found, Older)
        # An etag is given out with what was verified only: a 304 must never pass for a good visit.
        report.etag = "" if report.older else answer.etag
        if isinstance(found, Grown):
            return Progress.start(head, found.opened, now)
        if isinstance(found, Unchanged) and _says_more(answer.body, head.note):
            report.head = replace(head, note=answer.body)
        return None

    async def _keep(self, spool: Spool, arriving: Arriving) -> None:
        kept = spool.kept()
        if kept is not None:
            await asyncio.to_thread(arriving.keep, kept)
        elif not spool.done:
            await asyncio.to_thread(self._spool.drop)

    async def _read_bodies(
        self, report: VisitReport, fetcher: Fetcher, wanted: Blocks, take: Take
    ) -> None:
        source = BodySource(fetcher, self._limits)
        reader = BlockReader(
            self._files,
            self._schemas,
            origin=self._log.origin,
            unit=self._log.unit,
            tiers=self._log.tiers,
            erased=_also_erased(self._log, report.erasures),
            in_memory=self._spool.whole,
        )
        report.missing = await read_bodies(
            reader,
            source,
            self._files,
            size=report.head.size,
            touched=blocks_between(report.old_size, report.head.size),
            wanted=wanted,
            take=take,
            second=self._second,
        )
        report.body_error = source.error
        report.more = report.more or (source.used_up and source.count > 0)

    async def _show(self, report: VisitReport) -> None:
        """Make the new head count: the checkpoint is the last file of all."""
        if report.head.note and report.head.note != self._files.read(CHECKPOINT):
            note = {CHECKPOINT: report.head.note}
            await asyncio.to_thread(self._files.write_all, note)
            await asyncio.to_thread(self._spool.drop)


def _says_more(note: bytes, before: bytes) -> bool:
    """Whether a note of the same head has all the lines of the one before, and others too."""
    # Before the empty log is seen for the first time there is none.
    known = set(parse_note(before).signatures) if before else set()
    return set(parse_note(note).signatures) > known


def _fail(report: VisitReport, error: FenheError) -> None:
    report.error, report.etag = error, ""
    # A visit that brought nothing on is not repeated at once, however it ended.
    report.more = error.code.startswith("visit.") and report.leaves > 0
    if isinstance(error, Ended):
        report.above_end = error.note
    if isinstance(error, Forked):
        report.outcome, report.evidence = Outcome.QUARANTINE, error.evidence
        report.history = error.history
    else:
        report.outcome = Outcome.DEFER if isinstance(error, Deferred) else Outcome.REFUSE


def _also_erased(log: LogToRead, found: Ranges) -> Erased | None:
    """Whether a body is erased by what was known or by an `x` leaf that has just been read."""
    known, spared = log.erased, log.spared
    if not found:
        return known
    new = Erasures(found, tiers=FED_TIERS)

    def erased(index: int, tier: str) -> bool:
        if known is not None and known(index, tier):
            return True
        return new.covers(index, tier) and not (spared is not None and spared(index, tier))

    return erased
