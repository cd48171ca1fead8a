"""Every chart of the page, made of what index and daily figures hold of a scope. `Drawing.all`."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from fenhe_hub.api.labels import class_label
from fenhe_hub.charts.ahead import DAYS, draw_ahead
from fenhe_hub.charts.bars import Bar, Threshold, draw_bars
from fenhe_hub.charts.chart import Chart
from fenhe_hub.charts.cities import PLACES, by_city, draw_cities
from fenhe_hub.charts.course import Series, draw_course
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.rules.finding import State
from fenhe_hub.rules.ruleset import Rule
from fenhe_hub.trends.daily import course

FIGURES: Mapping[str, str] = {
    "instruments": "仪器台数",
    "overdue": "逾期条数",
    "hours": "有效机时（小时）",
    "external": "对外机时（小时）",
}
_COURSES = (("完整 D2", "D2"), ("按时更新 D3", "D3"), ("在线 D12", "D12"))
_SCOPE = "IN (SELECT value FROM json_each(:within))"


@dataclass(frozen=True)
class Drawing:
    """What the charts are made of; `within` None: the province."""

    db: sqlite3.Connection
    daily: sqlite3.Connection
    names: UnitNames
    within: frozenset[str] | None
    today: date
    rules: Sequence[Rule]

    def all(self, year: int, figure: str) -> list[Chart]:
        """In the order of the page."""
        return [
            self.ahead(),
            self.courses(),
            self.cities(figure, year),
            self.hours("city", "各市机时", "Hours by city", year, lambda city: city or "未填"),
            self.hours(
                "class", "各类仪器机时", "Hours by class", year,
                lambda code: class_label(code).zh if code else "未填",
            ),
            self.opening(),
            self.sharing(year),
        ]  # fmt: skip

    def years(self) -> list[int]:
        """The years of which use is told, the newest first."""
        rows = self.daily.execute("SELECT DISTINCT year FROM hours ORDER BY year DESC")
        return [year for (year,) in rows]

    def courses(self) -> Chart:
        """How many of the judged findings are met, day by day."""
        series = []
        for name, rule in _COURSES:
            found = course(self.daily, rule, self.within)
            shares = {day: 100 * stand.met / stand.of for day, stand in found.items()}
            series.append(Series(name, {day: round(share, 1) for day, share in shares.items()}))
        title = "完整与更新（满足的占应满足的，逐日记录）"
        return draw_course(
            "course", title, "Completeness and freshness", series, unit="%", largest=100
        )

    def ahead(self) -> Chart:
        """What is due on each of the next days."""
        last = self.today + timedelta(days=DAYS)
        rows = self.db.execute(
            f"SELECT state, due, count(*) FROM finding WHERE state IN (:due, :provisional)"
            f" AND ifnull(due, '9') >= :first AND ifnull(due, '9') < :last{self._units()}"
            " GROUP BY state, due",
            self._values(
                due=State.DUE, provisional=State.PROVISIONAL, first=str(self.today), last=str(last)
            ),
        )
        counted: dict[str, dict[date, int]] = {State.DUE: {}, State.PROVISIONAL: {}}
        for state, due, count in rows:
            counted[state][date.fromisoformat(due)] = count
        title = f"今后 {DAYS} 天到期"
        return draw_ahead(
            "ahead", title, "Due dates ahead", counted[State.DUE], self.today,
            counted[State.PROVISIONAL],
        )  # fmt: skip

    def cities(self, figure: str, year: int) -> Chart:
        """One figure in the eleven cities."""
        if figure in ("hours", "external"):
            column = "effective" if figure == "hours" else "external"
            rows = self._hours(f"city, sum({column}) / 60", "city", year)
        else:
            rows = self.daily.execute(
                f"SELECT city, sum(number) FROM place WHERE figure = :figure{self._codes()}"
                " GROUP BY city",
                self._values(figure=figure),
            ).fetchall()
        told: dict[str, int] = {}
        for city, count in rows:
            told[city or ""] = told.get(city or "", 0) + count
        counts = by_city(told)
        if counts and "小时" not in FIGURES[figure]:
            counts = dict.fromkeys(PLACES, 0) | counts  # of hours that nobody told we know nothing
        title = f"各市{FIGURES[figure]}" + (f"，{year} 年" if "小时" in FIGURES[figure] else "")
        return draw_cities("cities", title, "By city", counts)

    def hours(
        self, column: str, title: str, english: str, year: int, label: Callable[[str], str]
    ) -> Chart:
        """Effective hours told for a year; the external ones stand beside the number."""
        rows = self._hours(f"{column}, sum(effective), sum(external)", column, year)
        ordered = sorted(rows, key=lambda row: -row[1])
        bars = [
            Bar(label(name), effective // 60, f"其中对外 {external // 60:,}")
            for name, effective, external in ordered
        ]
        return draw_bars(f"hours-{column}", f"{title}，{year} 年", english, bars, unit=" h")

    def opening(self) -> Chart:
        """Which part of what owes it each unit has opened to others, the least first."""
        found = self.daily.execute(
            f"SELECT uscc, owed, opened FROM opening WHERE owed > 0{self._codes()}",
            self._values(),
        )
        rows = [(uscc, 100 * opened / owed, f"{opened} / {owed}") for uscc, owed, opened in found]
        line = self._threshold("opening_per_cent", "开放率")
        return self._rates("opening", "各单位开放率（对外开放的占应开放的）", "Opening", rows, line)

    def sharing(self, year: int) -> Chart:
        """External of effective hours of general instruments, by unit, the least first."""
        found = self.daily.execute(
            "SELECT uscc, effective, external FROM sharing WHERE effective > 0 AND year = :year"
            f"{self._codes()}",
            self._values(year=year),
        )
        rows = [
            (uscc, 100 * external / effective, f"{external // 60:,} / {effective // 60:,} h")
            for uscc, effective, external in found
        ]
        line = self._threshold("share_per_cent", "共享率")
        title = f"各单位共享率（通用仪器对外机时占有效机时），{year} 年"
        return self._rates("sharing", title, "Sharing", rows, line)

    def _rates(
        self,
        key: str,
        title: str,
        english: str,
        rows: Sequence[tuple[str, float, str]],
        line: Threshold | None,
    ) -> Chart:
        called = {uscc: self.names.name(number) for number, uscc in self.names.codes.items()}
        bars = [
            Bar(called.get(uscc, uscc), round(rate, 1), note)
            for uscc, rate, note in sorted(rows, key=lambda row: (row[1], row[0]))
        ]
        return draw_bars(key, title, english, bars, unit="%", threshold=line)

    def _threshold(self, parameter: str, name: str) -> Threshold | None:
        """The threshold of the rule set in force; None where it sets none."""
        for rule in self.rules:
            value = rule.parameters.get(parameter)
            if value is not None:
                return Threshold(value, name, is_example=parameter in rule.examples)
        return None

    def _hours(self, columns: str, group: str, year: int) -> list[tuple[Any, ...]]:
        return self.daily.execute(
            f"SELECT {columns} FROM hours WHERE year = :year{self._codes()} GROUP BY {group}",
            self._values(year=year),
        ).fetchall()

    def _units(self, table: str = "") -> str:
        """The condition for the numbers of units in scope."""
        return "" if self.within is None else f" AND {table}unit_no {_SCOPE}"

    def _codes(self) -> str:
        """The condition for the codes of units in scope."""
        return "" if self.within is None else " AND uscc IN (SELECT value FROM json_each(:codes))"

    def _values(self, **more: object) -> dict[str, object]:
        if self.within is None:
            return more
        numbers = self.names.numbers(self.within) or []
        codes = orjson.dumps(sorted(self.within)).decode()
        return {**more, "within": orjson.dumps(numbers).decode(), "codes": codes}
