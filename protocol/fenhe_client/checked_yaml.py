"""A YAML document held to a JSON Schema: what is wrong is named by line and key. Start at `faults`.

For files that people write by hand and that decide about others: rule sets, lists of days off.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from fenhe_client.yaml_text import compose_yaml

DATE: Mapping[str, Any] = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
_LONGEST = 80

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFault:
    """One thing that is wrong: its line (from 1; 0: not to be told), its key, both sides.

    `rule` is the word of the schema that was broken, `required` for instance.
    """

    line: int
    path: Path
    rule: str
    expected: str
    found: str

    @property
    def key(self) -> str:
        """As a person writes it: `rules[0].parameters.days`."""
        parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in self.path)
        return "".join(parts).lstrip(".")

    @property
    def where(self) -> str:
        """The line and the key."""
        return f"第 {self.line} 行 line {self.line}: {self.key}" if self.line else self.key


def faults(raw: bytes, document: Any, schema: Mapping[str, Any]) -> list[YamlFault]:
    """What is wrong with a document, as it was read from `raw`, by line; empty if nothing is."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    found = [fault for error in validator.iter_errors(plain(document)) for fault in _faults(error)]
    if not found:
        return []
    root = _root(raw)
    placed = [
        YamlFault(line_of(root, each.path), each.path, each.rule, each.expected, each.found)
        for each in found
    ]
    # What is lacking comes last: as a rule it stands there under a wrong name.
    return sorted(placed, key=lambda each: (each.rule == "required", each.line, each.key))


def fault_at(raw: bytes, path: Path, *, expected: str, found: str) -> YamlFault:
    """A fault that no schema can find, with the line of its key."""
    return YamlFault(line_of(_root(raw), path), path, "", expected, found)


def plain(value: Any) -> Any:
    """The value with dates as text, as the schema knows them, and every key a text."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def line_of(root: yaml.Node | None, path: Sequence[str | int]) -> int:
    """The line on which a key or an item stands, or the nearest one above it; 0 without nodes."""
    line = root.start_mark.line + 1 if root is not None else 0
    for part in path:
        found = _step(root, part)
        if found is None:
            break
        line, root = found
    return line


def _step(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item.start_mark.line + 1, item
    return None


def _root(raw: bytes) -> yaml.Node | None:
    return compose_yaml(raw) if raw else None


def _faults(error: Any) -> Iterator[YamlFault]:
    path: Path = tuple(error.absolute_path)
    match str(error.validator):
        case "additionalProperties":
            known = error.schema["properties"]
            for name in sorted(set(error.instance) - set(known)):
                yield _fault((*path, name), "additionalProperties", sorted(known), name)
        case "required":
            # One error for each name: the message alone says which of them it is.
            name = next(n for n in error.validator_value if error.message.startswith(repr(n)))
            yield _fault((*path, name), "required", [name], "-")
        case _ if "propertyNames" in error.absolute_schema_path:
            yield _fault((*path, error.instance), "propertyNames", _wanted(error), error.instance)
        case rule:
            yield _fault(path, rule, _wanted(error), error.instance)


def _wanted(error: Any) -> Iterable[object]:
    value = error.validator_value
    if error.validator == "type":
        return value if isinstance(value, list) else [value]
    if error.validator == "enum":
        return list(map(str, value))
    if error.validator in ("format", "pattern") and error.schema.get("format") == "date":
        return ["2026-01-01"]
    return [f"{error.validator} {value}"]


def _fault(path: Path, rule: str, expected: Iterable[object], found: object) -> YamlFault:
    return YamlFault(0, path, rule, ", ".join(map(str, expected)), str(found)[:_LONGEST])
