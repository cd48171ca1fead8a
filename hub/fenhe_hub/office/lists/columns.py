"""Which column of a list means what: suggested from its headers, corrected by whoever imports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fenhe_client.sheets.headers import Header, HeaderBlock, find_headers, key, speaks_of_person
from fenhe_client.sheets.table import Cell, Sheet

Reader = Callable[[Cell], str]
"""One cell as the text of its value; Damage says what is expected."""


@dataclass(frozen=True)
class Column:
    """A field of a list: what it is called here, what people call it, how a cell is read."""

    name: str
    zh: str
    en: str
    words: tuple[str, ...]
    read: Reader
    required: bool = False


@dataclass(frozen=True)
class Form:
    """A kind of list; `key` are the fields that tell its rows apart."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """The field of this name."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What becomes of a column of the file: a field, or why it is not read."""

    header: Header
    field: str = ""
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True)
class Layout:
    """Where the rows of a sheet begin, and what its columns mean."""

    block: HeaderBlock
    assigned: tuple[Assigned, ...] = field(default=())

    @property
    def fields(self) -> Mapping[str, Header]:
        """The column of each field that has one."""
        return {each.field: each.header for each in self.assigned if each.field}


def find_layout(sheet: Sheet, form: Form, chosen: Mapping[str, str]) -> Layout | None:
    """The headers of a sheet and what they mean; None where it is no such list.

    `chosen` are corrections: the header as the file has it, and a field or "" for none.
    """
    known = {key(word) for column in form.columns for word in _words(column)}
    known |= {key(text) for text in chosen}
    block = find_headers(sheet, lambda name: name in known)
    return Layout(block, tuple(_assign(block.headers, form, chosen))) if block else None


def _words(column: Column) -> tuple[str, ...]:
    return (column.zh, *column.words, column.name)


def _assign(headers: Sequence[Header], form: Form, chosen: Mapping[str, str]) -> Iterable[Assigned]:
    taken = {
        header.column: chosen[header.text]
        for header in headers
        if form.column(chosen.get(header.text, ""))
    }
    for column in form.columns:
        if column.name not in taken.values():
            found = _find(column, headers, chosen, taken)
            if found is not None:
                taken[found.column] = column.name
    for header in headers:
        name = taken.get(header.column, "")
        yield Assigned(header, name) if name else Assigned(header, "", *_why_not(header))


def _find(
    column: Column, headers: Sequence[Header], chosen: Mapping[str, str], taken: Mapping[int, str]
) -> Header | None:
    free = [h for h in headers if h.column not in taken and h.text not in chosen]
    for word in _words(column):
        for header in free:
            if key(header.base) == key(word) or key(header.text) == key(word):
                return header
    return None


def _why_not(header: Header) -> tuple[str, str]:
    if speaks_of_person(header):
        return "个人信息: 不读取", "about a person: not read"
    return "没有对应的项: 不读取", "nothing asks for it: not read"
