"""A list described once: its columns, filters and order. Start at `Table`; `View` is what is asked.

What a list is made of comes from a `Source`: rows in hand (`Listed`), or a question to a database
that sorts, filters and counts by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from multidict import MultiMapping

from fenhe_hub.api.spreadsheet import Cell

T = TypeVar("T")
R = TypeVar("R", covariant=True)
PAGE = 50
LONGEST = 200  # characters of what is asked


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column; `value` goes into the export, and onto the page where `text` gives nothing else.

    Only what `sorts` is sorted by: with `Listed` any, else what the source has an index for.
    `form` is a class of the style sheet: number, date, short, long (sentences), wide (left out on
    a phone), exported (on no page, in the files alone).
    """

    name: str
    zh: str
    en: str
    value: Callable[[T], Cell]
    sorts: bool = False
    form: str = ""
    link: Callable[[T], str] | None = None
    text: Callable[[T], str] | None = None


@dataclass(frozen=True)
class Filter:
    """Something that narrows a list: one of `choices` (value: label), or words typed freely."""

    name: str
    zh: str
    choices: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


@dataclass(frozen=True)
class View:
    """What of a list is asked for; `order` is a column's name, with `-` before it from the end."""

    filters: Mapping[str, str]
    order: str
    page: int = 1

    @property
    def column(self) -> str:
        """The name of the column by which it is sorted."""
        return self.order.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether from the end."""
        return self.order.startswith("-")

    def of(self, name: str) -> str:
        """What a filter says; "" for nothing."""
        return self.filters.get(name, "")


class Source(Protocol[R]):
    """Where the rows come from."""

    def count(self, view: View) -> int:
        """How many there are with these filters."""

    def rows(self, view: View, limit: int, offset: int) -> Iterable[R]:
        """Some of them, in the order."""


@dataclass(frozen=True)
class Table(Generic[T]):
    """A list at a path; `name` is that of its export."""

    path: str
    name: str
    columns: tuple[Column[T], ...]
    order: str
    filters: tuple[Filter, ...] = ()
    kept: tuple[str, ...] = ()  # parameters of the path that are no filters, and stay

    def view(self, query: MultiMapping[str]) -> View:
        """Read what is asked; what a list does not know is not asked."""
        asked = {each.name: self._asked(each, query) for each in self.filters}
        asked |= {name: query.get(name, "")[:LONGEST] for name in self.kept}
        order = query.get("order", "")
        sorted_by = {column.name for column in self.columns if column.sorts}
        if order.removeprefix("-") not in sorted_by:
            order = self.order
        page = query.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        return View(asked, order, max(1, number))

    def address(self, view: View, **changed: str) -> str:
        """The address of exactly this view, or of one that differs in this."""
        defaults = {each.name: each.default for each in self.filters}
        asked = dict(view.filters) | {"order": view.order, "page": str(view.page)} | changed
        plain = defaults | {"order": self.order, "page": "1", "form": ""}
        told = {name: text for name, text in asked.items() if text != plain.get(name, "")}
        return f"{self.path}?{urlencode(told)}" if told else self.path

    def _asked(self, each: Filter, query: MultiMapping[str]) -> str:
        text = query.get(each.name, each.default).strip()[:LONGEST]
        return each.default if each.choices and text not in each.choices else text


@dataclass(frozen=True)
class Listed(Generic[T]):
    """Rows in hand: few enough to sort and to search here. `words` is what is typed: filter `q`."""

    columns: Sequence[Column[T]]
    all: Sequence[T]
    matches: Mapping[str, Callable[[T, str], bool]] = field(default_factory=dict)

    def count(self, view: View) -> int:
        """How many there are with these filters."""
        return len(self._found(view))

    def rows(self, view: View, limit: int, offset: int) -> list[T]:
        """Some of them, in the order."""
        column = next(each for each in self.columns if each.name == view.column)
        found = sorted(
            self._found(view), key=lambda row: _key(column.value(row)), reverse=view.descending
        )
        return found[offset : offset + limit]

    def _found(self, view: View) -> Sequence[T]:
        found = self.all
        for name, fits in self.matches.items():
            if text := view.of(name):
                found = [row for row in found if fits(row, text)]
        return found


def has_words(text: Callable[[T], str]) -> Callable[[T, str], bool]:
    """Whether each word that was typed stands in this text of a row."""

    def fits(row: T, typed: str) -> bool:
        whole = text(row).casefold()
        return all(word in whole for word in typed.casefold().split())

    return fits


def _key(value: Any) -> tuple[int, Any]:
    """Numbers before texts, and what is empty behind all."""
    if value is None or value == "":
        return 2, ""
    return (0, value) if isinstance(value, int) else (1, value)
