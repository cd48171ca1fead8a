"""Read codes, yes and no, and lists from a cell. Start at `read_code`.

A code may be written as itself, by its Chinese or English label, or as the national platform writes
it; everything else needs a line under `values` in the mapping.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.headers import key
from fenhe_protocol.code_tables import instrument_classes, subjects
from fenhe_protocol.schema_fields import Field

_YES = frozenset(map(key, ("是", "有", "已", "yes", "y", "true", "t", "1", "√", "✓")))
_NO = frozenset(map(key, ("否", "无", "未", "没有", "no", "n", "false", "f", "0", "×", "✗")))
_SEPARATORS = re.compile(r"[,，、;；|/\n]")
_SHOWN = 12


def read_code(text: str, field: Field) -> str | int:
    """Find the code that `text` means."""
    codes = _codes(field)
    if key(text) not in codes:
        labels = [label.zh for label in field.labels.values()] or list(map(str, codes.values()))
        english = [str(code) for code in field.labels] or labels
        raise Damage(
            "value.code",
            f"应为下列之一: {'、'.join(labels[:_SHOWN])}; 或在映射的 values 中写明含义",
            f"expected one of {', '.join(english[:_SHOWN])}; or translate it under `values`",
        )
    return codes[key(text)]


def _codes(field: Field) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for code in field.schema.get("enum", ()):
        label = field.labels.get(code)
        written = (str(code), label.zh, label.en, label.nrii) if label else (str(code),)
        found |= {key(text): code for text in written if text}
    return found


def read_boolean(text: str) -> bool:
    """Read 是 or 否 and what else people write for them."""
    if key(text) in _YES:
        return True
    if key(text) in _NO:
        return False
    raise Damage("value.boolean", "应为 是 或 否", "expected 是 (yes) or 否 (no)")


def read_tabled(text: str, field: Field) -> str:
    """Read a code of a table, written as the code or by its name where no other has that name."""
    names = _names(field.table)
    return names.get(key(text), text)


@cache
def _names(table: str) -> Mapping[str, str]:
    if table == "subjects":
        return {key(name): code for code, name in subjects().items()}
    if table != "instrument-classes":
        return {}
    # Only items, and only names that stand once: a name is no key (national-platform §1.9).
    items = [c for c in instrument_classes().values() if c.level == "item"]
    names = [key(item.name) for item in items]
    return {key(i.name): i.code for i in items if names.count(key(i.name)) == 1}


def parts(text: str, split: str) -> list[str]:
    """Take a list apart at `split` (any of its characters), or at commas, 、 and semicolons."""
    pattern = re.compile(f"[{re.escape(split)}]") if split else _SEPARATORS
    return [part.strip() for part in pattern.split(text) if part.strip()]


def read_charge(text: str) -> dict[str, Any]:
    """Read a unit of charge such as 元/30天 or 元/样 into charge_unit and charge_quantity."""
    written = re.sub(r"^元?\s*[/每]\s*", "", text.strip())
    found = re.fullmatch(r"(\d{0,9})\s*(\D.*)", written)
    unit = _CHARGES.get(key(found[2])) if found else None
    if not found or not unit:
        raise Damage(
            "value.charge",
            "应为计费单位, 如 元/小时, 元/样, 元/30天; 或在映射的 values 中写明含义",
            "expected a unit of charge like 元/小时 or 元/30天; or translate it under `values`",
        )
    return {"charge_unit": unit} | ({"charge_quantity": int(found[1])} if found[1] else {})


_CHARGES = {
    "小时": "hour",
    "时": "hour",
    "机时": "hour",
    "h": "hour",
    "hour": "hour",
    "分钟": "minute",
    "min": "minute",
    "天": "day",
    "日": "day",
    "day": "day",
    "样": "sample",
    "样品": "sample",
    "个样": "sample",
    "个样品": "sample",
    "sample": "sample",
    "元素": "element",
    "元素/样": "element",
    "组分/样": "component",
    "组分": "component",
    "组": "group",
    "板": "plate",
    "块板": "plate",
    "次": "time",
    "件": "item",
    "台": "item",
    "项": "item",
}
