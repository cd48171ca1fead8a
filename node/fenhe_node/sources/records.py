"""Records of a database or an interface as a sheet: one column a member, the first row its names.

Start at `records_sheet`. What JSON and databases know by its type keeps it: a number stays a number
that no spreadsheet has touched.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

from fenhe_client.sheets.numbers import decimal_text
from fenhe_client.sheets.sheet_bounds import MOST_CELLS
from fenhe_client.sheets.table import EMPTY, Cell, CellType, Row, Sheet
from fenhe_protocol.errors import InputError

MOST_RECORDS = 200_000
_LONGEST = 1024 * 1024  # characters of a value
_DEEPEST = 4  # objects inside objects

Record = Mapping[str, Any]


def records_sheet(
    where: str,
    name: str,
    records: Sequence[Record],
    key_of: Callable[[int, Record], str],
    columns: Sequence[str] = (),
) -> Sheet:
    """Make a sheet `name`; `key_of` tells what the source calls a record, `where` is for errors.

    `columns` are there even if there is no record.

    Objects inside become columns with dots in their names. InputError `source.size`.
    """
    if len(records) > MOST_RECORDS:
        raise _too_large(where, f"≤ {MOST_RECORDS} 条 records", str(len(records)))
    flat = [dict(_members(record, "", 1)) for record in records]
    headers = list(dict.fromkeys((*columns, *(name for members in flat for name in members))))
    if len(flat) * len(headers) > MOST_CELLS:
        raise _too_large(where, f"≤ {MOST_CELLS} 格 cells", f"{len(flat)} × {len(headers)}")
    rows = [Row(1, tuple(Cell(header, CellType.TEXT) for header in headers))]
    for number, members in enumerate(flat, start=1):
        cells = tuple(_cell(members.get(header), where) for header in headers)
        rows.append(Row(number + 1, cells, key=key_of(number, records[number - 1])))
    return Sheet(name, tuple(rows))


def json_list(raw: bytes, where: str) -> list[dict[str, Any]]:
    """Read a JSON list of objects; InputError `source.json`."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError("source.json", where=where, found=f"{type(error).__name__}") from error
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise InputError("source.json", where=where, expected="[{…}, …]")
    return value


def _members(record: Record, over: str, depth: int) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in record.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            found += _members(value, f"{over}{name}.", depth + 1)
        else:
            found.append((f"{over}{name}", value))
    return found


def _cell(value: Any, where: str) -> Cell:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE", CellType.BOOLEAN)
    if isinstance(value, datetime | date | time):
        return Cell(value.isoformat(), CellType.DATE)
    if isinstance(value, int | float | Decimal) and (number := _number(value)):
        return Cell(number, CellType.NUMBER)
    text = _text(value)
    if len(text) > _LONGEST:
        raise _too_large(where, f"≤ {_LONGEST} 字 characters", str(len(text)))
    return Cell(text, CellType.TEXT) if text.strip() else EMPTY


def _number(value: int | float | Decimal) -> str:
    """In plain decimals; empty for what is none, such as NaN."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return decimal_text(value) if isfinite(value) else ""
    return format(value.normalize(), "f") if value.is_finite() else ""


def _text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return str(value)


def _too_large(where: str, expected: str, found: str) -> InputError:
    return InputError("source.size", where=where, expected=expected, found=found)
