"""Usage summaries as a table of figures in which a withheld cell says so. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.wording import Schema, say
from fenhe_node.published import Published

COLUMNS = (
    "run_minutes",
    "effective_minutes",
    "external_minutes",
    "open_minutes",
    "services",
    "samples",
    "user_visits",
    "external_users",
    "income_band",
)
LEAST = ("run_minutes", "services")
WITHHELD = "少"
NOT_SAID = "—"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One summary."""

    instrument: str
    period: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class UsageTable:
    """The columns that any of the summaries fills, and whether any cell is withheld.

    Nil reports fill none: where there is nothing else, the least columns say 0.
    """

    titles: Sequence[str]
    rows: Sequence[UsageRow]
    withheld: bool


def usage_table(schema: Schema, summaries: Sequence[Published]) -> UsageTable:
    """Set summaries in a table, the newest period first, then by instrument."""
    filled = [name for name in COLUMNS if any(_has(s.fields, name) for s in summaries)]
    used = filled or LEAST
    properties = schema["properties"]
    rows = [_row(properties, summary.fields, used) for summary in summaries]
    rows.sort(key=lambda row: row.instrument)
    rows.sort(key=lambda row: row.period, reverse=True)
    return UsageTable(
        titles=[str(properties[name]["title"]) for name in used],
        rows=rows,
        withheld=any(summary.fields.get("withheld") for summary in summaries),
    )


def _has(fields: Mapping[str, Any], name: str) -> bool:
    return name in fields or name in fields.get("withheld", ())


def _row(properties: Schema, fields: Mapping[str, Any], used: Sequence[str]) -> UsageRow:
    return UsageRow(
        instrument=str(fields.get("instrument", "")),
        period=_period(str(fields.get("period", ""))),
        cells=[_cell(properties[name], fields, name) for name in used],
    )


def _period(period: str) -> str:
    year, _, quarter = period.partition("-Q")
    return f"{year} 年 {quarter} 季度" if quarter else f"{year} 年"


def _cell(schema: Schema, fields: Mapping[str, Any], name: str) -> str:
    if name in fields.get("withheld", ()):
        return WITHHELD
    if name not in fields:
        return "0" if fields.get("nil_report") else NOT_SAID
    said = say(schema, fields[name], {})
    # The unit of count stands in the head of the column, or below the table.
    return said.partition(" ")[0] if "x-unit" in schema else said
