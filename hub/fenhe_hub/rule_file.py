"""A rule set read from its file, or the one that is shipped; `Hub.rules_file` says which counts."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

import yaml

from fenhe_client.yaml_text import load_yaml
from fenhe_hub.rules.ruleset import RuleSet, read_rule_set
from fenhe_protocol.errors import SetupError

SHIPPED = "rules/rulesets/shanxi.yaml"


def load_rules(file: str = "") -> RuleSet:
    """Read a rule set; SetupError names the line and the key that is wrong."""
    return read_rules(rule_bytes(file), file)


def rule_bytes(file: str = "") -> bytes:
    """The bytes of a rule set's file, or of the shipped one; SetupError `rules.form`."""
    try:
        return Path(file).read_bytes() if file else shipped_rules()
    except OSError as error:
        raise SetupError("rules.form", where=file, found=str(error)) from error


@lru_cache(4)  # asked for at every publish of `fed`
def read_rules(raw: bytes, where: str) -> RuleSet:
    """Read the bytes; SetupError names the line and the key that is wrong."""
    try:
        document = load_yaml(raw)
    except yaml.YAMLError as error:
        raise SetupError("rules.form", where=where or SHIPPED, found=str(error)) from error
    return read_rule_set(raw, document)


@cache
def shipped_rules() -> bytes:
    """The bytes of the rule set that is shipped."""
    return (resources.files("fenhe_hub") / SHIPPED).read_bytes()
