"""A list as a page, or as the file that holds the whole of it. Start at `answer`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from multidict import MultiMapping

from fenhe_client.console.asking import Answer, Download, Page
from fenhe_hub.api.spreadsheet import FORMATS, Cell, write_spreadsheet
from fenhe_hub.console.table import PAGE, Column, Filter, Source, Table, View
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

T = TypeVar("T")
MOST = {"csv": 500_000, "xlsx": 50_000}  # rows of one file
MOST_PAGES = 60  # whoever turns so often wants a filter


@dataclass(frozen=True)
class Shown(Generic[T]):
    """What the macro `list` of `console/table.html` draws."""

    table: Table[T]
    view: View
    lines: list[T]
    total: int

    @property
    def pages(self) -> int:
        """How many can be turned to."""
        return _pages(self.total)

    @property
    def is_cut(self) -> bool:
        """Whether there is more than can be turned to."""
        return self.total > MOST_PAGES * PAGE

    def cell(self, column: Column[T], row: T) -> str:
        """What stands on the page."""
        if column.text is not None:
            return column.text(row)
        value = column.value(row)
        return "" if value is None else str(value)

    def here(self) -> str:
        """The address of exactly this view."""
        return self.table.address(self.view)

    def turned(self, page: int) -> str:
        """The address of another page of it."""
        return self.table.address(self.view, page=str(page))

    def sorted(self, column: Column[T]) -> str:
        """The address of the same sorted by a column; from the end where it is already."""
        again = self.view.order == column.name
        order = f"-{column.name}" if again else column.name
        return self.table.address(self.view, order=order, page="1")

    def sorting(self, column: Column[T]) -> str:
        """How a column is sorted, as `aria-sort` says it; "" where it is not."""
        if self.view.column != column.name:
            return ""
        return "descending" if self.view.descending else "ascending"

    def file(self, form: str) -> str:
        """The address of the whole view as a file."""
        return self.table.address(self.view, form=form, page="1")

    def chosen(self, each: Filter) -> str:
        """What a filter says."""
        return self.view.of(each.name)


def answer(
    query: MultiMapping[str],
    table: Table[T],
    source: Source[T],
    template: str,
    context: Mapping[str, Any],
    now: int,
) -> Answer:
    """The page that was asked for (`list` in its context), or the export; RequestError 400."""
    view = table.view(query)
    if form := query.get("form", ""):
        return export(table, view, source, form, now)
    return Page(template, {"list": shown(table, view, source), **context})


def shown(table: Table[T], view: View, source: Source[T]) -> Shown[T]:
    """One page of a list, the last one where it has fewer."""
    total = source.count(view)
    view = View(view.filters, view.order, min(view.page, _pages(total)))
    rows = source.rows(view, PAGE, (view.page - 1) * PAGE)
    return Shown(table, view, list(rows), total)


def _pages(total: int) -> int:
    return min(MOST_PAGES, max(1, -(-total // PAGE)))


def export(table: Table[T], view: View, source: Source[T], form: str, now: int) -> Download:
    """The whole view as CSV or .xlsx, codes and ids as texts; RequestError 400, 413."""
    if form not in FORMATS:
        raise RequestError(
            "request.parameter", status=400, where="form", expected=", ".join(FORMATS), found=form
        )
    total = source.count(view)
    if total > MOST[form]:
        expected = f"≤ {MOST[form]}"
        raise RequestError("console.long", status=413, expected=expected, found=str(total))
    titles = [f"{column.zh} {column.en}" for column in table.columns]
    rows = source.rows(view, total, 0)
    body = write_spreadsheet(form, titles, _cells(table, rows))
    return Download(body, f"{table.name}-{date_at(now)}.{form}", FORMATS[form])


def _cells(table: Table[T], rows: Iterable[T]) -> Iterable[list[Cell]]:
    return ([column.value(row) for column in table.columns] for row in rows)
