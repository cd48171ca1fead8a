"""The form in which a mapping is mended: what it offers, and what was chosen. Start at `mended`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fenhe_client.console.forms import Form
from fenhe_node.importing.looking import ColumnSeen, Seen
from fenhe_node.mapping.model import ColumnRule, Mapping, target
from fenhe_node.mapping.suggestion import rounding
from fenhe_node.mapping.units import UNITS
from fenhe_protocol.schema_fields import Field, KindSchema

NOT_READ = "管理台里设为不读; not read, as set in the console"
MISSING = "-"  # as the code of a word: it says nothing
FORMATS = ("", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d")
_TIERS = {"pub": "公开", "hub": "省平台", "nat": "密封", "node": "留在本单位"}


@dataclass(frozen=True)
class Option:
    """One line of a list to choose from."""

    value: str
    text: str


def field_options(kind: KindSchema) -> list[tuple[str, list[Option]]]:
    """Every field that a column can go into, by who will see it; the titles Chinese."""
    groups: dict[str, list[Option]] = {tier: [] for tier in _TIERS}
    groups["pub"].append(Option("id", "编号 (本单位)"))
    for path, title, tier in _paths(kind.own_fields, ""):
        groups[tier].append(Option(path, title))
    return [(_TIERS[tier], options) for tier, options in groups.items() if options]


def _paths(fields: tuple[Field, ...], over: str) -> Iterator[tuple[str, str, str]]:
    for field in fields:
        title = f"{over}{field.title_zh}"
        members = field.members or (field.item.members if field.item else ())
        if members:
            yield from _paths(members, f"{title} · ")
        elif field.type != "extension":
            yield field.path.replace("[]", ""), title, field.tier


def unit_options(column: ColumnSeen) -> list[str]:
    """The units in which the numbers of a column may be written; none where it has no unit."""
    recorded = column.field.unit_zh if column.field else ""
    if recorded not in UNITS:
        return []
    return [unit for unit, (what, _) in UNITS.items() if what == UNITS[recorded][0]]


def is_date(column: ColumnSeen) -> bool:
    """Whether dates stand in a column."""
    return column.field is not None and column.field.type in ("date", "time")


def code_options(column: ColumnSeen) -> list[Option]:
    """The codes that a word of the column may mean."""
    field = column.field
    if field is None:
        return []
    if field.type == "boolean":
        return [Option("true", "是"), Option("false", "否")]
    labels = {str(code): label.zh for code, label in field.labels.items()}
    codes = [str(code) for code in field.schema.get("enum", ())]
    return [Option(code, labels.get(code, code)) for code in codes]


def chosen_code(column: ColumnSeen, word: str) -> str:
    """The code that a word is translated to now; "" where it is not."""
    values = column.rule.values
    if word not in values:
        return ""
    value = values[word]
    return (
        MISSING if value is None else str(value).lower() if value in (True, False) else str(value)
    )


def mended(seen: Seen, kind: KindSchema, form: Form) -> Mapping:
    """The mapping as the form says; what the form does not speak of stays."""
    columns = {column.header.name: column for column in seen.columns}
    rules = tuple(
        _rule(columns[rule.header], kind, form) if rule.header in columns else rule
        for rule in _all_rules(seen)
    )
    return replace(seen.mapping, columns=rules)


def _all_rules(seen: Seen) -> list[ColumnRule]:
    known = {rule.header for rule in seen.mapping.columns}
    new = [c.rule for c in seen.columns if c.header.name not in known]
    return [*seen.mapping.columns, *new]


def _rule(column: ColumnSeen, kind: KindSchema, form: Form) -> ColumnRule:
    old, number = column.rule, column.header.column
    path = form.text(f"field.{number}")
    if not path:
        return ColumnRule(old.header, ignore=old.ignore or NOT_READ)
    unit = form.text(f"unit.{number}")
    if path not in old.fields:
        return ColumnRule(old.header, (path,), unit=unit, round=rounding(unit, path))
    return replace(
        old,
        ignore="",
        unit=unit,
        round=old.round or rounding(unit, path),
        format=form.text(f"format.{number}"),
        values=_values(column, path, kind, form),
    )


def _values(column: ColumnSeen, path: str, kind: KindSchema, form: Form) -> dict[str, Any]:
    values = dict(column.rule.values)
    number, field = column.header.column, target(kind, path)
    for index, word in enumerate(form.all(f"word.{number}")):
        code = form.text(f"code.{number}.{index}")
        if not code:
            values.pop(word, None)
        else:
            values[word] = _code(field, code)
    return values


def _code(field: Field | None, text: str) -> Any:
    if text == MISSING:
        return None
    if field is not None and field.type == "boolean":
        return text == "true"
    known = {str(code): code for code in field.schema.get("enum", ())} if field else {}
    return known.get(text, text)
