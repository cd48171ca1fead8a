"""The form of a record, made of its schema: one control for each field, nested ones nested. Pure.

Start at `controls`. A new field of the contract stands in the form by itself, with its tier beside.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fenhe_client.sheets.problems import Problem
from fenhe_node.console.record_fields import FEN, Texts, editable, rows_of
from fenhe_protocol.schema_fields import Field, KindSchema

Shape = Literal[
    "text", "long", "lines", "number", "money", "date", "time",
    "select", "checks", "table", "group", "rows",
]  # fmt: skip
NAME = "f:"
"""Before a path, in the name of its input."""
TIERS = {
    "pub": ("公开", "public"),
    "hub": ("只给省平台", "hub only"),
    "nat": ("密封上报", "sealed"),
    "node": ("不外传", "stays here"),
}
_LONG = 300  # characters above which a text has several lines
_MOST_TABLE = 4  # inputs for a list of codes


@dataclass(frozen=True)
class Control:
    """One field: how it is asked for, what stands in it, what is wrong with it."""

    path: str
    shape: Shape
    title: str
    title_en: str
    note: str
    required: bool
    tier: str  # of the top level alone: pub, hub, nat, node
    values: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    table: str = ""
    problems: Sequence[str] = ()
    parts: Sequence[Sequence["Control"]] = ()
    filled: bool = False

    @property
    def name(self) -> str:
        """Of its input."""
        return NAME + self.path

    @property
    def value(self) -> str:
        """The only one."""
        return self.values[0] if self.values else ""

    @property
    def tier_zh(self) -> str:
        """Who will see it."""
        return TIERS[self.tier][0] if self.tier in TIERS else ""


@dataclass(frozen=True)
class Given:
    """The texts that stand in the form, and what is wrong, by path."""

    texts: Texts
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)


def controls(kind: KindSchema, given: Given) -> list[Control]:
    """All fields of a kind in the order of the contract."""
    return [control(each, given) for each in editable(kind)]


def control(field: Field, given: Given) -> Control:
    """One field of the top level alone."""
    tiers = [tier for tier in TIERS if tier in field.tiers]
    return _control(field, field.name, given, tiers[0] if tiers else "")


def problems_by_path(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """What to say beside each control."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(problem.expected_zh)
    return found


def unplaced(shown: Sequence[Control], problems: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong with what no control stands for: it must be said all the same."""
    there = {each.path for each in _walk(shown)}
    return [
        f"{path}: {text}" for path, texts in problems.items() if path not in there for text in texts
    ]


def tables_in(shown: Sequence[Control]) -> set[str]:
    """The code tables that the form suggests from."""
    return {each.table for each in _walk(shown) if each.table}


def _walk(shown: Sequence[Control]) -> Iterator[Control]:
    for each in shown:
        yield each
        for part in each.parts:
            yield from _walk(part)


def _control(field: Field, path: str, given: Given, tier: str = "") -> Control:
    shape = _shape(field, given.texts.get(path, ()))
    parts = list(_parts(field, path, given))
    values = list(given.texts.get(path, ()))
    if shape == "lines":
        values = ["\n".join(values)]
    return Control(
        path=path,
        shape=shape,
        title=field.title_zh or field.name,
        title_en=field.title_en,
        note=_note(field, shape),
        required=field.required,
        tier=tier,
        values=values + [""] * (_slots(field) - len(values) if shape == "table" else 0),
        options=_options(field, shape),
        table=field.table or (field.item.table if field.item else ""),
        problems=_wrong(path, given.problems, bool(parts)),
        parts=parts,
        filled=any(
            text for name, texts in given.texts.items() if _within(name, path) for text in texts
        ),
    )


def _within(name: str, path: str) -> bool:
    return name == path or name.startswith((f"{path}.", f"{path}["))


def _wrong(path: str, problems: Mapping[str, Sequence[str]], is_group: bool) -> list[str]:
    """Those of this path; of a list of values those of its items too."""
    return [
        text
        for at, texts in problems.items()
        if at == path or (not is_group and at.startswith(f"{path}["))
        for text in texts
    ]


def _parts(field: Field, path: str, given: Given) -> Iterator[list[Control]]:
    if field.type == "object":
        yield [_control(member, f"{path}.{member.name}", given) for member in field.members]
    elif field.item is not None and field.item.members:
        most = field.max_items or 500
        rows = max(rows_of(given.texts, path), default=-1) + 1
        for number in range(min(rows + 1, most)):
            at = f"{path}[{number}]"
            yield [_control(m, f"{at}.{m.name}", given) for m in field.item.members]


def _shape(field: Field, values: Sequence[str]) -> Shape:
    if field.type == "object":
        return "group"
    if field.item is not None:
        return _list_shape(field.item)
    if field.labels or field.type == "boolean":
        return "select"
    if field.table:
        return "table"
    if field.type == "integer":
        return "money" if field.unit_zh == FEN else "number"
    if field.type == "date":
        return "date"
    if field.type == "time":
        return "text" if values and len(values[0]) > 19 else "time"
    return "long" if (field.max_length or 0) > _LONG and "url" not in field.name else "text"


def _list_shape(item: Field) -> Shape:
    if item.members:
        return "rows"
    if item.labels:
        return "checks"
    return "table" if item.table else "lines"


def _slots(field: Field) -> int:
    return 1 if field.item is None else min(field.max_items or _MOST_TABLE, _MOST_TABLE)


def _options(field: Field, shape: Shape) -> list[tuple[str, str]]:
    if field.type == "boolean":
        return [("true", "是"), ("false", "否")]
    labels = field.labels or (field.item.labels if field.item else {})
    return [(str(code), label.zh) for code, label in labels.items()]


def _note(field: Field, shape: Shape) -> str:
    unit = {FEN: "元"}.get(field.unit_zh, field.unit_zh)
    parts = [
        unit and f"单位：{unit}",
        "一行一个" if shape == "lines" else "",
        field.description_zh,
    ]
    return "；".join(part.rstrip("。") for part in parts if part)
