"""The years of the working calendar as a list: days off and make-up days, runs shortened."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from fenhe_hub.console.table import Column, Filter, Table, has_words
from fenhe_hub.judging.working_days import KnownYear

_OWN, _SHIPPED = "own", "shipped"
_FROM = {_OWN: "本平台补的", _SHIPPED: "自带"}


def _from(known: KnownYear) -> str:
    return _OWN if known.file else _SHIPPED


def spans(days: Iterable[date]) -> str:
    """Month and day of each, days in a row as from–to: `01-01—01-03、04-04`."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    told = (f"{a:%m-%d}" if a == b else f"{a:%m-%d}—{b:%m-%d}" for a, b in runs)
    return "、".join(told)


def _whole(days: Iterable[date]) -> str:
    return " ".join(day.isoformat() for day in days)


COLUMNS: tuple[Column[KnownYear], ...] = (
    Column("year", "年", "year", lambda y: y.year, sorts=True, form="short"),
    Column("holidays", "休", "days off", lambda y: _whole(y.holidays), form="long",
           text=lambda y: spans(y.holidays)),
    Column("makeup", "调休上班", "make-up days", lambda y: _whole(y.makeup),
           text=lambda y: spans(y.makeup)),
    Column("notice", "通知", "notice", lambda y: y.notice, form="wide"),
    Column("dated", "日期", "dated", lambda y: y.dated, sorts=True, form="date wide"),
    Column("from", "来自", "from", lambda y: _FROM[_from(y)], sorts=True, form="short"),
)  # fmt: skip
TABLE = Table(
    "/rules/workdays",
    "working-days",
    COLUMNS,
    "-year",
    (Filter("q", "年份、通知或日期"), Filter("from", "来自", _FROM)),
)
MATCHES: Mapping[str, Callable[[KnownYear, str], bool]] = {
    "q": has_words(lambda y: f"{y.year}\n{y.notice}\n{_whole((*y.holidays, *y.makeup))}"),
    "from": lambda y, text: _from(y) == text,
}
