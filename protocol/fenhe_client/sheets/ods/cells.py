"""One cell of an .ods, by the type and value that its element names. Start at `cell`.

The value counts, not the text shown: 3.14159 shown as 3.14 is 3.14159, as in an .xlsx.
"""

import re
from datetime import datetime, timedelta

from fenhe_client.sheets.numbers import decimal_text
from fenhe_client.sheets.ods.xml import Attributes
from fenhe_client.sheets.table import EMPTY, Cell, CellType

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_DURATION = re.compile(r"(-?)PT(\d{1,7})H(\d{1,4})M(\d{1,4})(?:[.,]\d+)?S", re.ASCII)
_FRACTION = re.compile(r"[.,]\d+")
_ERROR = re.compile(r"#[A-Z/0!?]+|Err:\d{3}")
_NUMBERS = ("float", "percentage", "currency")
_NO_DATE = Cell("#####", CellType.ERROR)  # as Excel shows a serial outside its calendar


def cell(attributes: Attributes, shown: str, form: str) -> Cell:
    """Make the cell of its element's attributes, the text inside it and its number format."""
    kind = attributes.get("office:value-type", "")
    formula = "table:formula" in attributes
    if attributes.get("calcext:value-type") == "error" or (formula and _ERROR.fullmatch(shown)):
        return Cell(shown or "#ERROR", CellType.ERROR)
    if formula and not kind and not shown:
        return Cell("", CellType.FORMULA)
    if kind in _NUMBERS:
        return _number(attributes.get("office:value", ""), form)
    if kind == "date":
        return _date(attributes.get("office:date-value", ""), form)
    if kind == "time":
        return _time(attributes.get("office:time-value", ""), form)
    if kind == "boolean":
        true = attributes.get("office:boolean-value") == "true"
        return Cell("TRUE" if true else "FALSE", CellType.BOOLEAN)
    text = attributes.get("office:string-value") or shown
    return Cell(text, CellType.TEXT) if text else EMPTY


def _number(text: str, form: str) -> Cell:
    if not _NUMBER.fullmatch(text):
        return Cell("#VALUE!", CellType.ERROR)
    value = float(text)
    if value - value != 0:  # infinite
        return Cell("#NUM!", CellType.ERROR)
    return Cell(decimal_text(value), CellType.NUMBER, form)


def _date(text: str, form: str) -> Cell:
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    except ValueError:
        return _NO_DATE
    return Cell(moment.replace(tzinfo=None).isoformat(), CellType.DATE, form)


def _time(text: str, form: str) -> Cell:
    found = _DURATION.fullmatch(text)
    if found is None:
        return _NO_DATE
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4])
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if found[1] or span >= timedelta(days=1):
        return Cell(f"{found[1]}{span}", CellType.TEXT)  # a length of time, not one of day
    midnight = datetime(2000, 1, 1)  # noqa: DTZ001 only the time of day is taken
    return Cell((midnight + span).time().isoformat(), CellType.DATE, form)
