"""The sheets of a template that list the codes of a table, for a column that can offer so many to
nobody: the classes of instruments, the subjects. Start at `add_tables`.

They are there to be searched; taken in with the list they are no list themselves.
"""

from collections.abc import Iterable, Iterator

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from fenhe_protocol.code_tables import instrument_classes, subjects
from fenhe_protocol.schema_fields import Field

_CLASSES = "instrument-classes"
_TITLES = {_CLASSES: "分类代码表", "subjects": "学科代码表"}
_HEADS = {
    _CLASSES: ("代码 code", "大类", "中类", "小类"),
    "subjects": ("代码 code", "学科 subject"),
}
_WIDTHS = (14, 28, 28, 36)


def where_listed(field: Field) -> str:
    """Say on which sheet the codes of a field stand, if they do on one."""
    title = _TITLES.get(_table_of(field), "")
    return title and f"见“{title}”"


def add_tables(book: Workbook, fields: Iterable[Field]) -> None:
    """Add a sheet for each table whose codes these fields take."""
    wanted = {_table_of(field) for field in fields}
    for table in [name for name in _TITLES if name in wanted]:
        sheet = book.create_sheet(_TITLES[table])
        sheet.append(list(_HEADS[table]))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in _rows(table):
            sheet.append(list(row))
        for number, width in enumerate(_WIDTHS[: len(_HEADS[table])], start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.freeze_panes = "A2"


def _table_of(field: Field) -> str:
    return field.table or (field.item.table if field.item is not None else "")


def _rows(table: str) -> Iterator[tuple[str, ...]]:
    if table == _CLASSES:
        for each in instrument_classes().values():
            yield each.code, *each.names
    else:
        yield from subjects().items()
