"""Stage a sheet: every row gets a fate, every good one becomes a record. Pure. Start at `stage`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.problems import Problem
from fenhe_client.sheets.table import Merge, Row, Sheet
from fenhe_client.sheets.watching import Progress, unwatched, watched
from fenhe_node.fates import ColumnFate, Fate, RowCells, RowFate
from fenhe_node.mapping.model import Mapping
from fenhe_node.mapping.rows import why_skipped
from fenhe_node.mapping.units import ENGLISH, convert
from fenhe_node.staging.columns import column_fates
from fenhe_node.staging.doubts import doubts, ids_alike
from fenhe_node.staging.drafts import Draft, draft_all
from fenhe_node.staging.judging import judge, names_in
from fenhe_node.staging.layout import Layout, lay_out, matched
from fenhe_node.staging.other_tables import another_below, told_below, told_beside
from fenhe_node.staging.reading import Column, Reader
from fenhe_protocol.privacy_names import KnownNames
from fenhe_protocol.schema import SchemaSet

_NAMING = ("id", "name_zh", "instrument", "lines.item")
_CELLS_SHOWN = 6


@dataclass(frozen=True)
class Staging:
    """What a sheet holds. `kept` are the drafts that nothing blocks, `persons` names of people."""

    kind: str
    sheet: str
    columns: tuple[ColumnFate, ...]
    rows: tuple[RowFate, ...]
    kept: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    persons: frozenset[str]
    headers: tuple[Header, ...] = ()  # spelled as in the mapping
    top: tuple[Row, ...] = ()  # what stands above the rows
    merges: tuple[Merge, ...] = ()

    @property
    def ids_all_read(self) -> bool:
        """Whether every row that is a record told its id."""
        return all(row.id or row.fate is Fate.SKIPPED for row in self.rows)

    def count(self, fate: Fate) -> int:
        """Count the rows with this fate."""
        return sum(1 for row in self.rows if row.fate is fate)


def stage(
    file: str,
    sheets: Sequence[Sheet],
    mapping: Mapping,
    *,
    schemas: SchemaSet,
    unit: str,
    persons: Iterable[str] = (),
    progress: Progress = unwatched,
) -> Staging:
    """Stage the sheet that the mapping means; InputError if the file has none such.

    `persons` are those that other lists name. What `progress` raises breaks it off.
    """
    layout = lay_out(file, sheets, mapping)
    headers = matched(layout, mapping)
    kind = schemas.kind(mapping.kind)
    reader = Reader(layout, headers, mapping, kind)
    skipped = _skipped(reader)
    rows = [row for row in layout.rows if row.number not in skipped]
    other = _other_table(reader, rows)
    if other is not None:
        rows = [row for row in rows if row.number < other.number]
        skipped |= _not_read(layout, other)
    read = [reader.read(row) for row in watched("逐格读取 cells", rows, progress)]
    drafts = draft_all(read, mapping, unit)
    own = names_in(reader)
    names = KnownNames(own.union(persons))
    for draft in watched("逐条检查 records", drafts, progress):
        judge(draft, schemas, kind, names)
        draft.problems += doubts(draft)
    alike = ids_alike(drafts)
    fates = {**skipped, **{f.row: f for draft in drafts for f in _fates(draft)}}
    return Staging(
        kind=mapping.kind,
        sheet=layout.sheet.name,
        columns=column_fates(layout, headers, mapping, kind),
        rows=tuple(replace(fates[r.number], cells=RowCells(r), key=r.key) for r in layout.rows),
        kept=tuple(draft for draft in drafts if not draft.blocked),
        problems=by_row(
            (
                *(problem for draft in drafts for problem in draft.problems),
                *alike,
                *([told_below(layout, other, mapping.kind)] if other else []),
            )
        ),
        notes=(*_notes(layout, sheets), *_rounded(reader), *_beside(reader)),
        persons=own,
        headers=headers,
        top=layout.top,
        merges=layout.sheet.merges,
    )


def _skipped(reader: Reader) -> dict[int, RowFate]:
    if any(header.row for header in reader.headers):
        return {}
    naming = _naming(reader)
    fates = {}
    for row in reader.layout.rows:
        why = why_skipped(row, reader.headers, reader.mapping, naming)
        if why:
            fates[row.number] = RowFate(row.number, Fate.SKIPPED, why_zh=why.zh, why_en=why.en)
    return fates


def _naming(reader: Reader) -> frozenset[int]:
    return frozenset(c.header.column for c in reader.columns if c.path in _NAMING)


def _other_table(reader: Reader, rows: Sequence[Row]) -> Row | None:
    if any(header.row for header in reader.headers):
        return None
    return another_below(reader.layout, reader.kind, _naming(reader), rows)


def _not_read(layout: Layout, other: Row) -> dict[int, RowFate]:
    """What stands in another table was not read, and so is not missing: all of it is refused."""
    rows = (row for row in layout.rows if row.number >= other.number and not row.empty)
    return {row.number: RowFate(row.number, Fate.REFUSED) for row in rows}


def _beside(reader: Reader) -> list[str]:
    read = frozenset(column.header.column for column in reader.columns)
    return list(filter(None, [told_beside(reader.headers, read)]))


def _fates(draft: Draft) -> list[RowFate]:
    fate = Fate.REFUSED if draft.blocked else Fate.STAGED
    return [RowFate(reading.row.number, fate, draft.id) for reading in draft.readings]


def by_row(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems from top to bottom."""
    return tuple(sorted(problems, key=lambda problem: problem.place.row if problem.place else 0))


def _notes(layout: Layout, sheets: Sequence[Sheet]) -> list[str]:
    notes = [f"表头 header: {layout.header_rows}"]
    hidden = [str(row.number) for row in layout.rows if row.hidden and not row.empty]
    if hidden:
        rows = "、".join(hidden)
        notes.append(f"第 {rows} 行是隐藏行, 已照常读取; hidden rows were read like the others")
    columns = [h.letter for h in layout.headers if h.column in layout.sheet.hidden_columns]
    if columns:
        notes.append(f"隐藏的列 {'、'.join(columns)} 已照常读取; so were hidden columns")
    if layout.sheet.hidden:
        notes.append(f"工作表 {layout.sheet.name} 是隐藏的; the sheet is hidden")
    others = [sheet.name for sheet in sheets if sheet is not layout.sheet and sheet.rows]
    if others:
        notes.append(f"未读的工作表 sheets not read: {'、'.join(others)}; 要读就指明它 (--sheet)")
    return notes


def _rounded(reader: Reader) -> Iterator[str]:
    """Name the cells whose number was rounded because the mapping says so."""
    for column in reader.columns:
        if not column.rule.round or column.field is None:
            continue
        header, unit = column.header, column.field.unit_zh
        whole = f"rounded to whole {ENGLISH.get(unit, unit)}"
        texts = ((row.number, row.cell(header.column).text) for row in reader.layout.rows)
        cells = [f"{header.letter}{number}" for number, text in texts if _broken(text, column)]
        if cells:
            shown = "、".join(cells[:_CELLS_SHOWN]) + (" …" if len(cells) > _CELLS_SHOWN else "")
            yield f"取整到{unit} {len(cells)} 格: {shown}; {whole}"


def _broken(text: str, column: Column) -> bool:
    number = text.strip().replace(",", "")
    if column.field is None or not re.fullmatch(r"\d+\.\d+", number):
        return False
    meant = convert(Decimal(number), column.rule.unit, column.field.unit_zh)
    return meant != meant.to_integral_value()  # `% 1` fails beyond 28 digits
