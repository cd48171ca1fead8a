"""Suggest a mapping for an opened file: the sheet and the kind whose columns are known best."""

from fenhe_client.sheets.opening import OpenedFile
from fenhe_node.mapping.model import Mapping, check_mapping
from fenhe_node.mapping.suggestion import KINDS, Columns, assign, known_headers, suggest
from fenhe_node.staging.layout import Layout, lay_out_sheet, no_headers, turn
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet

_LOOKED_AT = 2000  # rows whose texts decide on translations
_SURE = 8  # columns that are understood: no accident


def suggest_mapping(opened: OpenedFile, schemas: SchemaSet, kind: str | None) -> Mapping:
    """Suggest for the kind told, or that which takes most columns; InputError if none fits."""
    mapping, layout = suggest_loosely(opened, schemas, kind)
    _check(mapping, layout, schemas)
    return mapping


def suggest_loosely(
    opened: OpenedFile, schemas: SchemaSet, kind: str | None
) -> tuple[Mapping, Layout]:
    """The same, and the headers, also where no column can be the id: for people to mend."""
    best: tuple[tuple[bool, int], Layout, str] | None = None
    for name in _kinds(opened, kind):
        if name not in schemas.kinds:
            raise InputError("import.kind", expected=", ".join(KINDS), found=name)
        # What somebody hid is taken only where nothing that shows fits as well.
        for sheet in sorted(opened.sheets, key=lambda sheet: sheet.hidden):
            layout = lay_out_sheet(
                opened.name, sheet, known_headers(schemas.kind(name)).__contains__
            )
            if layout is None:
                continue
            score = len(assign(Columns(layout.headers, {}), schemas.kind(name)))
            # A national form has a second sheet, often left empty.
            rank = (score >= _SURE and bool(layout.rows), score)
            if best is None or rank > best[0]:
                best = (rank, layout, name)
    if best is None:
        raise no_headers(opened.name, opened.sheets)
    _, layout, name = best
    several = sum(1 for sheet in opened.sheets if sheet.rows) > 1
    sheet_name = layout.sheet.name if several else ""
    return suggest(_columns(layout), schemas.kind(name), sheet=sheet_name), layout


def _kinds(opened: OpenedFile, kind: str | None) -> tuple[str, ...]:
    if kind:
        return (kind,)
    # A list of fields speaks of one thing: the unit itself.
    downwards = all(turn(sheet) for sheet in opened.sheets if sheet.rows)
    return ("unit",) if downwards else KINDS


def _columns(layout: Layout) -> Columns:
    texts = {
        header.column: frozenset(
            row.cell(header.column).text.strip() for row in layout.rows[:_LOOKED_AT]
        )
        - {""}
        for header in layout.headers
    }
    return Columns(layout.headers, texts)


def _check(mapping: Mapping, layout: Layout, schemas: SchemaSet) -> None:
    paths = {path for rule in mapping.columns for path in rule.fields}
    if mapping.kind != "unit" and "id" not in paths:
        raise InputError(
            "header.no-id",
            where=f"{layout.file} · {layout.sheet.name} · {layout.header_rows}",
            expected="本单位编号一列 a column with the unit's own numbers",
            found="、".join(header.text for header in layout.headers),
            advice="加一列编号, 或用 --mapping 指明; add such a column or name a mapping",
        )
    check_mapping(mapping, schemas.kind(mapping.kind), layout.file)
