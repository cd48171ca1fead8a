"""What a visit came to, as it is stored, planned by and printed. Pure."""

from dataclasses import dataclass, replace

from fenhe_client.reading.visit import Outcome as Ended
from fenhe_client.reading.visit import VisitReport
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visit
from fenhe_hub.ingest.log import Brought
from fenhe_hub.targets import Target
from fenhe_hub.visiting.archive import Standing
from fenhe_protocol.errors import Deferred, FenheError, Refused

_DAY = 86_400
_OUTCOMES = {
    Ended.REFUSE: Outcome.REFUSE,
    Ended.DEFER: Outcome.DEFER,
    Ended.QUARANTINE: Outcome.QUARANTINE,
}


@dataclass(slots=True)
class LogReport:
    """One line of a round's table: the log went from size `start` to `size`.

    `valid` and `refused` are bodies that came new, `missing` all that are still to come.
    """

    unit: str
    log: str
    outcome: str
    start: int
    size: int
    valid: int = 0
    refused: int = 0
    missing: int = 0
    cosigned: int = 0
    changed: bool = False  # something may be owed in `fed`
    remark: str = ""
    code: str = ""
    place: str = ""
    expected: str = ""
    found: str = ""
    began: int = 0  # its number in the order in which this round's visits began and ended
    ended: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing failed, nothing was refused whole and no body file was out of reach."""
        return not Outcome(self.outcome).failed and not self.code


def reported(
    target: Target, row: Visit, brought: Brought, before: Standing, standing: Standing
) -> LogReport:
    """The line of the table for a visit whose verdict is `row`."""
    cosigned = standing.cosigned_size != before.cosigned_size
    return LogReport(
        unit=target.unit.origin,
        log=target.name.name,
        outcome=row.outcome,
        start=brought.start,
        size=standing.size,
        valid=brought.valid,
        refused=brought.refused,
        missing=standing.missing,
        cosigned=standing.cosigned_size or 0,
        changed=brought.late or standing.size > brought.start or cosigned,
        remark=row.remark,
        code=row.code,
        place=row.place,
        expected=row.expected,
        found=row.found,
    )


def merged(first: LogReport | None, second: LogReport) -> LogReport:
    """Two visits of one round as one."""
    if first is None:
        return second
    grown = second.outcome == Outcome.UNCHANGED and second.size > first.start
    return replace(
        second,
        outcome=Outcome.GROWN if grown else second.outcome,
        start=first.start,
        began=first.began,
        valid=first.valid + second.valid,
        refused=first.refused + second.refused,
    )


def outcome_of(report: VisitReport) -> Outcome:
    """The planner's word for how the reader's visit ended."""
    if report.outcome is not Ended.OK:
        return _OUTCOMES[report.outcome]
    if report.older:
        return Outcome.OLDER
    return Outcome.GROWN if report.head.size > report.old_size else Outcome.UNCHANGED


def visited(
    before: Visit, report: VisitReport, now: int, *, day_leaves: int, came_late: bool = False
) -> Visit:
    """The row to store after a visit; `day_leaves` is how many leaves a day allows (feed §12).

    Who ends at its share goes on at once, but only where something came of it: `came_late` says
    that missing bodies did. Body files that break a limit are read in vain, up to that limit: a
    visit of which nothing else came is the longer awaited for them.
    """
    outcome = outcome_of(report)
    taken = before.leaves_today(now) + report.leaves
    progress = report.leaves > 0 or outcome is Outcome.GROWN or came_late
    # The bodies of leaves that were taken in today are no further leaves.
    more = report.more and progress and (taken < day_leaves or bool(report.missing))
    in_vain = isinstance(report.body_error, Refused) and not progress
    failed = (outcome.failed or in_vain) and not more
    error = report.error or report.body_error
    good = outcome in (Outcome.GROWN, Outcome.UNCHANGED)
    grown = outcome is Outcome.GROWN or (good and before.grown_at is None)
    row = replace(
        before,
        at=now,
        outcome=outcome,
        failures=before.failures + 1 if failed else 0,
        more=int(more),
        retry_after=error.retry_after if isinstance(error, Deferred) else None,
        etag=report.etag,
        seen_at=now if good else before.seen_at,
        grown_at=now if grown else before.grown_at,
        day=now // _DAY,
        day_leaves=taken,
    )
    return explained(row, error)


def failed(before: Visit, outcome: Outcome, error: FenheError, now: int) -> Visit:
    """The row to store where the reader's visit did not begin or our own side failed."""
    row = replace(
        before, at=now, outcome=outcome, failures=before.failures + 1, more=0, retry_after=None
    )
    return explained(row, error)


def explained(row: Visit, error: FenheError | None) -> Visit:
    """The row with the reason for it, or with none."""
    if error is None:
        return replace(row, code="", place="", expected="", found="")
    return replace(
        row, code=error.code, place=error.where, expected=error.expected, found=error.found
    )
