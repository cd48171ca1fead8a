"""A rule set: which rules hold, on what sentence, with which parameters, between which days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fenhe_protocol.errors import SetupError

MEMBERS = {
    "rule",
    "name_zh",
    "name_en",
    "stands_on",
    "sentence",
    "function",
    "from",
    "until",
    "parameters",
}


@dataclass(frozen=True)
class Rule:
    """One entry of a rule set. `until` is the first day on which it no longer holds."""

    rule: str
    name_zh: str
    name_en: str
    stands_on: str
    sentence: str
    function: str
    start: date
    until: date | None
    parameters: Mapping[str, Any]

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

    Raises SetupError that names the key which is unknown, missing or of the wrong form.
    """
    if not isinstance(document, dict) or set(document) != {"name", "shared", "rules"}:
        raise SetupError("rules.form", expected="name, shared, rules", found=str(document)[:60])
    shared, entries = document["shared"], document["rules"]
    if not isinstance(shared, dict) or not isinstance(entries, list):
        raise SetupError("rules.form", expected="shared: {}, rules: []")
    rules = tuple(_read_rule(entry, shared) for entry in entries)
    return RuleSet(document["name"], hashlib.sha256(raw).hexdigest(), rules)


def _read_rule(entry: Any, shared: Mapping[str, Any]) -> Rule:
    if not isinstance(entry, dict) or not set(entry) <= MEMBERS:
        unknown = sorted(map(str, set(entry) - MEMBERS)) if isinstance(entry, dict) else ["-"]
        raise SetupError("rules.key", expected=", ".join(sorted(MEMBERS)), found=", ".join(unknown))
    lacking = MEMBERS - set(entry) - {"until"}
    if lacking:
        raise SetupError(
            "rules.key",
            where=str(entry.get("rule", "")),
            expected=", ".join(sorted(lacking)),
            found="-",
        )
    if not isinstance(entry["parameters"], dict):
        raise SetupError("rules.key", where=str(entry["rule"]), expected="parameters: {}")
    return Rule(
        rule=entry["rule"],
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        stands_on=entry["stands_on"],
        sentence=entry["sentence"],
        function=entry["function"],
        start=_day(entry["from"], entry["rule"]),
        until=_day(entry["until"], entry["rule"]) if entry.get("until") else None,
        parameters={**shared, **entry["parameters"]},
    )


def _day(value: Any, rule: str) -> date:
    if not isinstance(value, date):
        raise SetupError("rules.day", where=rule, expected="2026-01-01", found=str(value)[:40])
    return value
