"""A file looked at before it is taken in: its columns, samples, problems, what it would do.

Start at `look_at`. Where no mapping fits, what can be said of the columns is still given, so that
people can mend it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.fates import ColumnFate
from fenhe_node.importing.choosing import choose
from fenhe_node.importing.file import ImportReport, Look, Taking, look
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.mapping.model import ColumnRule, Mapping, target
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

    mapping: Mapping
    origin: str  # told, saved, suggested
    columns: tuple[ColumnSeen, ...]
    report: ImportReport | None = None
    error: InputError | None = None


@dataclass(frozen=True)
class Looking:
    """What every look needs: the contract, whose unit, when, and whom to tell how far it is."""

    schemas: SchemaSet
    unit: str
    now: int
    by: str = ""
    progress: Progress = unwatched


def look_at(store: Store, path: Path, how: Looking, *, kind: str = "", source: str = "") -> Seen:
    """Look at the file; InputError and SetupError where there is no list in it at all."""
    try:
        found = choose(
            store, path, how.schemas, kind=kind or None, source=source, progress=how.progress
        )
        suggested = found.origin == "suggested"
        taking = Taking(
            found.mapping, how.schemas, how.unit, how.now, how.by, suggested, True, how.progress
        )
        looked = look(store, found.opened, taking)
    except InputError as error:
        if error.code not in MENDABLE:
            raise
        return _unfit(store, path, how.schemas, kind, source, error)
    mapping = replace(found.mapping, source=looked.report.source)
    return Seen(mapping, found.origin, _columns(looked, mapping, how.schemas), looked.report)


def look_whole(store: Store, path: Path, how: Looking, *, kind: str = "", source: str = "") -> Look:
    """The same with every row, for the marked copy."""
    found = choose(store, path, how.schemas, kind=kind or None, source=source)
    return look(store, found.opened, Taking(found.mapping, how.schemas, how.unit, how.now))


def _columns(looked: Look, mapping: Mapping, schemas: SchemaSet) -> tuple[ColumnSeen, ...]:
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
    mapping: Mapping,
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


def _unfit(
    store: Store, path: Path, schemas: SchemaSet, kind: str, source: str, error: InputError
) -> Seen:
    """The columns as they are: by what is saved where it knows a header, else as guessed."""
    name = source or path.name
    saved = own_words.saved_mapping(store, name, kind)
    known = parse_mapping(saved, name) if saved else None
    opened = open_file(path)
    mapping, layout = suggest_loosely(opened, schemas, (known.kind if known else kind) or None)
    rules = tuple((known and known.rule(rule.header)) or rule for rule in mapping.columns)
    mapping = replace(mapping, columns=rules, source=name)
    found = schemas.kind(mapping.kind)
    columns = tuple(
        _column(header, mapping, found, _texts(layout, header), None, {})
        for header in layout.headers
    )
    return Seen(mapping, "saved" if known else "suggested", columns, error=error)


def _texts(layout: Layout, header: Header) -> list[str]:
    found = dict.fromkeys(row.cell(header.column).text.strip() for row in layout.rows)
    return [text for text in found if text][:WORDS]
