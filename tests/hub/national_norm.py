"""What the national platform has published of its norm, where it lies beside this repository."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

NRII = Path(__file__).parents[3] / "shared/data/nrii"


def published_limits(entity: str) -> Mapping[str, int]:
    """How long the text of each field of an entity may be."""
    source = NRII / "spec2016_field_definitions.csv"
    if not source.exists():
        pytest.skip("../shared/data is not here")
    with source.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["entity"] == entity]
    return {
        row["field"]: int(rule.split(":")[1])
        for row in rows
        for rule in row["rules"].split(";")
        if rule.startswith("string:")
    }
