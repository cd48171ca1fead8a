"""A month or a year by the calendar of UTC+8. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from fenhe_protocol.errors import InputError

_CHINA = timezone(timedelta(hours=8))
_FORM = re.compile(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """`2026-11` or `2026`; `last` is its last day."""

    text: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read it; InputError `report.period`."""
        if (match := _FORM.fullmatch(text)) is None:
            raise InputError("report.period", where=text, expected="2026-11 | 2026")
        year, month = int(match[1]), int(match[2] or 0)
        if not month:
            return cls(text, date(year, 1, 1), date(year, 12, 31))
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(text, date(year, month, 1), following - timedelta(days=1))

    @property
    def start(self) -> int:
        """Its first second, POSIX."""
        return _second(self.first)

    @property
    def stop(self) -> int:
        """The second after its last, POSIX."""
        return _second(self.last + timedelta(days=1))

    @property
    def title_zh(self) -> str:
        """As it is called."""
        return f"{self.first:%Y}年" + (f"{self.first.month}月" if "-" in self.text else "度")


def _second(day: date) -> int:
    return int(datetime.combine(day, time(), _CHINA).timestamp())
