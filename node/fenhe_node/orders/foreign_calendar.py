"""When an instrument is taken by the calendar of a booking system (iCalendar, RFC 5545). Pure.

Begin and end of each event are read and nothing else: no summary, no attendee, no place. What
repeats by a rule is not worked out, and the reading says so: a rule taken for one event would show
as free what is not. Start at `read_calendar`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fenhe_node.orders.calendar import Span

LARGEST = 2_000_000  # bytes
MOST_SPANS = 2000
_LINE = re.compile(r'(?P<name>[A-Za-z-]+)(?P<rest>(?:;[^":;]*(?:"[^"]*"[^":;]*)*)*):(?P<value>.*)')
_ZONE = re.compile(r';TZID="?([^";:]+)', re.IGNORECASE)
_LENGTH = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_FREE = frozenset({"TRANSPARENT", "CANCELLED"})
_REPEATS = frozenset({"RRULE", "RDATE"})
Property = tuple[str, str, str]  # name, parameters, value


@dataclass(frozen=True, slots=True)
class Reading:
    """The times that share a moment with the window; `repeats`: there are others, by a rule."""

    spans: tuple[Span, ...]
    repeats: bool = False


def read_calendar(data: bytes, begin: int, end: int, offset_minutes: int) -> Reading:
    """Read what is taken between two POSIX times; ValueError where it is no calendar."""
    text = data.decode("utf-8-sig")
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise ValueError("no BEGIN:VCALENDAR")
    here = timezone(timedelta(minutes=offset_minutes))
    found: set[tuple[int, int]] = set()
    repeats = False
    for kind, properties in _components(text):
        if kind == "VFREEBUSY":
            found.update(_busy(properties, here))
        elif not any(value.upper() in _FREE for _, _, value in properties):
            repeats = repeats or any(name in _REPEATS for name, _, _ in properties)
            found.update(_event(properties, here))
    spans = sorted(Span(*each) for each in found if each[0] < end and begin < each[1])
    return Reading(tuple(spans[:MOST_SPANS]), repeats)


def _components(text: str) -> Iterator[tuple[str, list[Property]]]:
    """Each event or free-busy component with its own properties, not those of alarms inside."""
    open_ones: list[str] = []
    properties: list[Property] = []
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"].strip()
        if name == "BEGIN":
            open_ones.append(value.upper())
            properties = [] if len(open_ones) == 2 else properties
        elif name == "END":
            if len(open_ones) == 2 and open_ones[1] in ("VEVENT", "VFREEBUSY"):
                yield open_ones[1], properties
            open_ones = open_ones[:-1]
        elif len(open_ones) == 2:
            properties.append((name, match["rest"], value))


def _event(properties: list[Property], here: tzinfo) -> Iterator[tuple[int, int]]:
    known = {name: (rest, value) for name, rest, value in properties}
    if "DTSTART" not in known:
        return
    rest, value = known["DTSTART"]
    begin = _time(rest, value, here)
    if "DTEND" in known:
        end = _time(*known["DTEND"], here)
    elif "DURATION" in known:
        end = begin + _length(known["DURATION"][1])
    else:
        end = begin + (86_400 if len(value) == 8 else 0)
    if begin < end:
        yield begin, end


def _busy(properties: list[Property], here: tzinfo) -> Iterator[tuple[int, int]]:
    for name, rest, value in properties:
        if name != "FREEBUSY" or re.search(r"FBTYPE=FREE\b", rest, re.IGNORECASE):
            continue
        for period in value.split(","):
            first, _, last = period.partition("/")
            begin = _time(rest, first, here)
            end = begin + _length(last) if last.startswith("P") else _time(rest, last, here)
            if begin < end:
                yield begin, end


def _time(rest: str, value: str, here: tzinfo) -> int:
    """POSIX seconds of a date or a time: of UTC, of a zone that is known here, else the unit's."""
    if len(value) == 8:
        return int(datetime.strptime(value, "%Y%m%d").replace(tzinfo=here).timestamp())
    zone = UTC if value.endswith("Z") else _zone(rest, here)
    moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    return int(moment.timestamp())


def _zone(rest: str, here: tzinfo) -> tzinfo:
    named = _ZONE.search(rest)
    if named is None:
        return here
    try:
        return ZoneInfo(named[1])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return here


def _length(value: str) -> int:
    match = _LENGTH.fullmatch(value)
    if match is None:
        raise ValueError(f"no duration: {value[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        whole = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"no duration: {value[:40]!r}") from error
    return int(whole.total_seconds())
