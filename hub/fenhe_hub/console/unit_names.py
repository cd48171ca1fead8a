"""What units are called, all at once: a few hundred short rows. Start at `UnitNames.read`."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class UnitNames:
    """Code and name of each unit by its number in the index, hubs beneath left out."""

    codes: dict[int, str]
    names: dict[int, str]

    @classmethod
    def read(cls, db: sqlite3.Connection) -> "UnitNames":
        """Those of all units; the name of one that has not said any is its code."""
        rows = db.execute(
            "SELECT u.unit_no, u.uscc, ifnull(json_extract(r.pub, '$.name_zh'), u.uscc)"
            " FROM unit u LEFT JOIN resource r ON r.unit_no = u.unit_no AND r.kind = 'unit'"
            " AND r.id = u.uscc AND r.deleted_on IS NULL WHERE u.depth = 0"
        ).fetchall()
        codes = {unit_no: uscc for unit_no, uscc, _ in rows}
        return cls(codes, {unit_no: name for unit_no, _, name in rows})

    def name(self, unit_no: int) -> str:
        """What a unit is called."""
        return self.names.get(unit_no, "")

    def code(self, unit_no: int) -> str:
        """Its code."""
        return self.codes.get(unit_no, "")

    def numbers(self, within: Iterable[str] | None, words: str = "") -> list[int] | None:
        """The units of these codes that are called so; None: all of them."""
        if within is None and not words:
            return None
        wanted = None if within is None else frozenset(within)
        typed = words.casefold().split()
        return [
            number
            for number, uscc in self.codes.items()
            if (wanted is None or uscc in wanted) and self._fits(number, uscc, typed)
        ]

    def _fits(self, number: int, uscc: str, typed: list[str]) -> bool:
        whole = f"{self.names[number]} {uscc}".casefold()
        return all(word in whole for word in typed)
