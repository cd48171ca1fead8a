"""One visit to one log, from the lock to the verdict: fetch, mirror, index, cosign.

`fenhe_client.reading.visit` verifies and stores; what is a hub's own is here: signed requests, root
documents looked for in time, evidence kept, the index brought up, the head cosigned when all bodies
are in, and a stored verdict whatever happened. `rounds` decides whom and when. Start at `Syncer`.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.reading.second_judge import SecondJudge
from fenhe_client.reading.visit import LogReader, LogToRead, VisitReport
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_hub.agenda.planner import Outcome, root_is_due
from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.below.claims import Claims
from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.home import locked_while_waiting
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.delivery import Delivery
from fenhe_hub.index.tables import TIERS
from fenhe_hub.ingest.first_receipts import HeldLines
from fenhe_hub.ingest.intake import Intake
from fenhe_hub.ingest.log import Brought
from fenhe_hub.mirror.evidence import (
    is_quarantined,
    keep_ended,
    keep_evidence,
    keep_second_root,
)
from fenhe_hub.mirror.log import MirrorLog, mark_of
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.mirror.second_lines import second_line_of
from fenhe_hub.targets import Target
from fenhe_hub.visiting.archive import Archive, Standing
from fenhe_hub.visiting.beats import FED_DIFFERS, contradicts, remark_on
from fenhe_hub.visiting.glance import Asked, Glances
from fenhe_hub.visiting.sources import Source, Sources, better, joined, marked
from fenhe_hub.visiting.verdict import LogReport, failed, outcome_of, reported, visited
from fenhe_protocol.errors import (
    Deferred,
    FenheError,
    Forked,
    InputError,
    PublisherError,
    StoreError,
)
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet

_LOGGER = logging.getLogger("fenhe_hub.visiting.sync")


class Syncer:
    """Visits logs for one process; `clock` gives POSIX seconds."""

    def __init__(
        self,
        hub: Hub,
        web: Web,
        archive: Archive,
        visits: Visits,
        *,
        clock: Callable[[], int],
        disk: Disk | None = None,
    ) -> None:
        self._hub, self._archive, self._visits = hub, archive, visits
        self._clock = clock
        self._sources = Sources(hub, web, clock)
        self._glances = Glances(hub, archive, self._sources)
        self._disk = disk or Disk()
        self._claims = Claims(hub.home, self._disk)
        self._schemas = SchemaSet.load()

    async def visit(self, target: Target, delivery: Delivery | None = None) -> LogReport:
        """Visit one log once; whatever happens ends in a stored verdict and in this report.

        A `delivery` is what its unit pushed: read instead of the node. Else every way is tried, and
        what is read on one of them that another did not show is taken.
        """
        standing = brought = None
        try:
            async with locked_while_waiting(self._lock_of(target)):
                before = self._visits.get(target.origin)
                asked = await self._look_first(target, before) if delivery is None else None
                if asked is not None and asked.still is not None:
                    return self._stood_still(target, before, asked.still.size, asked.etag)
                standing = self._archive.standing(target.name)
                row, brought = await self._visit(target, before, delivery, asked)
        except FenheError as error:
            row = self._failed(target, error)
        except Exception as error:
            # A fault of ours in one visit must not end the others; it is not swallowed either.
            _LOGGER.exception("visit to %s broke", target.origin)
            broke = StoreError("visit.broke", where=target.origin, found=type(error).__name__)
            row = self._failed(target, broke)
        self._visits.put(row)
        now = self._archive.standing(target.name)
        standing = standing or now
        brought = brought or Brought(standing.size, standing.size)
        return reported(target, row, brought, standing, now)

    async def _look_first(self, target: Target, before: Visit) -> Asked | None:
        """What a look at the checkpoint brings, where that may be all there is to do."""
        asked = await self._glances.look(target, before, self._clock())
        if asked is None or asked.still is None:
            self._glances.forget(target)
        return asked

    def _stood_still(self, target: Target, before: Visit, size: int, etag: str) -> LogReport:
        """Note that nothing is new but the time."""
        now = self._clock()
        row = before.stood(now, etag)
        if row.etag == before.etag:
            self._visits.touch(row)
        else:
            self._visits.put(row)
        standing = Standing(size, size, size)
        return reported(target, row, Brought(size, size), standing, standing)

    def _failed(self, target: Target, error: FenheError) -> Visit:
        before = self._visits.get(target.origin)
        return failed(before, Outcome.DEFER, error, self._clock())

    def _lock_of(self, target: Target) -> str:
        """What whoever visits this log holds."""
        folder = self._hub.home.text_of_mirror(target.origin)
        if mark_of(folder) is None:
            Path(folder).mkdir(parents=True, exist_ok=True)
        return f"{folder}/lock"

    async def _visit(
        self, target: Target, before: Visit, delivery: Delivery | None, asked: Asked | None
    ) -> tuple[Visit, Brought]:
        quarantined = is_quarantined(self._hub.home, target.origin)
        await self._archive.quarantine(target.name, quarantined)
        brought = await self._archive.bring_up(target.name)
        if quarantined and before.outcome == Outcome.QUARANTINE:
            return replace(before, at=self._clock()), brought  # what was found stays told
        if quarantined:
            error = Forked("log.quarantined", where=target.origin)
            return failed(before, Outcome.QUARANTINE, error, self._clock()), brought
        ways = self._sources.of(target, delivery, asked)
        return await self._visit_by_all(target, before, ways, brought)

    async def _visit_by_all(
        self, target: Target, before: Visit, ways: Iterable[Source], brought: Brought
    ) -> tuple[Visit, Brought]:
        """Read the log on every way there is; what one lacks another may have."""
        row, came = before, None
        direct: Visit | None = None
        for source in ways:
            try:
                tried, then = await self._visit_at(source, target, row)
            except (PublisherError, InputError, Deferred) as error:
                tried, then = failed(row, Outcome.DEFER, error, self._clock()), brought
            direct = tried if source.is_direct else direct
            row = tried if came is None else better(row, tried)
            came = then if came is None else joined(came, then)
            if row.more or row.outcome == Outcome.QUARANTINE:
                break
        came = came or brought
        if target.copies:
            await self._archive.count_let_go(target.name, target.copies, self._clock())
            await self._archive.attest(target.name, target.copies)
        row = self._remark(row, before, came)
        if target.unit.is_hub:
            remark = self._claims.remark_on(row.origin, row.seen_at, row.remark)
            row = replace(row, remark=remark)
        return marked(row, direct), came

    async def _visit_at(
        self, source: Source, target: Target, before: Visit
    ) -> tuple[Visit, Brought]:
        """Read the log on one way."""
        root = current_root(self._hub.home, target.unit.origin, target.unit.root1)
        if source.roots and root_is_due(before.rooted_at, self._clock(), unsigned=False):
            before, root = await self._look(target, source, root, before)
        report, brought = await self._read(target, source, root, before)
        late = root_is_due(before.rooted_at, self._clock(), unsigned=True)
        if source.roots and late and _unsigned(report):
            before, newer = await self._look(target, source, root, before)
            if newer.n > root.n:
                report, brought = await self._read(target, source, newer, before)
        row = visited(
            before,
            report,
            self._clock(),
            day_leaves=self._hub.config.day_leaves,
            came_late=brought.late,
        )
        return row, brought

    def _remark(self, row: Visit, before: Visit, brought: Brought) -> Visit:
        """Note what the new heartbeats tell; without new ones the last remark stands."""
        self._claims.hear(row.origin, brought.beats, self._clock())
        if not brought.beats:
            return row
        if contradicts(brought.beats[-1][1], OwnHeads(self._hub)):
            _LOGGER.error("%s has seen another history of %s", row.origin, self._hub.fed_origin)
            return replace(row, remark=FED_DIFFERS)
        remark = remark_on(
            brought.beats, size=brought.size, former_at=before.seen_at, now=self._clock()
        )
        return replace(row, remark=remark)

    async def _look(
        self, target: Target, source: Source, root: RootDocument, before: Visit
    ) -> tuple[Visit, RootDocument]:
        """Look for the unit's next root document; what is wrong with it changes nothing."""
        files = root_files(self._hub.home, target.unit.origin)
        if source.roots is None:
            return before, root
        read = await read_roots(
            source.roots(root),
            stored_roots(files),
            fingerprint=target.unit.root1,
            origin=target.unit.origin,
            allow_loopback_http=source.allow_private,
        )
        keep_roots(files, read.added)
        if read.second is not None:
            keep_second_root(self._hub.home, read.second, self._disk)
        if read.refused is not None:
            _LOGGER.warning("%s root/%d: %s", root.origin, read.document.n + 1, read.refused)
        if not isinstance(read.refused, Deferred):
            before = replace(before, rooted_at=self._clock())
        return before, read.document

    async def _read(
        self, target: Target, source: Source, root: RootDocument, before: Visit
    ) -> tuple[VisitReport, Brought]:
        """Let the reader visit, then bring mirror and index to where it came."""
        log, name = self._archive.mirror(target.name), target.name
        gaps = self._archive.gaps(name, source.blocks)
        intake = Intake(log, name.log_no, states=name.has_states, gaps=gaps)
        second = SecondJudge(origin=name.origin, unit=name.uscc)
        reader = LogReader(
            self._to_read(target, root, log),
            log.for_reading(),
            SpoolFolder(log.folder / "spool", log=name.name, disk=self._disk),
            self._schemas,
            self._hub.config.limits,
            second=None if name.has_states else second,  # a state needs the body itself
        )
        now = self._clock()
        left_today = self._hub.config.day_leaves - before.leaves_today(now)
        async with second:
            report = await reader.visit(
                source.files(root),
                now=now,
                wanted=gaps.blocks,
                take=intake,
                max_leaves=max(0, min(left_today, self._hub.config.visit_leaves)),
                etag=before.etag if source.is_direct else "",
            )
        if report.evidence:
            history = report.history
            keep_evidence(self._hub.home, name.origin, report.evidence, self._disk, history)
        if report.above_end:
            keep_ended(self._hub.home, name.origin, report.above_end, self._disk)
        if not (intake.taken or report.evidence) and self._archive.is_settled(name, report.head):
            if source.is_direct and outcome_of(report) is Outcome.UNCHANGED:
                self._glances.leave(target, report.head)
            return report, Brought(report.head.size, report.head.size)
        brought = await self._archive.bring_up(name, intake, touched=intake.changed())
        await self._archive.quarantine(name, bool(report.evidence))
        if intake.late is not None:
            brought.late = True
            log.add_late(intake.late)
        await self._archive.cosign(name, self._clock())
        return report, brought

    def _to_read(self, target: Target, root: RootDocument, log: MirrorLog) -> LogToRead:
        """What the reader is told of the log: whose it is, by which keys, what is gone of it."""
        name, listed = target.name, root.log(target.name.name)
        return LogToRead(
            origin=name.origin,
            unit=name.uscc,
            keys=listed.keys if listed else (),
            tiers=TIERS,
            end=(listed.end.size, listed.end.root) if listed and listed.end else None,
            erased=self._archive.erased(name),
            spared=HeldLines(log),
            second=second_line_of(target.unit),
        )


def _unsigned(report: VisitReport) -> bool:
    return report.error is not None and report.error.code == "checkpoint.unsigned"
