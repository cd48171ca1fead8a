"""Read text and ids from a cell. Start at `read_text` and `read_id`.

A number in a text column is taken only where its display is certain: whole, at most 15 digits,
shown plainly (General, 0) or filled with zeros by its format (00000000). In an id column that is
not enough: `IdColumn` looks at the other ids as well. If most of them are text, or any digits-only
id is, the column was text once and a number in it has lost something; a shorter run of digits
beside ids with leading zeros has lost its zeros.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fenhe_client.sheets.cells import Damage, check_digits, check_half_width, check_whole, clean
from fenhe_client.sheets.table import Cell, CellType

_PLAIN_FORMATS = ("", "General", "GENERAL", "G/通用格式", "0", "@")
_DIGITS_FIELD = re.compile(r"\^\[0-9\]\{(\d+)\}\$")


def read_text(cell: Cell, pattern: str = "") -> str:
    """Read text as records hold it; `pattern` is that of the field, empty if it has none."""
    if cell.type is CellType.DATE:
        raise Damage(
            "cell.date-for-text",
            "内容被 Excel 当成了日期: 列设为文本后重填",
            "text that Excel took for a date: format the column as text and retype it",
        )
    check_digits(cell)
    text = _certain_number(cell) if cell.type is CellType.NUMBER else clean(cell.text)
    if pattern.isascii() and pattern:
        check_half_width(cell)
    digits = _DIGITS_FIELD.fullmatch(pattern)
    if digits and text.isdigit() and len(text) < int(digits[1]):
        raise _zeros_lost(f"{digits[1]} 位", f"{digits[1]} digits")
    return text


def _certain_number(cell: Cell) -> str:
    if re.fullmatch(r"0{2,}", cell.format) and cell.text.isdigit():
        return cell.text.zfill(len(cell.format))
    whole = cell.text.lstrip("-").isdigit()
    if cell.format in _PLAIN_FORMATS and (whole or cell.format in ("", "General", "GENERAL")):
        return cell.text
    raise Damage(
        "cell.number-shown",
        f"数字的显示格式是 {cell.format}, 无法确定原文: 列设为文本后重填",
        f"a number shown as {cell.format}; its text is uncertain: format the column as text",
    )


@dataclass(frozen=True)
class IdColumn:
    """What all cells of an id column say about one of them."""

    text_once: bool  # a number here was text once
    width: int  # digits of ids with leading zeros; 0 if there are none


def judge_ids(cells: Iterable[Cell]) -> IdColumn:
    """Look at a whole id column."""
    filled = [cell for cell in cells if cell.text.strip()]
    texts = [c.text.strip() for c in filled if c.type is CellType.TEXT]
    numbers = sum(1 for cell in filled if cell.type is CellType.NUMBER)
    digits_only = any(text.isdigit() for text in texts)
    return IdColumn(
        text_once=bool(numbers) and (digits_only or len(texts) > numbers),
        width=max((len(t) for t in texts if t.isdigit() and t.startswith("0")), default=0),
    )


def read_id(cell: Cell, column: IdColumn) -> str:
    """Read an id, or raise Damage if it cannot be certain."""
    check_whole(cell)
    check_half_width(cell)
    if cell.type is CellType.NUMBER:
        if column.text_once and not re.fullmatch("0+", cell.format):
            raise Damage(
                "cell.number-id",
                "本列其余编号是文本, 此格被 Excel 当成了数字: 设为文本后重填",
                "the column's other ids are text and this one became a number: retype it as text",
            )
        if not cell.text.isdigit():
            raise Damage(
                "cell.decimal-id",
                "编号被当作小数: 列设为文本后重填",
                "an id read as a decimal: format the column as text and retype it",
            )
    text = read_text(cell)
    if text.isdigit() and len(text) < column.width:
        raise _zeros_lost(f"{column.width} 位", f"{column.width} digits")
    return text


def _zeros_lost(zh: str, en: str) -> Damage:
    return Damage(
        "cell.leading-zero",
        f"应为 {zh}, 开头的 0 已丢失: 列设为文本后重填",
        f"expected {en}; its leading zeros are lost: format the column as text and retype it",
    )
