"""Trouble of many logs by its causes: a host that is down with forty units is one alarm. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fenhe_hub.agenda.planner import Outcome
from fenhe_protocol.error_texts import TEXTS, Text

_BAD = (Outcome.OLDER, Outcome.DEFER, Outcome.REFUSE, Outcome.QUARANTINE)
_AT_ONCE = (Outcome.REFUSE, Outcome.QUARANTINE)
PATIENCE_SECONDS = 3600  # before a log that cannot be reached is anybody's business


@dataclass(frozen=True, slots=True)
class Trouble:
    """How the last visit to one log ended. `seen_at`: when it was last well, POSIX seconds."""

    unit: str  # 统一社会信用代码
    name: str
    url: str
    log: str
    outcome: str
    code: str
    seen_at: int

    @property
    def host(self) -> str:
        """Which machine was asked."""
        return urlsplit(self.url).netloc

    def counts(self, now: int) -> bool:
        """Whether somebody must hear of it."""
        is_old = now - self.seen_at > PATIENCE_SECONDS
        return self.outcome in _AT_ONCE or (self.outcome in _BAD and is_old)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One cause, with all that suffers from it. `units` are (code, name); `since` POSIX seconds."""

    code: str
    place: str  # a host, or a log where the trouble is its own
    outcome: str
    since: int
    units: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What is the same as long as the cause is."""
        return f"{self.code} {self.place}"

    @property
    def text(self) -> Text:
        """What is wrong."""
        return TEXTS.get(self.code, Text(self.code, self.code))


def alarms(found: Iterable[Trouble], now: int) -> tuple[Alarm, ...]:
    """One alarm for each host that does not answer, one for each log that is wrong by itself."""
    grouped: dict[tuple[str, str], list[Trouble]] = {}
    for each in found:
        if each.counts(now):
            place = each.host if each.outcome == Outcome.DEFER else each.log
            grouped.setdefault((each.code or each.outcome, place), []).append(each)
    made = [_alarm(code, place, group) for (code, place), group in grouped.items()]
    return tuple(sorted(made, key=lambda alarm: (alarm.since, alarm.key)))


def _alarm(code: str, place: str, group: list[Trouble]) -> Alarm:
    units = tuple(sorted({(each.unit, each.name) for each in group}))
    return Alarm(code, place, group[0].outcome, min(each.seen_at for each in group), units)
