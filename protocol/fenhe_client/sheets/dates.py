"""Read a date or a moment from a cell. Start at `read_date`.

Refused: a bare serial (42370), which Excel leaves where the date format got lost; a year without a
day, typed or shown; two-digit years; and 1899 and 1900, which are what Excel makes of an empty or a
small number.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from fenhe_client.sheets.cells import Damage, check_half_width
from fenhe_client.sheets.formats import hides_part_of_date
from fenhe_client.sheets.table import Cell, CellType

_DAY = re.compile(r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_COMPACT = re.compile(r"([12]\d{3})(\d{2})(\d{2})")
_CLOCK = re.compile(
    r"\s*[T\s]\s*(?P<noon>上午|下午)?\s*"
    r"(?P<h>\d{1,2})(?:[:时](?P<m>\d{1,2})分?(?::(?P<s>\d{1,2})(?:\.\d+)?)?)?时?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_FIRST_YEAR = 1901
_EXAMPLE = date(2016, 1, 31)
_UNIX = re.compile(r"[1-9]\d{8,9}")
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})")
UNIX = "unix"  # the format of moments written as seconds since 1970
HERE = timezone(timedelta(hours=8))  # China has one time


def read_date(cell: Cell, form: str) -> str:
    """Read a date as ISO text; `form` is the strptime format of the column, if it has one."""
    return read_moment(cell, form).date().isoformat()


def read_hour(cell: Cell, form: str, zone: str = "") -> str:
    """Read a moment to the hour, which is as near as records tell (minutes and seconds 00)."""
    moment = read_moment(cell, form, zone)
    return f"{moment:%Y-%m-%dT%H}:00:00+08:00"


def read_moment(cell: Cell, form: str, zone: str = "") -> datetime:
    """Read a moment in Chinese time; `zone` is that of moments written without one."""
    moment = _from_cell(cell) if cell.type is CellType.DATE else _from_text(cell, form)
    _check_year(moment.year)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=offset_of(zone))
    try:
        moment = moment.astimezone(HERE)
    except OverflowError:
        raise _no_date() from None
    if cell.type is CellType.DATE and hides_part_of_date(cell.format):
        raise Damage(
            "cell.date-part",
            "只显示了一部分日期, 其余是 Excel 补的: 列设为文本后写全年月日, 如 2016-01-31",
            "shows no whole date, and what it does not show was filled in by Excel: format the"
            " column as text and write year, month and day, like 2016-01-31",
        )
    return moment


def offset_of(zone: str) -> timezone:
    """The zone named UTC, Z or +08:00; Chinese time if it is empty. ValueError."""
    if zone in ("", "+08:00"):
        return HERE
    if zone in ("UTC", "Z"):
        return UTC
    found = _ZONE.fullmatch(zone)
    if found is None:
        raise ValueError(zone)
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-span if found[1] == "-" else span)


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
    if form == UNIX:
        return _by_seconds(text)
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
    """Whether dates can be written and read in this format of strptime, or it is `unix`."""
    if form == UNIX:
        return True
    try:
        datetime.strptime(_EXAMPLE.strftime(form), form)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return True


def _by_seconds(text: str) -> datetime:
    if not _UNIX.fullmatch(text):
        raise Damage(
            "value.date",
            "应为 1970 年起的秒数, 如 1454198400",
            "expected the seconds since 1970, like 1454198400",
        )
    return datetime.fromtimestamp(int(text), UTC)


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
    named = clock.groupdict() if clock else {}
    try:
        hour, minute, second = _hour(named), int(named.get("m") or 0), int(named.get("s") or 0)
        zone = offset_of(named["zone"]) if named.get("zone") else None
        year, month, date = map(int, day)
        return datetime(year, month, date, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise Damage("value.date", "没有这一天或这一刻", "there is no such day or time") from None


def _hour(named: dict[str, str | None]) -> int:
    """The hour of 24; 下午 2 and 2 PM are 14. ValueError for 下午 14 and 0 AM."""
    hour, half = int(named.get("h") or 0), (named.get("half") or "").lower()
    if not half and not named.get("noon"):
        return hour
    if (half and named.get("noon")) or not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half == "pm" or named.get("noon") == "下午" else 0)


def _no_date() -> Damage:
    return Damage(
        "value.date",
        "应为日期, 写全年月日, 如 2016-01-31",
        "expected a date with year, month and day, like 2016-01-31",
    )
