"""When an instrument is taken in the coming weeks, as a page says it: days and hours. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fenhe_node.orders.calendar import Span

DAYS_SHOWN = 28
DAY = 86_400
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class BusyDay:
    """One day with the times at which it is taken: `09:00–12:00`."""

    date: str
    weekday: str
    times: tuple[str, ...]


def busy_days(spans: Iterable[Span], now: int, offset_minutes: int) -> list[BusyDay]:
    """The days of the next four weeks on which something is taken; a span over midnight is cut."""
    offset = offset_minutes * 60
    today = (now + offset) // DAY * DAY - offset
    found: dict[int, list[str]] = {}
    for span in sorted(spans):
        first = max(today, (span.begin + offset) // DAY * DAY - offset)
        for day in range(first, min(span.end, today + DAYS_SHOWN * DAY), DAY):
            begin, end = max(span.begin, day), min(span.end, day + DAY)
            found.setdefault(day, []).append(f"{_clock(begin - day)}–{_clock(end - day)}")
    return [_day(day, times, offset) for day, times in sorted(found.items())]


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def _day(day: int, times: list[str], offset: int) -> BusyDay:
    local = datetime.fromtimestamp(day, UTC) + timedelta(seconds=offset)
    return BusyDay(f"{local:%m-%d}", f"周{_WEEKDAYS[local.weekday()]}", tuple(times))
