"""The calendar by which due days are counted: the shipped years and those added by a file.

A year is added on the day it is announced, without a new version of this program. What is wrong in
the file is named by line and key; nothing is counted by a file that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from fenhe_client.checked_yaml import YamlFault, fault_at, faults, plain
from fenhe_client.yaml_text import load_yaml
from fenhe_hub.hub import Hub
from fenhe_protocol.errors import SetupError
from fenhe_protocol.workdays import Calendar

_DAYS: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^(\d{4}-)?\d\d-\d\d$"},
    "uniqueItems": True,
}
_YEAR: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "notice": {"type": "string", "minLength": 1},
        "dated": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "holidays": {**_DAYS, "minItems": 1},
        "makeup": _DAYS,
    },
    "required": ["notice", "dated", "holidays", "makeup"],
    "additionalProperties": False,
}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "propertyNames": {"pattern": r"^20\d\d$"},
    "additionalProperties": _YEAR,
}
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class KnownYear:
    """A year whose working days are announced, and where that stands; `file` empty: shipped."""

    year: int
    notice: str
    dated: str
    holidays: tuple[date, ...]
    makeup: tuple[date, ...]
    file: str

    def as_json(self) -> dict[str, Any]:
        """One year of the answer."""
        return {
            "year": self.year,
            "notice": self.notice,
            "dated": self.dated,
            "holidays": [each.isoformat() for each in self.holidays],
            "makeup": [each.isoformat() for each in self.makeup],
            "file": self.file,
        }


def load_calendar(hub: Hub) -> Calendar:
    """The calendar of this hub; SetupError `workdays.*` names the line and the key."""
    file = _file(hub)
    return Calendar.load() if file is None else Calendar.load().with_years(read_years(file))


def known_years(hub: Hub) -> list[KnownYear]:
    """Every year that is announced, with its source."""
    file = _file(hub)
    own = {} if file is None else read_years(file)
    calendar = Calendar.load().with_years(own)
    return [
        _known(calendar, year, str(file) if str(year) in own else "")
        for year in sorted(calendar.years)
    ]


def _known(calendar: Calendar, year: int, file: str) -> KnownYear:
    notice = calendar.notices[year]
    off, makeup = calendar.days_of(year)
    return KnownYear(year, notice.title, notice.dated, tuple(off), tuple(makeup), file)


def _file(hub: Hub) -> Path | None:
    """The file that the setting names, which must be there, or that of the home, which need not."""
    if hub.config.workdays:
        return hub.home.path / hub.config.workdays
    return hub.home.workdays if hub.home.workdays.is_file() else None


def read_years(file: Path) -> Mapping[str, Any]:
    """The years of a file as `Calendar.with_years` takes them; SetupError."""
    try:
        return parse_years(file.read_bytes(), str(file))
    except OSError as error:
        raise SetupError("workdays.form", where=str(file), found=str(error)) from error


def parse_years(raw: bytes, where: str) -> Mapping[str, Any]:
    """The same of a file's bytes."""
    try:
        document = load_yaml(raw)
    except yaml.YAMLError as error:
        raise SetupError("workdays.form", where=where, found=str(error)) from error
    found = faults(raw, document, SCHEMA) or list(_wrong_days(raw, document))
    if found:
        raise _refused(found)
    years: Mapping[str, Any] = plain(document)
    return years


def _wrong_days(raw: bytes, document: Any) -> Iterator[YamlFault]:
    """What no schema can say: the day is there, in its year or December before, and fits."""
    for year, entry in plain(document).items():
        for name in ("holidays", "makeup"):
            for place, text in enumerate(entry[name]):
                wanted = _expected(year, name, text, entry)
                if wanted:
                    # The key of a year is a number in the file, where its line is looked for.
                    path = (year, name, place)
                    yield fault_at(raw, path, expected=wanted, found=text)


def _expected(year: str, name: str, text: str, entry: Mapping[str, Any]) -> str:
    """What should stand here; empty where all is well."""
    written = text if len(text) > 5 else f"{year}-{text}"
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return f"{year} 年的一天 a day of {year}"
    if day.year != int(year) and (day.year, day.month) != (int(year) - 1, 12):
        return f"{year} 年或上年 12 月 a day of {year} or of the December before"
    if name == "makeup" and day.weekday() < _SATURDAY:
        return "星期六或星期日 a Saturday or Sunday"
    if name == "makeup" and text in entry["holidays"]:
        return "不在 holidays 里 not among the holidays"
    return ""


def _refused(found: list[YamlFault]) -> SetupError:
    first = found[0]
    known = ("additionalProperties", "required", "propertyNames")
    code = "workdays.key" if first.rule in known else "workdays.value"
    more = f"另有 {len(found) - 1} 处 more" if len(found) > 1 else ""
    return SetupError(
        code, where=first.where, expected=first.expected, found=first.found, advice=more
    )
