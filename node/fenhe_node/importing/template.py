"""A workbook to fill in, made from a kind's schema; it imports without a mapping. Start at `write`.

The first sheet has a title a column (a line for what a unit says of itself), with lists to choose
codes from. The second says of each: who sees it, what to write, an example, and all codes, or on
which sheet behind it they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_node.importing.template_tables import add_tables, where_listed
from fenhe_node.mapping.model import target
from fenhe_node.mapping.steps import write_steps
from fenhe_node.mapping.suggestion import KINDS, titled
from fenhe_node.mapping.synonyms import SYNONYMS
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field, KindSchema

_ROWS = 2000  # down to here a cell is text and offers its codes
_WIDTH = 18
_LIST_ROOM = 255  # characters that Excel takes for a list to choose from
_WHO = {
    "pub": "公开 everyone",
    "hub": "省平台 the hub",
    "nat": "密封上报国家平台 sealed for the nation",
    "node": "只留在本单位 stays here",
}
_ABOUT = ("列名 column", "谁能看到 seen by", "必填 needed", "写什么 what", "示例 example",
          "可填 codes")  # fmt: skip
_STEPS = "lines[].steps"
_STEPS_SO = "写成 单位内部 100以上 不满200 180元; 200以上 80%，一段之内用空格，各段用分号隔开"
_MONEY = {"分": "元"}  # nobody writes fen
_HEAD = PatternFill("solid", fgColor="DDEBF0")


@dataclass(frozen=True)
class Column:
    """One column of the sheet to fill in."""

    header: str
    path: str
    field: Field


def columns(kind: KindSchema) -> tuple[Column, ...]:
    """Every field that a sheet can fill, in the schema's order, the id first."""
    first = {path: words[0] for path, words in SYNONYMS.get(kind.kind, ())}
    titles = {path: words[0] for path, words in titled(kind)}
    if kind.kind != "unit":
        titles = {"id": first["id"]} | titles
    titles |= {path: word for path, word in first.items() if path.startswith("lines.")}
    found = ((path, title, target(kind, path)) for path, title in titles.items())
    return tuple(
        Column(f"{title}{_in_brackets(field)}", path, field)
        for path, title, field in found
        if field is not None and "const" not in field.schema and not _is_default(field)
    )


def _is_default(field: Field) -> bool:
    """Whether it has one possible value: the name of a table of codes."""
    return field.type == "code" and len(field.schema.get("enum", ())) == 1


def _in_brackets(field: Field) -> str:
    unit = _MONEY.get(field.unit_zh, field.unit_zh)
    return f"（{unit}）" if unit else ""


def write(name: str, schemas: SchemaSet, file: Path | BytesIO) -> int:
    """Write the workbook of a kind; how many columns. InputError `import.kind`."""
    if name not in KINDS:
        raise InputError("import.kind", expected=", ".join(KINDS), found=name)
    kind = schemas.kind(name)
    listed = columns(kind)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = kind.title_zh[:31]
    (_downwards if name == "unit" else _across)(sheet, listed)
    _about(book.create_sheet("说明"), kind, listed)
    add_tables(book, [column.field for column in listed])
    book.save(file)
    return len(listed)


def _across(sheet: Worksheet, listed: tuple[Column, ...]) -> None:
    for number, column in enumerate(listed, start=1):
        letter = get_column_letter(number)
        _head(sheet, 1, number, column)
        sheet.column_dimensions[letter].width = _WIDTH
        # Excel turns what looks like a number or a date into one: text stays what was typed.
        sheet.column_dimensions[letter].number_format = "@"
        _choices(sheet, f"{letter}2:{letter}{_ROWS}", column.field)
    sheet.freeze_panes = "B2"


def _downwards(sheet: Worksheet, listed: tuple[Column, ...]) -> None:
    sheet.append(["字段", "值"])
    for number, column in enumerate(listed, start=2):
        _head(sheet, number, 1, column)
        sheet.cell(number, 2).number_format = "@"
        _choices(sheet, f"B{number}", column.field)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 2 * _WIDTH


def _head(sheet: Worksheet, row: int, number: int, column: Column) -> None:
    cell = sheet.cell(row, number, column.header)
    cell.font, cell.fill = Font(bold=True), _HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    said = (_WHO[column.field.tier], what(column.field), _example(column.field))
    cell.comment = Comment("\n".join(filter(None, said)), "Fenhe", width=320, height=120)


def _choices(sheet: Worksheet, cells: str, field: Field) -> None:
    words = ("是", "否") if field.type == "boolean" else tuple(codes(field))
    listed = ",".join(words)
    if field.type in ("code", "boolean") and words and len(listed) < _LIST_ROOM:
        # Advice only: what else is written is judged by the import, which says what to do.
        choice = DataValidation(type="list", formula1=f'"{listed}"', showErrorMessage=False)
        choice.add(cells)
        sheet.add_data_validation(choice)


def _about(sheet: Worksheet, kind: KindSchema, listed: tuple[Column, ...]) -> None:
    sheet.append([kind.title_zh, kind.title_en, "", kind.description_zh])
    sheet.append(list(_ABOUT))
    needed = set(kind.schema["required"])
    for column in listed:
        field = column.field
        row = (
            column.header,
            _WHO[field.tier],
            "是" if column.path in needed else "",
            what(field),
            _example(field),
            "、".join(codes(field)) or where_listed(field),
        )
        sheet.append([str(text) for text in row])
    for number, width in enumerate((24, 20, 8, 60, 30, 60), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def what(field: Field) -> str:
    """Say in Chinese what stands in a field: its description, its form, how a list is written."""
    form = field.schema.get("x-form", {}).get("zh", "")
    several = field.item is not None
    members = field.item.members if field.item else ()
    written = "多个用逗号分隔" if several and not members else ""
    if members:
        named = ":".join(member.title_zh for member in members)
        written = _STEPS_SO if field.path == _STEPS else f"写成 {named}，多条用分号分隔"
    kinds = {"date": "日期，如 2026-01-31", "time": "到小时，如 2026-01-31 09", "boolean": "是或否"}
    parts = (field.description_zh.rstrip("。"), form, written, kinds.get(field.type, ""))
    return "；".join(part for part in parts if part)


def codes(field: Field) -> Iterator[str]:
    """The words that may stand for the codes of a field, or of the members of a list."""
    of = field.item if field.item is not None else field
    for label in of.labels.values():
        yield label.zh


def _example(field: Field) -> str:
    return "" if field.example is None else written(field, field.example)


def written(field: Field, value: Any) -> str:
    """Write a value as it stands in a cell of the sheet."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and field.path == _STEPS:
        return write_steps(value)
    if isinstance(value, list):
        item = field.item
        parted = "; " if item is not None and item.members else ","
        return parted.join(_part(item, each) for each in value)
    if field.unit_zh in _MONEY:
        return f"{value // 100}.{value % 100:02d}"
    if field.type == "time":
        return str(value)[:13].replace("T", " ")
    label = field.labels.get(value)
    return label.zh if label else str(value)


def _part(item: Field | None, value: Any) -> str:
    if item is None or not item.members:
        return written(item, value) if item is not None else str(value)
    texts = [written(m, value[m.name]) if m.name in value else "" for m in item.members]
    return ":".join(texts).rstrip(":")
