"""Which records the national platform wants: kinds, a value line and sources of funds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NationalScope:
    """Records of `kinds`; instruments worth at least `line_yuan` that any of `funds` bought.

    The line is drawn for single items: facilities, centres and a unit's year have none (国发70号).
    """

    line_yuan: int
    funds: frozenset[str]
    kinds: frozenset[str]

    def holds(self, kind: str, supervised: Mapping[str, Any]) -> bool:
        """Judge one record by its `hub` fields; a value that is missing is not in scope."""
        if kind != "instrument" or kind not in self.kinds:
            return kind in self.kinds
        value = supervised.get("value_yuan")
        if value is None:
            return False
        return int(value) >= self.line_yuan and bool(self.funds & set(supervised.get("funds", [])))
