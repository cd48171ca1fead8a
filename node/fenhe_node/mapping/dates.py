"""Read a date or a moment from a cell. Start at `read_date`.

Refused: a bare serial (42370), which Excel leaves where the date format got lost; a year without a
day, typed or shown; two-digit years; and 1899 and 1900, which are what Excel makes of an empty or a
small number.
"""

import re
from datetime import date, datetime

from fenhe_node.sources.cells import Damage, check_half_width
from fenhe_node.sources.formats import hides_part_of_date
from fenhe_node.sources.table import Cell, CellType

_DAY = re.compile(r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_COMPACT = re.compile(r"([12]\d{3})(\d{2})(\d{2})")
_CLOCK = re.compile(r"\s*[T\s]\s*(\d{1,2})(?:[:时](\d{1,2})分?(?::(\d{1,2})(?:\.\d+)?)?)?时?")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_FIRST_YEAR = 1901
_EXAMPLE = date(2016, 1, 31)


def read_date(cell: Cell, form: str) -> str:
    """Read a date as ISO text; `form` is the strptime format of the column, if it has one."""
    return _moment(cell, form).date().isoformat()


def read_hour(cell: Cell, form: str, offset: str = "+08:00") -> str:
    """Read a moment to the hour, which is as near as records tell (minutes and seconds 00)."""
    moment = _moment(cell, form)
    return f"{moment:%Y-%m-%dT%H}:00:00{offset}"


def _moment(cell: Cell, form: str) -> datetime:
    moment = _from_cell(cell) if cell.type is CellType.DATE else _from_text(cell, form)
    _check_year(moment.year)
    if cell.type is CellType.DATE and hides_part_of_date(cell.format):
        raise Damage(
            "cell.date-part",
            "只显示了一部分日期, 其余是 Excel 补的: 列设为文本后写全年月日, 如 2016-01-31",
            "shows no whole date, and what it does not show was filled in by Excel: format the"
            " column as text and write year, month and day, like 2016-01-31",
        )
    return moment


def _check_year(year: int) -> None:
    if year < _FIRST_YEAR:
        raise Damage(
            "cell.date-1900",
            "1899/1900 年是 Excel 由空值或序号误成的: 填真实日期",
            "1899 and 1900 are what Excel makes of nothing: fill in the true date",
        )


def _from_cell(cell: Cell) -> datetime:
    try:
        return datetime.fromisoformat(cell.text)
    except ValueError:  # a time of day without a date
        raise _no_date() from None


def _from_text(cell: Cell, form: str) -> datetime:
    check_half_width(cell)
    text = " ".join(cell.text.split())
    if form:
        return _by_form(text, form)
    if _SERIAL.fullmatch(text):
        raise Damage(
            "cell.date-serial",
            f"日期变成了 Excel 序号 {text}: 列设为日期格式后重新导出",
            "a date that became Excel's serial number: give the column a date format, export again",
        )
    day = _DAY.match(text)
    if day:
        return _made((day[1], day[3], day[4]), text[day.end() :])
    compact = _COMPACT.match(text)
    if compact:
        return _made((compact[1], compact[2], compact[3]), text[compact.end() :])
    raise _no_date()


def is_form(form: str) -> bool:
    """Whether dates can be written and read in this format of strptime."""
    try:
        datetime.strptime(_EXAMPLE.strftime(form), form)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return True


def _by_form(text: str, form: str) -> datetime:
    try:
        # A date carries no zone; the hour's offset is written beside it.
        return datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        example = _EXAMPLE.strftime(form)
        raise Damage(
            "value.date", f"应为日期, 如 {example}", f"expected a date like {example}"
        ) from None


def _made(day: tuple[str, str, str], rest: str) -> datetime:
    clock = _CLOCK.fullmatch(rest) if rest.strip() else None
    if rest.strip() and not clock:
        raise _no_date()
    _check_year(int(day[0]))  # 1900-01-00 is no day at all
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        return datetime(int(day[0]), int(day[1]), int(day[2]), hour, minute, second)  # noqa: DTZ001
    except ValueError:
        raise Damage("value.date", "没有这一天或这一刻", "there is no such day or time") from None


def _no_date() -> Damage:
    return Damage(
        "value.date",
        "应为日期, 写全年月日, 如 2016-01-31",
        "expected a date with year, month and day, like 2016-01-31",
    )
