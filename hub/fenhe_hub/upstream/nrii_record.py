"""A record of the catalogue in the national platform's words: type 4, one instrument.

Which field becomes which stands in the schema (`x-nrii`); how a value is written stands here
(national-platform.md §1.5). The office's landline, mailbox, address and postcode serve as contact:
no person leaves the unit this way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.upstream.outbox import Candidate
from fenhe_protocol.code_tables import subjects
from fenhe_protocol.nrii_norm import norm_violations
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field

INSTRUMENT_TYPE = 4
PREFIX = f"{INSTRUMENT_TYPE}."
NOT_SUBMITTED = "-1"
# The server asks for these even where there is nothing to say (seen in 2019 for achievement).
NOTHING = "无"
SAY_NOTHING = ("instrBelongsType", "instrBelongsName", "resourceName", "achievement", "fee")
MINUTES_AN_HOUR = 60


def type_4(
    public: Mapping[str, Any], supervised: Mapping[str, Any], unit: Mapping[str, Any]
) -> dict[str, str]:
    """Write one instrument. `unit` holds the members of its unit's record, both tiers together."""
    record = {**supervised, **public}
    record["service_office"] = {
        **unit.get("service_office", {}),
        **record.get("service_office", {}),
    }
    written = {"insCode": str(unit.get("nrii_ins_code", "")), "innerId": str(record["id"])}
    for name, text in _written(record):
        written.setdefault(name, text)
    for name in SAY_NOTHING:
        written.setdefault(name, NOTHING)
    # The later form calls this the booking date; the 2016 norm called it the first day of use.
    if "booked_on" in record:
        written["beginDate"] = record["booked_on"]
    written["auditStatus"] = NOT_SUBMITTED
    return written


def candidate_of(
    uscc: str,
    kind: str,
    record_id: str,
    place: tuple[str, int],
    written: Mapping[str, str],
) -> Candidate:
    """Make an outbox candidate of a written record that stands at `place` (origin, index)."""
    payload = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Candidate(
        uscc=uscc,
        kind=kind,
        record_id=record_id,
        origin=place[0],
        index=place[1],
        ins_code=written["insCode"] or None,
        payload=payload,
        payload_sha256=hashlib.sha256(payload.encode()).hexdigest(),
        lacking=tuple(norm_violations(written)),
    )


def _written(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (their name, text) for every value of a record that the platform has a field for."""
    for field in SchemaSet.load().kind("instrument").own_fields:
        for leaf in field.leaves:
            value = _value_at(record, leaf.path)
            if value is None or value == "":
                continue
            for name in leaf.nrii:
                if name.startswith(PREFIX):
                    yield name.removeprefix(PREFIX), _text(leaf, value)


def _value_at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(field: Field, value: Any) -> str:
    if field.name == "value_yuan":
        return _wan_yuan(value)
    if field.name.endswith("_minutes"):
        return _hours(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return ",".join(_text(field.item, part) for part in value) if field.item else ""
    if field.table == "subjects":
        return subjects().get(str(value), str(value))
    label = field.labels.get(value)
    return (label.nrii or label.zh) if label else str(value)


def _wan_yuan(yuan: int) -> str:
    """Write 万元 with two decimals, half up; integers all the way."""
    hundreds = (yuan + 50) // 100
    return f"{hundreds // 100}.{hundreds % 100:02d}"


def _hours(minutes: int) -> str:
    """Write hours with at most two decimals."""
    hundredths = (minutes * 100 + MINUTES_AN_HOUR // 2) // MINUTES_AN_HOUR
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
