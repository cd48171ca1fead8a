"""What stands in a finding's file once every byte of it is checked (`finding_proof.examine`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.fed import Act, FirstReceipt, Place, Registration, RuleSet
from fenhe_protocol.root_document import RootDocument

OUTAGE_SECONDS = 2 * 3600  # between two heartbeats of `fed`: then the hub was away (feed §10)


@dataclass(frozen=True, slots=True)
class Head:
    """A head that the unit signed, and when the hub's mirror cosigned it (POSIX seconds)."""

    size: int
    root: bytes
    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A public body of the record that the finding is about; `fields` are its members."""

    place: Place
    fields: Mapping[str, Any]
    at_latest: int | None  # the earliest cosignature in the file over it


@dataclass(frozen=True, slots=True)
class LogSeen:
    """One whole log of the unit: what is shown, what is erased, and what the hub says is not here.

    `erased` are proven by the log or by `fed`; `unproven` are not, with the hub's reason. `silent`
    counts the leaves that have no public body by themselves.
    """

    origin: str
    heads: tuple[Head, ...]
    opened: int
    silent: int
    erased: tuple[int, ...] = ()
    unproven: Mapping[int, str] = field(default_factory=dict)
    sightings: tuple[Sighting, ...] = ()

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self.heads[-1].size

    @property
    def held_at(self) -> int | None:
        """The latest cosignature in the file over any of it."""
        return max((time for head in self.heads for time in head.times), default=None)

    def delivered_at(self, index: int) -> int | None:
        """The earliest cosignature in the file over this leaf."""
        return min((t for h in self.heads if h.size > index for t in h.times), default=None)

    @property
    def is_complete(self) -> bool:
        """Whether all public bodies are shown or provably erased: then what is absent is absent."""
        return not self.unproven


@dataclass(frozen=True, slots=True)
class Examined:
    """What the file proves. `claim` and `grounds` alone are the hub's word, as are reasons.

    `beats` are the times of the heartbeats shown, ascending. `not_shown` are logs of the unit's
    catalogue that its root documents list and the file lacks.
    """

    claim: Mapping[str, str]
    grounds: tuple[tuple[str, int | None, str], ...]
    rules: str
    hub: RootDocument
    fingerprint: str
    unit: RootDocument
    rule: RuleSet
    rule_at: Place
    registration: Registration
    registered_at: Place
    beats: tuple[int, ...]
    acts: tuple[tuple[Place, Act], ...]
    first_receipts: tuple[tuple[Place, FirstReceipt], ...]  # of what was erased since
    heads: tuple[Checkpoint, ...]  # of `fed`
    logs: tuple[LogSeen, ...]
    not_shown: tuple[str, ...]

    @property
    def outages(self) -> tuple[tuple[int, int], ...]:
        """Gaps of over two hours between heartbeats: there the hub proves nothing for itself."""
        pairs = zip(self.beats, self.beats[1:], strict=False)
        return tuple((a, b) for a, b in pairs if b - a > OUTAGE_SECONDS)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """All public bodies of the record, oldest first."""
        return tuple(each for log in self.logs for each in log.sightings)

    @property
    def is_complete(self) -> bool:
        """Whether every public body of the catalogue is accounted for: then absence follows."""
        return bool(self.logs) and not self.not_shown and all(log.is_complete for log in self.logs)
