"""When an instrument is taken, as an iCalendar (RFC 5545): times alone, no person, no content.

Pure: spans in, text out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time that is taken: POSIX seconds, the end not included."""

    begin: int
    end: int
    key: str = ""  # tells spans apart; says nothing of whom they belong to


def calendar(name: str, address: str, spans: Iterable[Span], now: int) -> str:
    """Write a calendar of busy times; `address` makes the ids of its events unique."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Fenhe//fenhe-node//ZH"]
    lines += ["CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for span in sorted(spans):
        lines += _event(address, span, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def overlapping(spans: Iterable[Span], begin: int, end: int) -> list[Span]:
    """The spans that share any time with this one."""
    return [span for span in spans if span.begin < end and begin < span.end]


def _event(address: str, span: Span, now: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(f'{span.key or span.begin}@{address}')}"
    yield f"DTSTAMP:{_time(now)}"
    yield f"DTSTART:{_time(span.begin)}"
    yield f"DTEND:{_time(span.end)}"
    yield "SUMMARY:已预约 Busy"
    yield "TRANSP:OPAQUE"
    yield "CLASS:PUBLIC"
    yield "END:VEVENT"


def _time(posix: int) -> str:
    return datetime.fromtimestamp(posix, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    flat = " ".join(value.split())
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Cut into pieces of at most 75 octets, never inside a character (RFC 5545 §3.1)."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > 75:
            yield piece
            piece = " "
        piece += character
    yield piece
