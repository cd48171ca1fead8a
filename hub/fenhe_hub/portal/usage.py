"""Usage summaries as a table: a column for each period, withheld cells shown as such. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fenhe_hub.api.labels import Pair
from fenhe_hub.portal.values import hours, plain
from fenhe_protocol.schema import Field, SchemaSet

MEASURES = (
    *("run_minutes", "effective_minutes", "external_minutes", "open_minutes"),
    *("services", "samples", "user_visits", "external_users", "income_band"),
)
_FEWEST = 3  # what the schema says where a summary does not


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or why there is none: withheld to protect users, or not reported."""

    text: str
    state: Literal["shown", "withheld", "absent"] = "shown"


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: what is measured, in what unit, and its cell for each period."""

    title: Pair
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class UsageTable:
    """Periods, the newest first, and the measures; `k`: fewest users that are shown."""

    periods: tuple[str, ...]
    ids: tuple[str, ...]  # of the summaries, in the order of the periods
    nil: tuple[str, ...]  # periods in which there was no use at all, as reported
    measures: tuple[Measure, ...]
    k: int


def usage_table(summaries: Iterable[Mapping[str, Any]]) -> UsageTable:
    """Lay summaries of one instrument out; measures that no period has are left out."""
    ordered = sorted(summaries, key=lambda summary: str(summary.get("period")), reverse=True)
    used = [name for name in MEASURES if any(_has(each, name) for each in ordered)]
    return UsageTable(
        periods=tuple(str(each.get("period", "")) for each in ordered),
        ids=tuple(str(each.get("id", "")) for each in ordered),
        nil=tuple(str(each.get("period", "")) for each in ordered if each.get("nil_report")),
        measures=tuple(_measure(name, ordered) for name in used),
        k=max((int(each.get("k", _FEWEST)) for each in ordered), default=_FEWEST),
    )


def _has(summary: Mapping[str, Any], name: str) -> bool:
    return name in summary or name in summary.get("withheld", ())


def _measure(name: str, summaries: Iterable[Mapping[str, Any]]) -> Measure:
    field = _field(name)
    unit = "小时" if field.unit_zh == "分钟" else field.unit_zh
    cells = tuple(_cell(each, name) for each in summaries)
    return Measure(Pair(field.title_zh, field.title_en), unit, cells)


def _field(name: str) -> Field:
    return SchemaSet.load().kind("usage_summary").field(name)


def _cell(summary: Mapping[str, Any], name: str) -> Cell:
    if name in summary.get("withheld", ()):
        return Cell("隐去", "withheld")
    if name not in summary:
        return Cell("—", "absent")
    value, field = summary[name], _field(name)
    if field.unit_zh == "分钟":
        return Cell(hours(value))
    return Cell(f"{value:,}" if isinstance(value, int) else plain(field, value).zh)
