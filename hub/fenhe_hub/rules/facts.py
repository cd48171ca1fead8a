"""What a rule may know: values gathered from the index before any rule is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fenhe_hub.rules.usage_facts import Complaint, Evaluation, InstrumentUse


@dataclass(frozen=True)
class Submission:
    """One leaf of an identity: what its `pub` body said, and when it counted as delivered."""

    index: int
    fields: Mapping[str, Any]
    delivered_on: date | None
    refused: bool = False  # the hub refused it: it counts for D1 where it has the four points


@dataclass(frozen=True)
class ResourceFacts:
    """One record of the catalogue: its state per tier and all its submissions, oldest first."""

    kind: str
    id: str
    origin: str
    public: Mapping[str, Any]
    supervised: Mapping[str, Any]
    submissions: tuple[Submission, ...] = ()
    encouraged: bool = False  # its unit is only encouraged to open (一(四) 国防科研单位)

    @property
    def first_delivered_on(self) -> date | None:
        """Return the day of the earliest receipt of any submission that was not refused."""
        days = [s.delivered_on for s in self.submissions if s.delivered_on and not s.refused]
        return min(days, default=None)

    @property
    def last_index(self) -> int | None:
        """Return the index of the last leaf that was not refused."""
        return next((s.index for s in reversed(self.submissions) if not s.refused), None)


@dataclass(frozen=True)
class Refusal:
    """A body or leaf that is not shown: the code and the place, never the content."""

    origin: str
    index: int
    tier: str
    code: str
    delivered_on: date | None


@dataclass(frozen=True)
class LogFacts:
    """How one log of the unit stands at the hub. Times are POSIX seconds."""

    origin: str
    size: int
    alive_at: int | None
    cosigned_size: int
    gaps: int
    quarantined: bool


@dataclass(frozen=True)
class Review:
    """A review decision (查重评议) as the authority registered it at the hub.

    `plan` is the id of the purchase plan it speaks of; empty: the plan names the number.
    """

    number: str
    plan: str = ""
    decided_on: date | None = None
    supported: bool = True


@dataclass(frozen=True)
class Probe:
    """Whether an address of the unit answered from outside: a booking page or a document.

    `failing_since` is the day of the first failure of an unbroken row of them, None if it answers;
    `counted_from` is later by the time in which the hub could not look, `looked_on` the day of the
    last look, `answered_on` that of the last answer, `why` what came instead of one.
    """

    kind: str
    id: str
    field: str
    url: str
    failing_since: date | None = None
    counted_from: date | None = None  # None: from `failing_since`
    looked_on: date | None = None  # None: today
    answered_on: date | None = None
    why: str = ""


@dataclass(frozen=True)
class UnitFacts:
    """One managing unit with everything its rules look at."""

    uscc: str
    name: str
    enrolled_on: date
    rhythm_hours: int
    unit_record: ResourceFacts | None
    resources: tuple[ResourceFacts, ...] = ()
    fee_standards: frozenset[str] = frozenset()
    summarised: frozenset[str] = frozenset()
    refusals: tuple[Refusal, ...] = ()
    logs: tuple[LogFacts, ...] = ()
    enrolled_at: int | None = None  # POSIX seconds; None: the start of `enrolled_on`
    reviews: tuple[Review, ...] = ()
    probes: tuple[Probe, ...] = ()
    declared: Mapping[str, int] = field(default_factory=dict)  # by band, by the register's census
    usage: Mapping[str, InstrumentUse] = field(default_factory=dict)  # by the instrument's id
    evaluations: tuple[Evaluation, ...] = ()
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True)
class Outage:
    """A span in which the hub could not be reached, proven by its own log. POSIX seconds."""

    start: int
    end: int


@dataclass(frozen=True)
class Moment:
    """When the rules are asked, and what the hub's own log says of its outages."""

    now: int
    today: date
    outages: tuple[Outage, ...] = field(default_factory=tuple)
