"""A rule set: which rules hold, on what sentence, with which parameters, between which days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fenhe_client.checked_yaml import YamlFault, fault_at, faults, plain
from fenhe_hub.rules.functions import FUNCTIONS
from fenhe_hub.rules.parameters import defaults
from fenhe_hub.rules.rule_schema import rule_set_schema
from fenhe_protocol.errors import SetupError


@dataclass(frozen=True)
class Rule:
    """One entry of a rule set. `until` is the first day on which it no longer holds.

    `examples` names parameters whose values no source gives: 示例, never law.
    """

    rule: str
    name_zh: str
    name_en: str
    stands_on: str
    sentence: str
    function: str
    start: date
    until: date | None
    parameters: Mapping[str, Any]
    examples: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class RuleSet:
    """A named list of rules; `sha256` of its bytes is what `fed` announces (kind `rule`)."""

    name: str
    sha256: str
    rules: tuple[Rule, ...]

    def in_force(self, day: date) -> tuple[Rule, ...]:
        """Return the rules that hold on a day, in the order of the file."""
        return tuple(rule for rule in self.rules if rule.holds_on(day))


def read_rule_set(raw: bytes, document: Any) -> RuleSet:
    """Make a rule set from a YAML file's bytes and its parsed document.

    Raises SetupError that names line and key of what is unknown, missing or of the wrong form;
    `advice` tells how many more there are.
    """
    found = faults(raw, document, rule_set_schema())
    told = plain(document)
    if not found:
        found = list(_beyond_schema(raw, told["rules"]))
    if found:
        raise _refused(found)
    rules = tuple(_read_rule(entry, told["shared"]) for entry in told["rules"])
    return RuleSet(told["name"], hashlib.sha256(raw).hexdigest(), rules)


def _beyond_schema(raw: bytes, rules: list[Mapping[str, Any]]) -> list[YamlFault]:
    """What no schema can say: examples name parameters, no rule stands twice on the same day."""
    found = []
    for place, entry in enumerate(rules):
        for name in set(entry.get("examples", ())) - set(FUNCTIONS[entry["function"]].parameters):
            known = ", ".join(sorted(FUNCTIONS[entry["function"]].parameters))
            path = ("rules", place, "examples")
            found.append(fault_at(raw, path, expected=known, found=name))
        for other in rules[:place]:
            if other["rule"] == entry["rule"] and _overlap(other, entry):
                told = f"{entry['rule']}: from, until"
                path = ("rules", place, "rule")
                found.append(fault_at(raw, path, expected=told, found=entry["rule"]))
    return found


def _overlap(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    last = "9999-12-31"
    return bool(
        first["from"] < second.get("until", last) and second["from"] < first.get("until", last)
    )


def _refused(found: list[YamlFault]) -> SetupError:
    first = found[0]
    code = "rules.value"
    if first.rule in ("additionalProperties", "required"):
        code = "rules.key"
    elif first.rule in ("format", "pattern") and first.expected == "2026-01-01":
        code = "rules.day"
    elif first.path and first.path[-1] == "function":
        code = "rules.function"
    elif len(first.path) < 2:
        code = "rules.form"
    more = f"另有 {len(found) - 1} 处 more" if len(found) > 1 else ""
    return SetupError(
        code, where=first.where, expected=first.expected, found=first.found, advice=more
    )


def _read_rule(entry: Mapping[str, Any], shared: Mapping[str, Any]) -> Rule:
    forms = FUNCTIONS[entry["function"]].parameters
    given = {**shared, **defaults(forms), **entry["parameters"]}
    dated = {name for name, form in forms.items() if form.get("format") == "date"}
    return Rule(
        rule=entry["rule"],
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        stands_on=entry["stands_on"],
        sentence=entry["sentence"],
        function=entry["function"],
        start=date.fromisoformat(entry["from"]),
        until=date.fromisoformat(entry["until"]) if entry.get("until") else None,
        parameters={
            name: date.fromisoformat(value) if name in dated and value else value
            for name, value in given.items()
        },
        examples=tuple(entry.get("examples", ())),
    )
