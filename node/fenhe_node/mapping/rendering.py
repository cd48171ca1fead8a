"""A mapping written out as YAML with a word on where each column goes; `file` reads it back."""

from collections.abc import Iterator
from typing import Any

import yaml

from fenhe_node.mapping.model import EMPTY_WORDS, ColumnRule, Mapping, tier_of
from fenhe_protocol.schema_fields import KindSchema

_TIERS = {
    "pub": "公开 public",
    "hub": "只给省平台 hub only",
    "nat": "密封给国家平台 sealed",
    "node": "留在本单位 stays here",
}

_OPTIONS = ("unit", "unit_in", "round", "format", "zone", "prefix", "split", "mobile")


def render_mapping(mapping: Mapping, kind: KindSchema) -> str:
    """Write the mapping so that reading it back gives the same."""
    return "".join(f"{line}\n" for line in _lines(mapping, kind))


def _lines(mapping: Mapping, kind: KindSchema) -> Iterator[str]:
    yield "# 映射: 每一列变成哪个字段。改好后用 --mapping 指定本文件。"
    yield "# Which column becomes which field. Edit, then name this file with --mapping."
    yield _line("kind", mapping.kind)
    for name in ("source", "sheet", "header_row", "encoding", "delimiter"):
        if value := getattr(mapping, name):
            yield _line(name, value)
    yield "columns:"
    for rule in mapping.columns:
        where = "; ".join(dict.fromkeys(_TIERS[tier_of(kind, path)] for path in rule.fields))
        yield f"  {_line(rule.header, _spec(rule))}" + (f"  # {where}" if where else "")
    yield from _rest(mapping)


def _rest(mapping: Mapping) -> Iterator[str]:
    if mapping.fixed:
        yield "# 列里没有时填的值。What a record gets where its row says nothing."
        yield _line("fixed", dict(mapping.fixed))
    if mapping.persons:
        yield "# 写着人的列: 其中的姓名出现在别处也不会发送。Columns that name persons."
        yield _line("persons", list(mapping.persons))
    if mapping.empty != EMPTY_WORDS:
        yield _line("empty", list(mapping.empty))
    for name in ("skip_where", "only_where"):
        if words_of := getattr(mapping, name):
            yield _line(name, {header: list(words) for header, words in words_of.items()})
    yield from _made(mapping)
    if mapping.vanished:
        yield _line("vanished", {"delete": mapping.vanished})


def _made(mapping: Mapping) -> Iterator[str]:
    if mapping.wait_for:
        yield _line("wait_for", list(mapping.wait_for))
    if made := mapping.id_of:
        yield _line("id_of", {"columns": list(made.columns), "prefix": made.prefix})
    if span := mapping.minutes:
        yield _line("minutes", {"start": span.start, "end": span.end, "field": span.field})


def _spec(rule: ColumnRule) -> Any:
    if not rule.fields:
        return {"ignore": rule.ignore}
    field = rule.fields[0] if len(rule.fields) == 1 else list(rule.fields)
    options = {name: value for name in _OPTIONS if (value := getattr(rule, name))}
    if rule.values:
        options["values"] = dict(rule.values)
    return {"field": field} | options if options else field


def _line(name: str, value: Any) -> str:
    """One line of YAML in flow style, however long."""
    shown = yaml.safe_dump(
        {name: value}, allow_unicode=True, default_flow_style=True, width=2**31, sort_keys=False
    )
    return shown.strip()[1:-1]
