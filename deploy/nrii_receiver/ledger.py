"""What the receiving server holds: one record for each (insCode, type, own number), and every call.

The number is `recordInnerId` of a service (type 6) and `innerId` of all others; a unit's year (type
7) has none. Type 3 is refused: it was taken away in 2019 (national-platform.md §1.2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fenhe_protocol.nrii_norm import (
    CUSTOMS,
    INSTRUMENT,
    REPORTED,
    SERVICE,
    UNIT_YEAR,
    norm_violations,
)

DONE = 100
WRONG_UNIT = 200
WRONG_JSON = 201
WRONG_DATA = 202
OTHER = 203
DATABASE = 301
NUMBER = dict.fromkeys(REPORTED, "innerId") | {SERVICE: "recordInnerId", UNIT_YEAR: "insCode"}
AFTER_INSTRUMENT = (SERVICE, CUSTOMS)


@dataclass
class Call:
    """One call of instruInfo and the answer it got."""

    ins_code: str
    instru_type: int
    instru_list: str
    code: int
    reasons: list[str]


@dataclass
class Ledger:
    """Take calls, judge them as the national platform does, remember all.

    `units` empty means that any unit code is known. `forced` answers the next calls for a number
    (or "*") with a code, whatever they bring.
    """

    units: frozenset[str] = frozenset()
    forced: dict[str, int] = field(default_factory=dict)
    audit: dict[tuple[str, int, str], int] = field(default_factory=dict)
    records: dict[tuple[str, int, str], dict[str, Any]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def take(self, ins_code: str, instru_type: int, instru_list: str) -> int:
        """Judge one call, keep it, and return its result code."""
        code, reasons = self._judge(ins_code, instru_type, instru_list)
        self.calls.append(Call(ins_code, instru_type, instru_list, code, reasons))
        return code

    def _judge(self, ins_code: str, instru_type: int, text: str) -> tuple[int, list[str]]:
        if self.units and ins_code not in self.units:
            return WRONG_UNIT, ["insCode 未登记"]
        records = _parse(text)
        if records is None:
            return WRONG_JSON, ["instruList 不是 JSON 对象或数组"]
        if instru_type not in NUMBER:
            return OTHER, [f"instruType {instru_type} 此处不收"]
        for record in records:
            code, reasons = self._judge_record(ins_code, instru_type, record)
            if code != DONE:
                return code, reasons
        for record in records:
            self._store(ins_code, instru_type, record)
        return DONE, []

    def _judge_record(
        self, ins_code: str, instru_type: int, record: dict[str, Any]
    ) -> tuple[int, list[str]]:
        forced = self.forced.get(str(record.get(NUMBER[instru_type])), self.forced.get("*"))
        if forced is not None and forced != DONE:
            return forced, ["按设定答复"]
        if record.get("insCode") != ins_code:
            return WRONG_UNIT, ["insCode 与调用参数不同"]
        reasons = norm_violations(record, instru_type)
        if instru_type in AFTER_INSTRUMENT and not self._knows_instrument(ins_code, record):
            reasons.append("innerId 尚未报送")
        return (WRONG_DATA, reasons) if reasons else (DONE, [])

    def _knows_instrument(self, ins_code: str, record: dict[str, Any]) -> bool:
        return (ins_code, INSTRUMENT, str(record.get("innerId"))) in self.records

    def _store(self, ins_code: str, instru_type: int, record: dict[str, Any]) -> None:
        """Keep a record; one that is submitted (0) or approved (1) is not overwritten."""
        key = (ins_code, instru_type, str(record[NUMBER[instru_type]]))
        if self.audit.get(key, -1) not in (0, 1):
            self.records[key] = record


def _parse(text: str) -> list[dict[str, Any]] | None:
    """Read one object or an array of objects: both are sent in practice."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    records = value if isinstance(value, list) else [value]
    return records if records and all(isinstance(r, dict) for r in records) else None
