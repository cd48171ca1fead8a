"""The mapping as YAML, for people to read and edit. An unknown key is an error that names it."""

from collections.abc import Hashable
from collections.abc import Mapping as Dict
from pathlib import Path
from typing import Any

import yaml

from fenhe_client.yaml_text import PlainLoader, load_yaml
from fenhe_node.mapping.made import MadeId, Span
from fenhe_node.mapping.model import EMPTY_WORDS, ColumnRule, Mapping
from fenhe_protocol.errors import SetupError

_KEYS = {
    "kind": str,
    "source": str,
    "sheet": str,
    "header_row": int,
    "encoding": str,
    "delimiter": str,
    "empty": list,
    "persons": list,
    "columns": dict,
    "fixed": dict,
    "skip_where": dict,
    "only_where": dict,
    "wait_for": list,
    "id_of": dict,
    "minutes": dict,
    "vanished": (str, dict),
}
_FORMS = {
    str: "文字 text",
    int: "整数 a whole number",
    list: "列表 a list",
    dict: "名: 值; name: value",
    (str, list): "文字或列表 text or a list",
    (str, dict): "list, {delete: reason}",
}
_RULE_KEYS = {
    "field": (str, list),
    "ignore": str,
    "values": dict,
    "unit": str,
    "unit_in": str,
    "round": str,
    "format": str,
    "zone": str,
    "prefix": str,
    "split": str,
    "mobile": str,
}


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file, or raise SetupError with the key that is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("mapping.unreadable", where=str(path), found=str(error)) from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, where: str) -> Mapping:
    """Parse the YAML text of a mapping; `where` names it in errors."""
    try:
        loaded = load_yaml(text.encode(), _Loader)
    except yaml.YAMLError as error:
        raise SetupError("mapping.yaml", where=where, found=str(error)) from error
    members = _checked(loaded, _KEYS, where)
    for name in ("kind", "columns"):
        if name not in members:
            raise SetupError("mapping.missing", where=f"{where} · {name}", expected=name)
    rules = tuple(_rule(h, spec, f"{where} · {h}") for h, spec in members["columns"].items())
    return Mapping(
        kind=members["kind"],
        columns=rules,
        fixed=members.get("fixed", {}),
        source=members.get("source", ""),
        sheet=members.get("sheet", ""),
        header_row=members.get("header_row", 0),
        encoding=members.get("encoding", ""),
        delimiter=members.get("delimiter", ""),
        empty=tuple(str(word) for word in members.get("empty", EMPTY_WORDS)),
        persons=tuple(str(header) for header in members.get("persons", ())),
        skip_where=_words(members.get("skip_where", {})),
        only_where=_words(members.get("only_where", {})),
        wait_for=tuple(str(header) for header in members.get("wait_for", ())),
        id_of=_made_id(members.get("id_of"), f"{where} · id_of"),
        minutes=_span(members.get("minutes"), f"{where} · minutes"),
        vanished=_vanished(members.get("vanished", "list"), where),
    )


class _Loader(PlainLoader):
    """A loader whose keys are always the text as written, and never twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be plain text", key.start_mark
                )
            if key.value in found:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            found[key.value] = self.construct_object(value, deep=True)
        return found


def _checked(value: Any, keys: Dict[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SetupError("mapping.value", where=where, expected="key: value", found=str(value))
    for name, member in value.items():
        if name not in keys:
            raise SetupError(
                "mapping.unknown", where=f"{where} · {name}", expected=", ".join(keys), found=name
            )
        if not isinstance(member, keys[name]):
            raise SetupError(
                "mapping.value",
                where=f"{where} · {name}",
                expected=_FORMS[keys[name]],
                found=repr(member),
            )
    return value


def _rule(header: str, spec: Any, where: str) -> ColumnRule:
    if isinstance(spec, str | list):
        spec = {"field": spec}
    members = _checked(spec, _RULE_KEYS, where)
    if not members.keys() & {"field", "ignore"}:
        raise SetupError("mapping.missing", where=where, expected="field, ignore")
    fields = members.get("field", [])
    return ColumnRule(
        header,
        fields=(fields,) if isinstance(fields, str) else tuple(str(name) for name in fields),
        ignore=members.get("ignore", ""),
        values=members.get("values", {}),
        unit=members.get("unit", ""),
        unit_in=members.get("unit_in", ""),
        round=members.get("round", ""),
        format=members.get("format", ""),
        zone=members.get("zone", ""),
        prefix=members.get("prefix", ""),
        split=members.get("split", ""),
        mobile=members.get("mobile", ""),
    )


def _made_id(members: Any, where: str) -> MadeId | None:
    if members is None:
        return None
    checked = _checked(members, {"columns": list, "prefix": str}, where)
    if not checked.get("columns"):
        raise SetupError("mapping.missing", where=where, expected="columns")
    return MadeId(tuple(map(str, checked["columns"])), checked.get("prefix", ""))


def _span(members: Any, where: str) -> Span | None:
    if members is None:
        return None
    checked = _checked(members, {"start": str, "end": str, "field": str}, where)
    if not {"start", "end"} <= checked.keys():
        raise SetupError("mapping.missing", where=where, expected="start, end")
    return Span(**checked)


def _words(members: Dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        header: tuple(map(str, words)) if isinstance(words, list) else (str(words),)
        for header, words in members.items()
    }


def _vanished(member: str | dict[str, Any], where: str) -> str:
    if member == "list":
        return ""
    if isinstance(member, dict) and member.keys() == {"delete"}:
        return str(member["delete"])
    raise SetupError(
        "mapping.value",
        where=f"{where} · vanished",
        expected="list, delete: <reason>",
        found=repr(member),
    )
