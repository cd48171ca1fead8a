"""The JSON text of a call of `instruInfo` as rows under their names. Start at `read_list`.

Some senders write an array, some one object a call, some an array without its brackets
(national-platform.md §1.1). Names differ in case, and a few are misspelt in the norm itself.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fenhe_client.sheets.table import EMPTY, Cell, CellType, Row, Sheet
from fenhe_protocol.errors import InputError

MOST_RECORDS = 5000  # in one call
_TRUE, _FALSE = Cell("是", CellType.TEXT), Cell("否", CellType.TEXT)
# As the norm's definitions and its senders spell them.
_SPELT = {
    "applicatphone": "applicantPhone",
    "applicatemail": "applicantEmail",
    "applicatunit": "applicantUnit",
    "addresstype": "adressType",
}
_COUNTED = re.compile(r"(\d+)(?:\.0+)?\s*(?:[篇个部份件项条次]|人次|人/次)?")
_COUNTS = ("thesis", "book", "report", "patent", "output", "achievements", "user")
_GRADES = ("非常满意", "基本满意", "一般", "不满意", "极差")


class NotJson(InputError):
    """The whole text cannot be read."""


class NotRecords(InputError):
    """It can be read, and is no record or list of records with plain values."""


def read_list(text: str) -> list[dict[str, str | bool | None]]:
    """Read the records of a call, numbers as they are written; NotJson or NotRecords."""
    value = _parsed(text)
    records = value if isinstance(value, list) else [value]
    if not records or not all(isinstance(record, dict) for record in records):
        raise NotRecords("soap.records", expected='{"innerId": …}')
    if len(records) > MOST_RECORDS:
        raise InputError("soap.many", expected=f"≤ {MOST_RECORDS}", found=str(len(records)))
    return [{name: _plain(name, each) for name, each in record.items()} for record in records]


def _parsed(text: str) -> Any:
    for each in (text, f"[{text}]"):
        try:
            return json.loads(each, parse_int=str, parse_float=str, parse_constant=_no_number)
        except (ValueError, RecursionError):
            continue
    raise NotJson("soap.json", expected="JSON")


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _plain(name: str, value: Any) -> str | bool | None:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    if value is None or isinstance(value, str | bool):
        return value
    raise NotRecords("soap.value", where=name, expected="text, number", found=type(value).__name__)


def spelled(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Give a record with its names as we spell them, `names` being all that are known."""
    known = {name.lower(): name for name in names} | _SPELT
    return {known.get(name.lower(), name): value for name, value in record.items()}


def sheet_of(
    record: Mapping[str, Any], names: Sequence[str], *, sheet: str, row: int, key: str
) -> Sheet:
    """Lay a record out under `names`: one row of headers and one of values."""
    sorted_out = _sorted_out(record)
    cells = tuple(_cell(sorted_out.get(name)) for name in names)
    heads = tuple(Cell(name, CellType.TEXT) for name in names)
    return Sheet(sheet, (Row(1, heads), Row(row, cells, key=key)))


def _cell(value: Any) -> Cell:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return Cell(value, CellType.TEXT)


def _sorted_out(record: Mapping[str, Any]) -> dict[str, Any]:
    """Put a text where it can stand: a count without its measure word, a grade without remarks."""
    found = dict(record)
    for name in _COUNTS:
        text = str(found.get(name) or "").strip()
        counted = _COUNTED.fullmatch(text)
        if text:
            found[name], found[f"{name}#"] = (counted[1], "") if counted else ("", text)
    comment = str(found.get("comment") or "").strip()
    if comment and comment not in _GRADES:
        grade = next((each for each in _GRADES if comment.startswith(each)), "")
        found["comment"], found["comment#"] = grade, comment
    if ways := re.split(r"[,，、]", str(found.get("serviceWay") or "")):
        found["serviceWay"] = ways[0]  # ours has one; the first is the one that they count by
    return found
