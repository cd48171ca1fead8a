"""Values over days, as lines. Start at `draw_course`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fenhe_hub.charts.chart import Chart, shown, table_rows
from fenhe_hub.charts.paper import ACCENT, ALERT, DASHES, INK, SOFT, Paper
from fenhe_hub.charts.scale import tick_text, ticks

_WIDTH, _HEIGHT = 720, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 120, 16, 30
_STROKES = (ACCENT, ALERT, INK, SOFT)
_DATES = 5  # of the axis


@dataclass(frozen=True)
class Series:
    """One line; a day without a value is a gap."""

    name: str
    values: Mapping[date, float]


def draw_course(
    key: str,
    title: str,
    title_en: str,
    series: Sequence[Series],
    *,
    unit: str = "",
    largest: float | None = None,
) -> Chart:
    """A line for each series, its last value written at its end; `largest` fixes the axis."""
    days = sorted({day for each in series for day in each.values})
    summary = _summary(series, days, unit)
    paper = Paper(key, title, summary, _WIDTH, _HEIGHT)
    if days:
        _draw(paper, series, days, unit, largest)
    else:
        paper.text(_WIDTH / 2, _HEIGHT / 2, "还没有数据 no data yet", anchor="middle")
    rows = [(day.isoformat(), *(each.values.get(day) for each in series)) for day in days]
    heads = ("日期 day", *(each.name for each in series))
    return Chart(
        key, title, title_en, summary, paper.done(), heads, table_rows(rows), is_empty=not days
    )


def _summary(series: Sequence[Series], days: Sequence[date], unit: str) -> str:
    if not days:
        return "还没有数据 no data yet"
    ends = (
        f"{each.name} {shown(each.values[min(each.values)], unit)}"
        f" → {shown(each.values[max(each.values)], unit)}"
        for each in series
        if each.values
    )
    return f"{days[0]} – {days[-1]}: {'; '.join(ends)}"


def _draw(
    paper: Paper, series: Sequence[Series], days: Sequence[date], unit: str, largest: float | None
) -> None:
    most = largest or max((v for each in series for v in each.values.values()), default=0)
    marks = ticks(most)
    inner = (_WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM)
    span = max((days[-1] - days[0]).days, 1)

    def place(day: date, value: float) -> tuple[float, float]:
        x = _LEFT + inner[0] * (day - days[0]).days / span
        return x, _TOP + inner[1] * (1 - value / marks[-1])

    for mark in marks:
        y = place(days[0], mark)[1]
        paper.line(_LEFT, y, _WIDTH - _RIGHT, y)
        paper.text(_LEFT - 6, y + 4, f"{tick_text(mark)}{unit}", anchor="end")
    for day in _dates(days[0], days[-1]):
        paper.text(place(day, 0)[0], _HEIGHT - 10, day.isoformat(), anchor="middle", size=11)
    names: list[float] = []
    for number, each in enumerate(series):
        stroke, dash = _STROKES[number % len(_STROKES)], DASHES[number % len(DASHES)]
        for run in _runs(each.values):
            paper.path([place(day, value) for day, value in run], stroke=stroke, dash=dash)
        if each.values:
            last = max(each.values)
            y = _free(place(last, each.values[last])[1], names)
            said = f"{each.name} {shown(each.values[last], unit)}"
            paper.text(_WIDTH - _RIGHT + 6, y + 4, said, fill=stroke)


def _runs(values: Mapping[date, float]) -> list[list[tuple[date, float]]]:
    """Days that follow one another; a line goes on over none that is missing."""
    runs: list[list[tuple[date, float]]] = []
    for day in sorted(values):
        if runs and runs[-1][-1][0] == day - timedelta(days=1):
            runs[-1].append((day, values[day]))
        else:
            runs.append([(day, values[day])])
    return runs


def _dates(first: date, last: date) -> list[date]:
    span = (last - first).days
    parts = min(_DATES - 1, span)
    if not parts:
        return [first]
    return [first + timedelta(days=span * number // parts) for number in range(parts + 1)]


def _free(y: float, taken: list[float]) -> float:
    """Where a name goes so that it lies on no other."""
    while any(abs(y - other) < 14 for other in taken):
        y += 14
    taken.append(y)
    return y
