"""Which records the national platform wants: a value line and sources of funds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NationalScope:
    """Records of `kinds` worth at least `line_yuan`, bought with any of `funds`."""

    line_yuan: int
    funds: frozenset[str]
    kinds: frozenset[str]

    def holds(self, kind: str, supervised: Mapping[str, Any]) -> bool:
        """Judge one record by its `hub` fields; a value that is missing is not in scope."""
        value = supervised.get("value_yuan")
        if kind not in self.kinds or value is None:
            return False
        return int(value) >= self.line_yuan and bool(self.funds & set(supervised.get("funds", [])))
