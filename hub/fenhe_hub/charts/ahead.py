"""How much is due on each of the next days, as standing bars. Start at `draw_ahead`."""

from collections.abc import Mapping
from datetime import date, timedelta

from fenhe_hub.charts.chart import Chart, table_rows
from fenhe_hub.charts.paper import ACCENT, INK, PALE, Paper
from fenhe_hub.charts.scale import tick_text, ticks

DAYS = 60
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 190, 40, 14, 28


def draw_ahead(
    key: str,
    title: str,
    title_en: str,
    due: Mapping[date, int],
    today: date,
    provisional: Mapping[date, int] | None = None,
) -> Chart:
    """From `today` on for `DAYS` days; `provisional` ones lie where no holidays are announced."""
    unsure = provisional or {}
    days = [today + timedelta(days=number) for number in range(DAYS)]
    counts = [(day, due.get(day, 0), unsure.get(day, 0)) for day in days]
    total, busiest = sum(sum(each[1:]) for each in counts), max(counts, key=lambda c: c[1] + c[2])
    summary = f"{days[0]} – {days[-1]}: 共 in all {total}"
    if total:
        summary += f"; 最多 most {busiest[0]}: {busiest[1] + busiest[2]}"
    paper = Paper(key, title, summary, _WIDTH, _HEIGHT)
    _draw(paper, counts)
    rows = [each for each in counts if each[1] or each[2]]
    return Chart(
        *(key, title, title_en, summary, paper.done()),
        ("到期日 due", "条数 count", "暂定 provisional"),
        table_rows([(day.isoformat(), sure, unsure) for day, sure, unsure in rows]),
        is_empty=not total,
    )


def _draw(paper: Paper, counts: list[tuple[date, int, int]]) -> None:
    marks = ticks(max(sure + unsure for _, sure, unsure in counts), 4)
    foot, tall = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = (_WIDTH - _LEFT - 4) / len(counts)
    for mark in marks:
        y = foot - tall * mark / marks[-1]
        paper.line(_LEFT, y, _WIDTH, y)
        paper.text(_LEFT - 6, y + 4, tick_text(mark), anchor="end", size=11)
    for number, (day, sure, unsure) in enumerate(counts):
        x, unit = _LEFT + step * number, tall / marks[-1]
        if day.weekday() == 0:
            paper.text(x + step / 2, foot + 14, f"{day:%m-%d}", anchor="middle", size=11)
        if not sure + unsure:
            continue
        said = f"{day}: {sure + unsure}"
        top = foot - unit * (sure + unsure)
        paper.rect(x + 1, top, step - 2, unit * unsure, fill=PALE, stroke=ACCENT, said=said)
        paper.rect(x + 1, foot - unit * sure, step - 2, unit * sure, fill=ACCENT, said=said)
        paper.text(x + step / 2, top - 3, str(sure + unsure), anchor="middle", size=10, fill=INK)
