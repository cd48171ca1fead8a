"""Suggest a mapping from the headers and a look at the values. Start at `suggest`.

What is not certain is not guessed: a value whose header names no unit (元, 万元) is left out and
the column's line says why, so that the unit decides it once, in the mapping.
"""

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cache
from typing import Any

from fenhe_client.sheets.headers import Header, key, speaks_of_person
from fenhe_node.mapping.model import ColumnRule, Mapping, target, tier_of
from fenhe_node.mapping.synonyms import ROW_NUMBERS, SYNONYMS
from fenhe_node.mapping.units import unit_in
from fenhe_node.mapping.value_words import VALUE_WORDS
from fenhe_protocol.schema_fields import Field, KindSchema

KINDS = (
    *("instrument", "service_record", "fee_standard", "unit", "centre", "installation"),
    *("service_unit", "base", "platform", "platform_resource", "purchase_plan", "outcome"),
    *("unit_year", "notice_reply", "feedback_reply"),
)
"""What units import, the likeliest first; the rest is computed or a hub's."""
_OF_FACILITY = "所属科研设施内部编号"  # device.xls lists the instruments of its facilities

_NAMED_BY_UNIT, _BARE_NUMBER = "所在单位仪器编号", "仪器编号"
_THRESHOLD = re.compile(r"\d+\s*万元")  # 50 万元及以上 names no unit of the column
_MOBILE = "contact_person.phone"
_PRICE_FIELDS = (
    *("lines.internal_fen", "lines.external_fen", "lines.small_firm_fen", "amount_fen"),
    *(f"lines.cost_basis.{what}_fen" for what in ("materials", "utilities", "labour", "other")),
)
_UNSURE_UNIT = (
    "表头没有写明单位 (元/万元, 小时/分钟), 没有读: 在表头或映射中写明;"
    " the header names no unit: not read"
)


@dataclass(frozen=True)
class Columns:
    """The headers of a sheet and the distinct texts under each, by column."""

    headers: tuple[Header, ...]
    texts: Dict[int, frozenset[str]]


@cache
def known_headers(kind: KindSchema) -> frozenset[str]:
    """Give the keys of all headers that are understood for a kind."""
    return frozenset(word for _, words in _known(kind) for word in words)


