"""The rule set in force: the file that `config.yaml` names, or the one that is shipped."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import yaml

from fenhe_client.yaml_text import load_yaml
from fenhe_hub.rules.ruleset import RuleSet, read_rule_set
from fenhe_protocol.errors import SetupError

SHIPPED = "rules/rulesets/shanxi.yaml"


def load_rules(file: str = "") -> RuleSet:
    """Read a rule set; SetupError names the key or the day that is wrong."""
    try:
        raw = rule_bytes(file)
        document = load_yaml(raw)
    except (OSError, yaml.YAMLError) as error:
        raise SetupError("rules.form", where=file or SHIPPED, found=str(error)) from error
    return read_rule_set(raw, document)


def rule_bytes(file: str = "") -> bytes:
    """The rule set as it stands in its file: `fed` says the hash of these bytes. OSError."""
    if file:
        return Path(file).read_bytes()
    return (resources.files("fenhe_hub") / SHIPPED).read_bytes()
