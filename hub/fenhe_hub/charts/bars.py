"""Values by name, as bars that lie, each with its number. Start at `draw_bars`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_hub.charts.chart import Chart, shown, table_rows
from fenhe_hub.charts.paper import ACCENT, ALERT, INK, PALE, Paper
from fenhe_hub.charts.scale import ticks

_WIDTH, _NAMES, _NUMBERS = 720, 190, 120
_ROW, _BAR, _TOP = 24, 16, 24
_LONGEST = 14  # characters of a name
MOST = 30  # bars of a drawing; the table has all


@dataclass(frozen=True)
class Bar:
    """One name and its value; None: not known, which is no bar of length 0."""

    name: str
    value: float | None
    note: str = ""  # stands behind the number


@dataclass(frozen=True)
class Threshold:
    """A value in force that the bars are held against; `is_example` where no source gives it."""

    value: float
    name: str
    is_example: bool = False

    @property
    def label(self) -> str:
        """As it stands at its line."""
        return f"{self.name}{'（示例 example）' if self.is_example else ''}"


def draw_bars(
    key: str,
    title: str,
    title_en: str,
    bars: Sequence[Bar],
    *,
    unit: str = "",
    threshold: Threshold | None = None,
) -> Chart:
    """Bars in the order given, `MOST` of them; below the threshold they are hollow and say so."""
    top = _TOP if threshold is None else _TOP + 14
    drawn, rest = bars[:MOST], len(bars) - MOST
    height = top + _ROW * (max(len(drawn), 1) + (rest > 0)) + 8
    summary = _summary(bars, unit, threshold)
    paper = Paper(key, title, summary, _WIDTH, height)
    known = [each.value for each in bars if each.value is not None]
    most = max([*known, threshold.value if threshold else 0], default=0)
    width = (_WIDTH - _NAMES - _NUMBERS) / ticks(most)[-1]
    if not bars:
        paper.text(_WIDTH / 2, height / 2 + 4, "还没有数据 no data yet", anchor="middle")
    if rest > 0:
        paper.text(_NAMES, height - 10, f"其余 {rest} 个见数据表 {rest} more in the table")
    for number, each in enumerate(drawn):
        _draw_bar(paper, each, top + _ROW * number, width, unit, threshold)
    if threshold is not None and bars:
        x = _NAMES + width * threshold.value
        paper.line(x, top - 8, x, top + _ROW * len(drawn), stroke=INK, dash="4 3")
        said = f"{threshold.label} {shown(threshold.value, unit)}"
        paper.text(x, top - 12, said, anchor="middle", fill=INK)
    return Chart(
        *(key, title, title_en, summary, paper.done()),
        *_table(bars, unit, threshold),
        is_empty=not known,
    )


def _draw_bar(
    paper: Paper, bar: Bar, y: float, width: float, unit: str, threshold: Threshold | None
) -> None:
    name = bar.name if len(bar.name) <= _LONGEST else f"{bar.name[: _LONGEST - 1]}…"
    paper.text(_NAMES - 8, y + 13, name, anchor="end", fill=INK)
    said = f"{shown(bar.value, unit)} {bar.note}".strip()
    if bar.value is None:
        paper.text(_NAMES + 4, y + 13, said)
        return
    below = threshold is not None and bar.value < threshold.value
    fill, stroke = (PALE, ALERT) if below else (ACCENT, "none")
    full = f"{bar.name}: {said}"
    paper.rect(_NAMES, y + 1, width * bar.value, _BAR, fill=fill, stroke=stroke, said=full)
    paper.text(_NAMES + width * bar.value + 5, y + 13, f"{said} ↓" if below else said)


def _summary(bars: Sequence[Bar], unit: str, threshold: Threshold | None) -> str:
    known = [each for each in bars if each.value is not None]
    if not known:
        return "还没有数据 no data yet"
    first = "; ".join(f"{each.name} {shown(each.value, unit)}" for each in known[:5])
    if threshold is None:
        return first
    below = sum(each.value < threshold.value for each in known if each.value is not None)
    told = f"{threshold.label} {shown(threshold.value, unit)}"
    return f"{told}: 低于 below {below} / {len(known)}. {first}"


def _table(
    bars: Sequence[Bar], unit: str, threshold: Threshold | None
) -> tuple[tuple[str, ...], tuple[tuple[str | int | float | None, ...], ...]]:
    heads = ["名称 name", f"数值 value {unit}".strip()]
    rows: list[list[str | int | float | None]] = [[each.name, each.value] for each in bars]
    if threshold is not None:
        heads.append(threshold.label)
        for row, each in zip(rows, bars, strict=True):
            row.append(_judged(each.value, threshold.value))
    if any(each.note for each in bars):
        heads.append("说明 note")
        for row, each in zip(rows, bars, strict=True):
            row.append(each.note)
    return tuple(heads), table_rows(rows)


def _judged(value: float | None, line: float) -> str:
    if value is None:
        return "—"
    return "低于 below" if value < line else "达到 reached"