@cache
def _known(kind: KindSchema) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every path with the keys of its headers, what people write first."""
    named = (*SYNONYMS.get(kind.kind, ()), *titled(kind))
    return tuple((path, tuple(map(key, words))) for path, words in named)


def assign(columns: Columns, kind: KindSchema) -> dict[int, str]:
    """Decide which column becomes which field: column → path."""
    free = {key(header.base): header.column for header in reversed(columns.headers)}
    assigned: dict[int, str] = {}
    for path, words in _known(kind):
        word = next((word for word in words if word in free), None)
        if word is not None and path not in assigned.values():
            assigned[free.pop(word)] = path
        if path == "id" and word == key(_NAMED_BY_UNIT) and key(_BARE_NUMBER) in free:
            # The template's first column is the platform's number, its second the unit's own.
            assigned[free.pop(key(_BARE_NUMBER))] = "nrii_no"
    return {column: path for column, path in assigned.items() if _exists(kind, path)}


def suggest(columns: Columns, kind: KindSchema, *, sheet: str = "") -> Mapping:
    """Suggest a mapping; every header gets a line, taken or not."""
    assigned = assign(columns, kind)
    named = {header.column: header.name for header in columns.headers}
    alike = {path: named[column] for column, path in assigned.items()}
    rules = tuple(
        _rule(h, assigned[h.column], columns, kind)
        if h.column in assigned
        else ColumnRule(h.name, ignore=_why_not(h, alike, kind))
        for h in columns.headers
    )
    taken = {path for rule in rules for path in rule.fields}
    fixed: dict[str, object] = {}
    if "status" not in taken and _is_normal_by_default(kind):
        fixed["status"] = "normal"
    if "carrier.id" in taken and any(h.base == _OF_FACILITY for h in columns.headers):
        fixed["carrier.type"] = "installation"
    if kind.kind == "service_record" and "capture" not in taken:
        fixed["capture"] = "imported"
    persons = tuple(
        header.name
        for header, rule in zip(columns.headers, rules, strict=True)
        if _is_person(header, rule, kind)
    )
    return Mapping(kind.kind, rules, fixed, sheet=sheet, persons=persons)


def _rule(header: Header, path: str, columns: Columns, kind: KindSchema) -> ColumnRule:
    texts = columns.texts.get(header.column, frozenset())
    if path == "photo" and not all(text.startswith("http") for text in texts):
        return ColumnRule(header.name, ignore="是文件名, 不是网址; a file name, not an address")
    unit = _unit(header, path, kind)
    if unit is None:
        return ColumnRule(header.name, ignore=_UNSURE_UNIT)
    return ColumnRule(
        header.name,
        (path,),
        values=_translated(texts, VALUE_WORDS.get((kind.kind, path), {})),
        unit=unit,
        round=rounding(unit, path),
        mobile=_MOBILE if path == "service_office.landline" and _exists(kind, _MOBILE) else "",
    )


def rounding(unit: str, path: str) -> str:
    """How numbers written in this unit become whole ones of the field; "": not at all."""
    # By the contract's own words fen are rounded to whole yuan, and hours to minutes.
    return "half_up" if unit == "小时" or (unit == "元" and path == "value_yuan") else ""


def _why_not(header: Header, alike: Dict[str, str], kind: KindSchema) -> str:
    if key(header.base) in ROW_NUMBERS:
        return "行号; a row number"
    if speaks_of_person(header):
        return "个人信息: 不读取; about a person: not read"
    for path, words in SYNONYMS.get(kind.kind, ()):
        if path in alike and key(header.base) in map(key, words):
            return f"与“{alike[path]}”同义, 只认一列: 在映射中选定; means the same as that column"
    return "没有对应的字段: 不读取; no field for it: not read"


def _unit(header: Header, path: str, kind: KindSchema) -> str | None:
    """Give the unit of the numbers under a header; None where it must be known and is not."""
    field = target(kind, path)
    if field is None or field.type != "integer" or field.unit_zh not in ("元", "分", "分钟"):
        return ""
    named = unit_in(header.guidance) or unit_in(_THRESHOLD.sub("", header.text))
    if named:
        return named
    if path in _PRICE_FIELDS:
        return "元"
    return "小时" if field.unit_zh == "分钟" and "机时" in header.base else None


def _translated(texts: frozenset[str], words: Dict[str, Any]) -> dict[str, Any]:
    return {text: words[text] for text in sorted(texts) if text in words}


def _is_person(header: Header, rule: ColumnRule, kind: KindSchema) -> bool:
    if rule.fields:
        return all(tier_of(kind, path) == "node" or path == "applicant" for path in rule.fields)
    return speaks_of_person(header)


def _exists(kind: KindSchema, path: str) -> bool:
    try:
        target(kind, path)
    except KeyError:
        return False
    return True


def _is_normal_by_default(kind: KindSchema) -> bool:
    """Whether its records have a state of running: the national forms do not ask for it."""
    return "status" in kind.schema["required"] and "normal" in kind.field("status").labels


def titled(kind: KindSchema) -> list[tuple[str, tuple[str, ...]]]:
    """Give every field by its title (安放地址-省 further down) and by its path."""
    return [named for field in kind.own_fields for named in _named(field, "")]


def _named(field: Field, over: str) -> list[tuple[str, tuple[str, ...]]]:
    title = f"{over}{field.title_zh}"
    if field.members:
        return [named for member in field.members for named in _named(member, f"{title}-")]
    # Price lines take a row each (SYNONYMS); a shorter list of objects stands in one cell.
    left_out = field.path == "lines" or field.type == "extension"
    return [] if left_out else [(field.path, (title, field.path))]
