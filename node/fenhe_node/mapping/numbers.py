"""Read a number from a cell, exactly as written. Start at `read_integer`.

What is written decides: a number with its unit beside it (35万) is refused, because nobody can say
whether the column's unit was meant as well.
"""

import re
from decimal import Decimal

from fenhe_client.sheets.cells import Damage, check_digits, check_half_width
from fenhe_client.sheets.table import Cell, CellType
from fenhe_node.mapping.units import ENGLISH, convert, whole
from fenhe_protocol.privacy import WHAT, find_personal

_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_MOST_DIGITS = 22  # with the six of 万元 in 分 what Decimal reckons exactly: 28
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_WITH_UNIT = re.compile(r"[¥￥]?\s*([\d.,]+)\s*(万元|万|千元|亿元|亿|元整|元|小时|分钟|h|天|个)?")


def read_integer(cell: Cell, *, written: str, recorded: str, rounding: str) -> int:
    """Read a whole number in the unit `recorded` from one written in the unit `written`."""
    number = read_decimal(cell, written)
    value = whole(convert(number, written, recorded), rounding)
    if value is None:
        raise Damage(
            "value.fraction",
            f"换算成{recorded or '整数'}后不是整数: 改正, 或在映射中写 round: half_up",
            f"no whole number of {ENGLISH.get(recorded, 'units')}: mend it, or map it with"
            " round: half_up",
        )
    return value


def read_decimal(cell: Cell, unit: str) -> Decimal:
    """Read the number as written; a thousands comma is allowed, nothing else beside the digits."""
    if cell.type in (CellType.DATE, CellType.BOOLEAN):
        raise _not_a_number(cell, unit)
    check_digits(cell, number=True)
    check_half_width(cell)
    _check_percent(cell)
    text = cell.text.strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        raise _not_a_number(cell, unit)
    _check_person(text)
    if len(text.lstrip("+-0.").replace(".", "")) > _MOST_DIGITS:
        raise Damage(
            "value.number",
            f"应为数字, 不超过 {_MOST_DIGITS} 位",
            f"expected a number of at most {_MOST_DIGITS} digits",
        )
    return Decimal(text)


def _check_percent(cell: Cell) -> None:
    """Raise Damage for 0.35 that is shown as 35%: nobody can say which of them is meant."""
    if cell.type is CellType.NUMBER and "%" in cell.format:
        raise Damage(
            "cell.number-shown",
            "显示成百分数: 单元格改成数值格式, 写本列单位的数",
            "shown as a percentage: format the cell as a number, and write it in the column's unit",
        )


def _check_person(text: str) -> None:
    """Raise Damage for a telephone number that slipped into a column of numbers."""
    # Converted to another unit, nobody would find it again.
    for hit in find_personal({"number": text}):
        what = WHAT[hit.what]
        raise Damage(
            f"privacy.{hit.what}",
            f"这一列是数字, 填的是{what.zh}: 删去",
            f"{what.en} in a column of numbers: remove it",
            quote=False,
        )


def _not_a_number(cell: Cell, unit: str) -> Damage:
    zh, en = "应为数字", "expected a number"
    if unit:
        zh, en = f"{zh}, 单位{unit}", f"{en} in {ENGLISH.get(unit, unit)}"
    meant = _WITH_UNIT.fullmatch(cell.text.strip())
    if meant and (meant[2] or cell.text.strip()[0] in "¥￥"):
        named = meant[2] or "元"
        if unit and unit in (named, f"{named}元"):
            zh, en = f"{zh}: 写 {meant[1]}", f"{en}: write {meant[1]}"
        else:
            zh, en = f"{zh}, 不写单位", f"{en} without its unit"
    return Damage("value.number", zh, en)
