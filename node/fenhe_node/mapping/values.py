"""One cell to values, by the type that the schema gives its field. Start at `read_cell`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from fenhe_client.sheets.cells import Damage, check_damage, clean
from fenhe_client.sheets.dates import read_date, read_hour
from fenhe_client.sheets.table import Cell, CellType
from fenhe_node.mapping.codes import parts, read_boolean, read_charge, read_code, read_tabled
from fenhe_node.mapping.model import ColumnRule
from fenhe_node.mapping.numbers import read_integer
from fenhe_node.mapping.steps import read_steps
from fenhe_node.mapping.texts import IdColumn, read_id, read_text
from fenhe_protocol.schema_fields import Field

_LANDLINE = re.compile(r"(\(?0\d{2,3}\)?[- ]?)?\d{7,8}(-\d{1,6})?")
_MOBILE = re.compile(r"0?1[3-9]\d{9}")  # 013812345678 would else pass for a landline
_CHARGE = "lines[].charge_unit"
_STEPS = "lines[].steps"
_NO_IDS = IdColumn(text_once=False, width=0)


def read_cell(
    cell: Cell,
    rule: ColumnRule,
    path: str,
    field: Field | None,
    *,
    empty: tuple[str, ...] = (),
    ids: IdColumn = _NO_IDS,
) -> Mapping[str, Any]:
    """Read what the field at `path` gets, path → value; nothing if it is missing. Raises Damage.

    `field` is None for a member of `ext`. A value may land beside `path`: a mobile number where a
    landline is expected, the quantity of a unit of charge.
    """
    check_damage(cell)
    written = cell.text.strip()
    if written in rule.values:
        translated = rule.values[written]
        return {} if translated is None else {path: translated}
    if not written or (path != "id" and written in empty):
        return {}
    if rule.mobile and (_MOBILE.fullmatch(written) or not _LANDLINE.fullmatch(written)):
        return {rule.mobile: clean(cell.text)}
    if field is not None and field.path == _CHARGE:
        return _charge(cell, field, path)
    if field is not None and field.schema.get("x-text") == "id":
        return {path: rule.prefix + read_id(cell, ids)}
    return {path: _by_type(cell, rule, field)}


def _by_type(cell: Cell, rule: ColumnRule, field: Field | None) -> Any:
    if field is None:
        return read_text(cell)
    return _READERS[field.type](cell, rule, field)


def _text(cell: Cell, rule: ColumnRule, field: Field) -> str:
    text = read_text(cell, field.schema.get("pattern", ""))
    return read_tabled(text, field) if field.table else text


def _code(cell: Cell, rule: ColumnRule, field: Field) -> str | int:
    return read_code(_word(cell), field)


def _boolean(cell: Cell, rule: ColumnRule, field: Field) -> bool:
    return read_boolean(_word(cell))


def _integer(cell: Cell, rule: ColumnRule, field: Field) -> int:
    return read_integer(
        cell,
        written=rule.unit or field.unit_zh,
        recorded=field.unit_zh,
        rounding=rule.round,
    )


def _date(cell: Cell, rule: ColumnRule, field: Field) -> str:
    return read_date(cell, rule.format)


def _hour(cell: Cell, rule: ColumnRule, field: Field) -> str:
    return read_hour(cell, rule.format, rule.zone)


def _list(cell: Cell, rule: ColumnRule, field: Field) -> list[Any]:
    if field.path == _STEPS:
        return read_steps(_word(cell))
    item = field.item
    # 类别:编号; 类别:编号 where each is more than a word.
    split = rule.split or (";；\n" if item is not None and item.members else "")
    words = parts(_word(cell), split)
    if item is None or not words:
        raise Damage("value.list", "应为逗号分隔的内容", "expected a list parted by commas")
    words = [str(rule.values.get(word, word)) for word in words]
    if item.members:
        return [_object(word, item) for word in words]
    if item.type == "code":
        return [read_code(word, item) for word in words]
    return [read_tabled(word, item) if item.table else word for word in words]


def _object(word: str, item: Field) -> dict[str, Any]:
    """Read the members of one thing in their order, parted by colons."""
    texts = re.split(r"\s*[:：]\s*", word, maxsplit=len(item.members) - 1)
    rule = ColumnRule("")
    return {
        member.name: _by_type(Cell(text, CellType.TEXT), rule, member)
        for member, text in zip(item.members, texts, strict=False)
        if text
    }


def _word(cell: Cell) -> str:
    return cell.text if cell.type is CellType.BOOLEAN else read_text(cell)


def _charge(cell: Cell, field: Field, path: str) -> Mapping[str, Any]:
    try:
        return {path: read_code(_word(cell), field)}
    except Damage:
        found = read_charge(_word(cell))
    head = path.rpartition(".")[0]
    return {f"{head}.{name}": value for name, value in found.items()}


_READERS: dict[str, Callable[[Cell, ColumnRule, Field], Any]] = {
    "text": _text,
    "code": _code,
    "boolean": _boolean,
    "integer": _integer,
    "date": _date,
    "time": _hour,
    "list": _list,
}
