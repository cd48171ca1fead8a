"""A file looked at before it is taken in: its columns, samples, problems, what it would do.

Start at `look_at`: each sheet that is a list is one `Seen` of the `Book`. Where no mapping fits,
what can be said of the columns is still given, so that people can mend it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.table import Sheet
from fenhe_node.fates import ColumnFate
from fenhe_node.importing.choosing import Chosen
from fenhe_node.importing.editions import of_sheet
from fenhe_node.importing.file import ImportReport, Look
from fenhe_node.importing.sheets_chosen import Wish, choose_sheets, split_sheet
from fenhe_node.importing.workbook import To, look_at_all
from fenhe_node.mapping import model
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.mapping.model import ColumnRule, target
from fenhe_node.staging.layout import Layout
from fenhe_node.staging.suggesting import suggest_loosely
from fenhe_node.store import Store, own_words
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field, KindSchema

SAMPLES = 3
WORDS = 40
"""Distinct words of a column of codes that are shown to be translated."""

MENDABLE = ("header.no-id", "header.absent")
"""What a person can mend in the form: the columns are known."""


@dataclass(frozen=True)
class ColumnSeen:
    """One column: how it is read, what stands in it, and what is wrong there."""

    header: Header
    rule: ColumnRule
    field: Field | None  # of its first path
    samples: tuple[str, ...]
    words: tuple[str, ...]  # distinct texts, where they are codes
    fate: ColumnFate | None
    problems: int


@dataclass(frozen=True)
class Seen:
    """What was looked at. Without a `report` the mapping does not fit, for the reason `error`."""

    mapping: model.Mapping
    origin: str  # told, saved, suggested
    columns: tuple[ColumnSeen, ...]
    report: ImportReport | None = None
    error: InputError | None = None


@dataclass(frozen=True)
class SheetSeen:
    """One sheet of a file with several: how much is in it, and whether it is read."""

    name: str
    rows: int
    hidden: bool
    kind: str  # of what is read of it; "": nothing is


@dataclass(frozen=True)
class Book:
    """A file that was looked at: its lists, and all of its sheets where it has several."""

    parts: tuple[Seen, ...]
    sheets: tuple[SheetSeen, ...] = ()

    def part(self, sheet: str) -> Seen:
        """The list in the sheet of this name, or the first that has something wrong in it."""
        named = (seen for seen in self.parts if seen.report and seen.report.sheet == sheet)
        wrong = (seen for seen in self.parts if seen.report and seen.report.refused)
        return next(named, next(wrong, self.parts[0]))


def look_at(store: Store, path: Path, to: To, wish: Wish) -> Book:
    """Look at the file; InputError and SetupError where there is no list in it at all."""
    try:
        chosen = choose_sheets(store, path, to.schemas, wish, to.progress)
        looks = look_at_all(store, chosen, [to.taking(each) for each in chosen])
    except InputError as error:
        if error.code not in MENDABLE:
            raise
        return _unfit(store, path, to.schemas, wish, error)
    parts = tuple(_seen(each, look, to) for each, look in zip(chosen, looks, strict=True))
    return Book(parts, _sheets(chosen, parts))


def _seen(chosen: Chosen, looked: Look, to: To) -> Seen:
    mapping = replace(chosen.mapping, source=looked.report.source)
    return Seen(mapping, chosen.origin, _columns(looked, mapping, to.schemas), looked.report)


def _sheets(chosen: Sequence[Chosen], parts: Sequence[Seen]) -> tuple[SheetSeen, ...]:
    """All sheets that hold anything; those of the first list are all but the further lists'."""
    kinds = {seen.report.sheet: seen.mapping.kind for seen in parts if seen.report}
    sheets = {sheet.name: sheet for each in chosen for sheet in each.opened.sheets if sheet.rows}
    seen = [
        SheetSeen(name, len(sheet.rows), sheet.hidden, kinds.get(name, ""))
        for name, sheet in sheets.items()
    ]
    return tuple(seen) if len(seen) > 1 else ()


