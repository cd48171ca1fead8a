"""A record as the texts of a form and back: nothing is lost on the way. Pure.

`texts_of` takes a record apart into texts by path (`lines[0].item`), `read` puts such texts
together and says where one cannot be what its field is. An empty text is a field that is not there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from fenhe_protocol.encoding import format_time
from fenhe_protocol.schema_fields import Field, KindSchema

Texts = Mapping[str, Sequence[str]]
FEN = "分"
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_ROW = re.compile("0|[1-9][0-9]{0,4}")  # MOST_FIELDS of a form has five digits
_ABSENT = object()


@dataclass
class Read:
    """What the texts say, and by path what is wrong with one of them."""

    record: dict[str, Any]
    problems: dict[str, list[str]] = field(default_factory=dict)


def editable(kind: KindSchema) -> list[Field]:
    """The fields that a form shows: all of the kind's own."""
    return [f for f in kind.own_fields if f.type != "extension" and "const" not in f.schema]


def texts_of(kind: KindSchema, record: Mapping[str, Any], offset: str) -> dict[str, list[str]]:
    """All texts of a record; `offset` is the unit's, as `+08:00`."""
    texts: dict[str, list[str]] = {}
    for each in editable(kind):
        if each.name in record:
            _take_apart(each, each.name, record[each.name], offset, texts)
    return texts


def read(kind: KindSchema, texts: Texts, base: Mapping[str, Any], offset: str) -> Read:
    """Put a record together on its envelope and what no form shows, which `base` has."""
    shown = {each.name for each in editable(kind)}
    found = Read({name: value for name, value in base.items() if name not in shown})
    for each in editable(kind):
        value = _put_together(each, each.name, texts, offset, found.problems)
        if value is not _ABSENT:
            found.record[each.name] = value
    return found


def read_field(field: Field, texts: Texts, offset: str) -> tuple[Any, dict[str, list[str]]]:
    """One field alone, None where it is empty; and what is wrong."""
    problems: dict[str, list[str]] = {}
    value = _put_together(field, field.name, texts, offset, problems)
    return (None if value is _ABSENT else value), problems


def rows_of(texts: Texts, path: str) -> list[int]:
    """The numbers of the rows of a list of objects that the texts name, in their order."""
    begin = f"{path}["
    named = {name[len(begin) :].partition("]")[0] for name in texts if name.startswith(begin)}
    return sorted(int(number) for number in named if _ROW.fullmatch(number))


def _take_apart(
    field: Field, path: str, value: Any, offset: str, texts: dict[str, list[str]]
) -> None:
    if field.type == "object":
        _members_apart(field.members, path, value, offset, texts)
    elif field.item is not None and field.item.members:
        for number, row in enumerate(value):
            _members_apart(field.item.members, f"{path}[{number}]", row, offset, texts)
    elif field.item is not None:
        texts[path] = [_text(field.item, item, offset) for item in value]
    else:
        texts[path] = [_text(field, value, offset)]


def _members_apart(
    members: Sequence[Field],
    path: str,
    value: Mapping[str, Any],
    offset: str,
    texts: dict[str, list[str]],
) -> None:
    for member in members:
        if member.name in value:
            _take_apart(member, f"{path}.{member.name}", value[member.name], offset, texts)


def _text(field: Field, value: Any, offset: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.unit_zh == FEN and isinstance(value, int):
        return f"{Decimal(value) / 100:.2f}"
    if field.type == "time":
        return str(value).removesuffix(offset)
    return str(value)


def _put_together(
    field: Field, path: str, texts: Texts, offset: str, problems: dict[str, list[str]]
) -> Any:
    if field.type == "object":
        value = dict(_members(field.members, path, texts, offset, problems))
        return value or _ABSENT
    if field.item is not None and field.item.members:
        rows = [
            dict(_members(field.item.members, f"{path}[{number}]", texts, offset, problems))
            for number in rows_of(texts, path)
        ]
        return [row for row in rows if row] or _ABSENT
    given = [text.strip() for text in texts.get(path, ())]
    if field.item is not None:
        lines = [line.strip() for text in given for line in text.splitlines() if line.strip()]
        return [_value(field.item, path, line, offset, problems) for line in lines] or _ABSENT
    text = given[0] if given else ""
    return _value(field, path, text, offset, problems) if text else _ABSENT


def _members(
    members: Sequence[Field],
    path: str,
    texts: Texts,
    offset: str,
    problems: dict[str, list[str]],
) -> Iterator[tuple[str, Any]]:
    for member in members:
        value = _put_together(member, f"{path}.{member.name}", texts, offset, problems)
        if value is not _ABSENT:
            yield member.name, value


def _value(field: Field, path: str, text: str, offset: str, problems: dict[str, list[str]]) -> Any:
    if field.type == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if field.type == "integer" or (field.labels and isinstance(next(iter(field.labels)), int)):
        return _number(field, path, text, problems)
    if field.type == "time" and _LOCAL.fullmatch(text):
        return (text if len(text) > 16 else f"{text}:00") + offset
    if field.table:
        return text.split()[0]  # `040102 扫描电子显微镜`, as it is suggested
    return text.replace("\r\n", "\n")


def _number(field: Field, path: str, text: str, problems: dict[str, list[str]]) -> Any:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
        if field.unit_zh == FEN:
            number *= 100
        if number != number.to_integral_value() or abs(number) > 2**53 - 1:
            raise InvalidOperation
        return int(number)
    except (InvalidOperation, ValueError):
        what = "元，最多两位小数，如 300 或 300.50" if field.unit_zh == FEN else "整数，如 300"
        problems.setdefault(path, []).append(f"应为{what}")
        return text


def offset_text(minutes: int) -> str:
    """480 -> `+08:00`."""
    return format_time(0, minutes)[19:]
