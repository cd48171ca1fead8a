"""A file of a list, read: the values of each row, and what is wrong in which cell.

Start at `read_list`. Nothing is lost: every row is taken, refused with a place, or named with the
reason why it is none (empty, a total, a note).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.marking import LISTED, marked_book
from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.rows import why_no_record
from fenhe_client.sheets.table import Cell, CellType, Row, Sheet
from fenhe_hub.office.lists.columns import Assigned, Form, Layout, find_layout
from fenhe_protocol.errors import InputError

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row in which nothing is wrong."""

    place: Place
    values: Mapping[str, str]

    @property
    def place_text(self) -> str:
        """File, sheet and row in one line."""
        return str(self.place)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is none, and why."""

    place: Place
    why_zh: str
    why_en: str


@dataclass
class ListRead:
    """All of a file that is such a list."""

    form: Form
    file: str
    sha256: str
    notes: tuple[str, ...]
    columns: list[tuple[str, Assigned]] = field(default_factory=list)  # (sheet, column)
    rows: list[ReadRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows hold something wrong."""
        places = {(p.place.sheet, p.place.row) for p in self.problems if p.place}
        return len(places)

    def marked(self) -> bytes:
        """The file as .xlsx with the wrong cells marked."""
        return marked_book(self.sheets, self.problems)


def read_list(
    path: Path, form: Form, chosen: Mapping[str, str] | None = None, *, name: str = ""
) -> ListRead:
    """Read a file; InputError `source.*` where it is no table, `register.list` where it is no
    such list. `chosen`: what a person says of headers; `name`: what the file is called.
    """
    opened = open_file(path)
    read = ListRead(form, name or opened.name, opened.sha256, opened.notes)
    for sheet in opened.sheets:
        if sheet.hidden or sheet.name == LISTED:
            continue
        layout = find_layout(sheet, form, chosen or {})
        if layout is not None and layout.fields:
            _read_sheet(read, sheet, layout)
    lacking = _lacking(read)
    if not read.sheets or lacking:
        raise InputError(
            "register.list",
            where=read.file,
            expected=", ".join(lacking or [c.zh for c in form.columns if c.required]),
        )
    _refuse_repeated(read)
    return read


def _lacking(read: ListRead) -> list[str]:
    """The titles of required columns that some sheet does not have."""
    lacking = []
    for sheet in read.sheets:
        there = {each.field for name, each in read.columns if name == sheet.name}
        lacking += [c.zh for c in read.form.columns if c.required and c.name not in there]
    return list(dict.fromkeys(lacking))


def _read_sheet(read: ListRead, sheet: Sheet, layout: Layout) -> None:
    read.sheets.append(sheet)
    read.columns += [(sheet.name, each) for each in layout.assigned]
    fields, headers = layout.fields, layout.block.headers
    naming = frozenset(fields[name].column for name in read.form.key if name in fields)
    for row in sheet.rows:
        if row.number <= layout.block.last_row:
            continue
        if why := why_no_record(row, headers, naming):
            if not row.empty:
                place = Place(read.file, sheet.name, row.number)
                read.left_out.append(LeftOut(place, why.zh, why.en))
            continue
        values, problems = _read_row(read, sheet, row, fields)
        if problems:
            read.problems += problems
        else:
            read.rows.append(ReadRow(Place(read.file, sheet.name, row.number), values))


def _read_row(
    read: ListRead, sheet: Sheet, row: Row, fields: Mapping[str, Header]
) -> tuple[dict[str, str], list[Problem]]:
    values, problems = dict[str, str](), list[Problem]()
    for column in read.form.columns:
        header = fields.get(column.name)
        if header is None:
            continue
        cell = _cell(sheet, row, header.column)
        place = Place(read.file, sheet.name, row.number, header.letter, header.text)
        if not cell.text.strip() and cell.type is not CellType.FORMULA:
            if column.required:
                problems.append(_problem("list.missing", "必填", "must be filled in", place))
            continue
        try:
            values[column.name] = column.read(cell)
        except Damage as damage:
            found = cell.text.strip()[:_SHOWN] if damage.quote else ""
            problems.append(_problem(damage.code, damage.zh, damage.en, place, found))
    return values, problems


def _problem(doubt: str, zh: str, en: str, place: Place, found: str = "") -> Problem:
    return Problem(doubt, zh, en, found, place.title, place)


def _cell(sheet: Sheet, row: Row, column: int) -> Cell:
    """The cell, or that over which it is merged downwards: one department beside its units."""
    area = sheet.merge_over(row.number, column)
    if area is None or area.left != column:
        return row.cell(column)
    top = next((each for each in sheet.rows if each.number == area.top), row)
    return top.cell(column)


def _refuse_repeated(read: ListRead) -> None:
    """Of rows with the same key the first counts; the others are named with the first's place."""
    first: dict[tuple[str, ...], Place] = {}
    kept: list[ReadRow] = []
    for row in read.rows:
        named = tuple(row.values.get(name, "") for name in read.form.key)
        before = first.setdefault(named, row.place)
        if before is row.place:
            kept.append(row)
            continue
        read.problems.append(_repeated(read, row, before))
    read.rows = kept


def _repeated(read: ListRead, row: ReadRow, before: Place) -> Problem:
    name = read.form.key[0]
    header = next(
        each.header
        for sheet, each in read.columns
        if each.field == name and sheet == row.place.sheet
    )
    place = Place(read.file, row.place.sheet, row.place.row, header.letter, header.text)
    zh, en = f"与 {before} 重复: 删去一行", f"the same as {before}: delete one of them"
    return _problem("list.repeated", zh, en, place, row.values.get(name, ""))


def by_place(problems: Sequence[Problem]) -> Iterator[Problem]:
    """In the order of the file."""
    yield from sorted(
        problems, key=lambda p: (p.place.sheet, p.place.row, p.place.column) if p.place else ()
    )