def look_whole(store: Store, path: Path, to: To, wish: Wish) -> tuple[Look, ...]:
    """The same with every row, for the marked copy."""
    chosen = choose_sheets(store, path, to.schemas, wish)
    return look_at_all(store, chosen, [to.taking(each) for each in chosen])


def _columns(looked: Look, mapping: model.Mapping, schemas: SchemaSet) -> tuple[ColumnSeen, ...]:
    staging = looked.staging
    kind = schemas.kind(staging.kind)
    texts: dict[int, dict[str, None]] = {header.column: {} for header in staging.headers}
    for row in staging.rows:
        for column, text, *_ in row.cells:
            known = texts.get(column)
            if known is not None and len(known) < WORDS and text.strip():
                known.setdefault(text.strip())
    fates = {fate.index: fate for fate in staging.columns}
    wrong: dict[str, int] = {}
    for problem in staging.problems:
        header = problem.place.header if problem.place else ""
        wrong[header] = wrong.get(header, 0) + 1
    return tuple(
        _column(header, mapping, kind, tuple(texts[header.column]), fates.get(header.column), wrong)
        for header in staging.headers
    )


def _column(
    header: Header,
    mapping: model.Mapping,
    kind: KindSchema,
    texts: Sequence[str],
    fate: ColumnFate | None,
    wrong: dict[str, int],
) -> ColumnSeen:
    rule = mapping.rule(header.name) or ColumnRule(header.name)
    field = target(kind, rule.fields[0]) if rule.fields else None
    coded = field is not None and field.type in ("code", "boolean")
    return ColumnSeen(
        header,
        rule,
        field,
        tuple(texts[:SAMPLES]),
        tuple(texts) if coded else (),
        fate,
        wrong.get(header.text, 0),
    )


def _unfit(store: Store, path: Path, schemas: SchemaSet, wish: Wish, error: InputError) -> Book:
    """The columns as they are: by what is saved where it knows a header, else as guessed."""
    opened = open_file(path)
    told = dict(split_sheet(each) for each in wish.sheets)
    # The error names the sheet that does not fit, where several are read.
    wrong = next((name for name in told if f" · {name}" in error.where), "")
    name, kind = wish.source or path.name, told.get(wrong) or wish.kind or ""
    name = of_sheet(name, wrong) if len(told) > 1 else name
    saved = own_words.saved_mapping(store, name, kind)
    known = parse_mapping(saved, name) if saved else None
    alone = tuple(sheet for sheet in opened.sheets if wrong in ("", sheet.name))
    mapping, layout = suggest_loosely(
        replace(opened, sheets=alone), schemas, (known.kind if known else kind) or None
    )
    rules = tuple((known and known.rule(rule.header)) or rule for rule in mapping.columns)
    mapping = replace(mapping, columns=rules, source=name, sheet=wrong or mapping.sheet)
    found = schemas.kind(mapping.kind)
    columns = tuple(
        _column(header, mapping, found, _texts(layout, header), None, {})
        for header in layout.headers
    )
    seen = Seen(mapping, "saved" if known else "suggested", columns, error=error)
    return Book((seen,), _told_sheets(opened.sheets, told, mapping.kind) if told else ())


def _told_sheets(
    sheets: Sequence[Sheet], told: Mapping[str, str], kind: str
) -> tuple[SheetSeen, ...]:
    return tuple(
        SheetSeen(
            sheet.name,
            len(sheet.rows),
            sheet.hidden,
            told[sheet.name] or kind if sheet.name in told else "",
        )
        for sheet in sheets
        if sheet.rows
    )


def _texts(layout: Layout, header: Header) -> list[str]:
    found = dict.fromkeys(row.cell(header.column).text.strip() for row in layout.rows)
    return [text for text in found if text][:WORDS]
