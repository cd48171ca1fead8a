"""A chart that is done: its drawing, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

Cell = str | int | float | None
"""None: not known."""


@dataclass(frozen=True)
class Chart:
    """`svg` says `title` and `summary` to whoever hears it; `rows` are all values, below `heads`.

    `is_empty`: there is nothing to show yet.
    """

    key: str  # names it within a page
    title: str
    title_en: str
    summary: str
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_empty: bool = False


def shown(value: Cell, unit: str = "") -> str:
    """A value as it stands in a drawing or a table: thousands apart, `—` where it is not known."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    text = f"{value:,.1f}".removesuffix(".0") if isinstance(value, float) else f"{value:,}"
    return f"{text}{unit}"


def table_rows(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows that nobody changes any more."""
    return tuple(tuple(row) for row in rows)
