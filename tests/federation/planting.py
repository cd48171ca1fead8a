"""Invented persons, and lists with one of them in every field. Nothing here exists.

Every number, mail and name bears a mark that `scanning` finds again in whatever form it got away.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import count, product
from pathlib import Path
from typing import Any

import yaml

from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field
from tests.node.lists import write_xlsx

SENT = {"pub", "hub"}
EXAMPLES = Path(__file__).resolve().parents[2] / "schemas" / "examples"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def mobile(number: int) -> str:
    return f"1397654{number:04}"


def id_number(number: int) -> str:
    """Eighteen digits with a good check character, of somebody born in 1949."""
    first = f"14010519491231{number % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


def mail(number: int) -> str:
    return f"lisi7{number:04}@163.com"


def name(number: int) -> str:
    return "诸葛示例" + "甲乙丙丁戊己庚辛壬癸"[number % 10]


def wide(text: str) -> str:
    """The same in full-width signs."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def spellings(number: int) -> Iterator[str]:
    """Everything personal of one person, each as people write it."""
    digits = mobile(number)
    yield digits
    yield f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    yield f"电话{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    yield f"+86{digits}"
    yield f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}"
    yield f"(0086){digits[:3]}-{digits[3:]}"
    yield wide(digits)
    yield wide(f"{digits[:3]}-{digits[3:7]}-{digits[7:]}")
    yield digits[:3] + "\u200b" + digits[3:]
    yield f"0{digits}"
    yield f"{digits[:3]} - {digits[3:7]} - {digits[7:]}"
    yield id_number(number)
    yield f"身份证号：{id_number(number)}，"
    yield wide(id_number(number))
    yield f"{id_number(number)[:6]} {id_number(number)[6:14]} {id_number(number)[14:]}"
    yield f"{id_number(number)[:6]} {id_number(number)[6:10]} {id_number(number)[10:]}"
    yield mail(number)
    yield f"邮箱 {mail(number).upper()}。"
    yield wide(mail(number))
    yield f"zhangsan7{number:04}@u1.example"


SPELLINGS = sum(1 for _ in spellings(0))

LEAST: Mapping[str, Mapping[str, str]] = {
    "instrument": {"name_zh": "示例仪器", "status": "正常"},
    "fee_standard": {"name_zh": "示例标准", "lines.item": "测定", "lines.charge_unit": "元/样"},
    "service_record": {
        "instrument": "clean-0",
        "started_at": "2026-11-02 09:00",
        "ended_at": "2026-11-02 11:00",
        "effective_minutes": "110",
    },
    "usage_summary": {"instrument": "clean-0", "period": "2026-Q3", "nil_report": "是"},
}
"""What the least good row of each kind says beside its id."""

CLEAN = 3  # good rows in every list


def columns(kind: str, schemas: SchemaSet) -> list[str]:
    """Every path that a column of this kind can be read into and that leaves the unit."""
    paths = [path for field in schemas.kind(kind).own_fields for path in _paths(field)]
    return ["id", *paths, "ext.pub.note", *(["ext.hub.note"] if kind != "service_record" else [])]


def _paths(field: Field) -> Iterator[str]:
    for leaf in field.leaves:
        if not SENT & set(leaf.tiers):
            continue
        if leaf.item is None or leaf.item.type != "object":
            yield leaf.path
        elif leaf.path == "lines":
            yield from (f"lines.{path}" for path in ("item", "note", "charge_unit"))


def write_list(folder: Path, kind: str, schemas: SchemaSet, numbers: Iterator[int]) -> list[Path]:
    """A workbook with every spelling in every column, one each row, and its mapping."""
    paths = columns(kind, schemas)
    rows = [{"id": f"clean-{number}"} for number in range(CLEAN)]
    for path, place in product(paths, range(SPELLINGS)):
        number = next(numbers)
        text = list(spellings(number))[place]
        rows.append({"id": f"{kind}-{number}"} | {path: text})
    headers = [f"列 {path}" for path in paths]
    table = [[row.get(path, LEAST[kind].get(path, "")) for path in paths] for row in rows]
    mapping = folder / f"{kind}.yaml"
    spec = {"kind": kind, "columns": dict(zip(headers, paths, strict=True))}
    mapping.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    return [write_xlsx(folder / f"{kind}.xlsx", [headers, *table]), mapping]


PERSON_HEADERS = ("联系人", "负责人", "保管人", "手机", "联系电话", "电子邮箱", "身份证号")


def write_register(path: Path, numbers: Iterator[int]) -> Path:
    """A register as units keep it: persons in columns of their own, and named in free text once."""
    rows: list[list[str]] = [["设备编号", "设备名称", "状态", "服务内容", *PERSON_HEADERS]]
    for row in range(10):
        n = next(numbers)
        persons = [name(row), name(row + 1), name(row + 2), mobile(n), mobile(n + 1), mail(n)]
        rows.append([f"R-{row}", "天平", "正常", "称量", *persons, id_number(n)])
    rows.append(["R-10", "天平", "正常", f"找{name(3)}老师预约", *[""] * len(PERSON_HEADERS)])
    return write_xlsx(path, rows)


def write_notes(path: Path) -> Path:
    """Another list, without persons' columns, in whose free text those of the register stand."""
    rows = [["设备编号", "设备名称", "状态", "服务内容"], ["N-0", "天平", "正常", "称量"]]
    rows += [[f"N-{n}", "天平", "正常", f"请找{name(n)}老师"] for n in range(1, 10)]
    return write_xlsx(path, rows)


def numbered() -> Iterator[int]:
    """Numbers of persons."""
    return count(1)


def planted_examples(schemas: SchemaSet, unit: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(kind, tier, body) for every text of every full example of a unit's kinds, one planted."""
    numbers = numbered()
    for path in sorted(EXAMPLES.glob("*.json")):
        kind = path.stem
        if schemas.kind(kind).log == "fed":
            continue
        for tier, examples in json.loads(path.read_text("utf-8")).items():
            if tier not in SENT:
                continue
            body = examples["full"] | {"unit": unit}
            for place in _texts_of(body):
                number = next(numbers)
                text = list(spellings(number))[number % SPELLINGS]
                yield kind, tier, _put(body | {"id": f"{kind}-{number}"}, place, text)


def _texts_of(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str) and place[0] not in ("unit", "kind"):
        yield place
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in items:
            yield from _texts_of(inner, (*place, step))


def _put(body: dict[str, Any], place: tuple[str | int, ...], text: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(body))
    holder: Any = copy
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = text
    return copy
