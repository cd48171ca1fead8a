"""Whether a source is alive, from facts of its log and the reader's clock (feed §6, end). Pure."""

from dataclasses import dataclass
from enum import StrEnum

HOUR = 3600


class Liveness(StrEnum):
    """What a reader may say of a log's age."""

    NEW = "new"  # nothing verified yet
    ALIVE = "alive"
    STALE = "stale"
    ENDED = "ended"  # its root document closed it: never stale


class ClockFault(StrEnum):
    """What is reported of a heartbeat, and refuses nothing."""

    AHEAD = "heartbeat-ahead"
    BACKWARDS = "heartbeat-backwards"
    LATE = "heartbeat-late"


@dataclass(frozen=True, slots=True)
class LogAge:
    """What the reader knows. `grown_at` is when it first saw the present size, by its own clock."""

    size: int
    grown_at: int | None
    rhythm_hours: int = 24
    ended: bool = False


def liveness(catalogue: LogAge, now: int) -> Liveness:
    """Judge a catalogue or a `fed`; a unit's usage log is as alive as its catalogue."""
    if catalogue.ended:
        return Liveness.ENDED
    if not catalogue.size or catalogue.grown_at is None:
        return Liveness.NEW
    silent = now - catalogue.grown_at
    return Liveness.STALE if silent > catalogue.rhythm_hours * HOUR else Liveness.ALIVE


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat as a reader meets it; `former_at` is when the log's former size was verified."""

    at: int
    before: int | None  # `t` of the heartbeat before it
    last: bool  # it is the last leaf of the log
    former_at: int | None


def clock_fault(beat: Beat, now: int) -> ClockFault | None:
    """Say what is wrong with a heartbeat's time, if anything."""
    if beat.at > now + HOUR:
        return ClockFault.AHEAD
    if beat.before is not None and beat.at < beat.before:
        return ClockFault.BACKWARDS
    fresh = beat.former_at is not None and now - beat.former_at < HOUR
    if beat.last and fresh and beat.at < now - 2 * HOUR:
        return ClockFault.LATE
    return None
