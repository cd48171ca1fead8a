"""A record of the catalogue in the national platform's words: type 4, one instrument.

Which field becomes which stands in the schema (`x-nrii`), how a value is written in `nrii_text`
(national-platform.md §1.5). The office's landline, mailbox, address and postcode serve as contact:
no person leaves the unit this way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from fenhe_hub.upstream.nrii_text import NOT_SUBMITTED, NOTHING, written
from fenhe_hub.upstream.outbox import Candidate
from fenhe_protocol.nrii_norm import INSTRUMENT, norm_violations

# The server asks for these even where there is nothing to say (seen in 2019 for achievement).
SAY_NOTHING = ("instrBelongsType", "instrBelongsName", "resourceName", "achievement", "fee")


def type_4(
    public: Mapping[str, Any], supervised: Mapping[str, Any], unit: Mapping[str, Any]
) -> dict[str, str]:
    """Write one instrument. `unit` holds the members of its unit's record, both tiers together."""
    record = with_office(public, supervised, unit)
    said = {"insCode": str(unit.get("nrii_ins_code", "")), "innerId": str(record["id"])}
    for name, text in written("instrument", INSTRUMENT, record):
        said.setdefault(name, text)
    for name in SAY_NOTHING:
        said.setdefault(name, NOTHING)
    # The later form calls this the booking date; the 2016 norm called it the first day of use.
    if "booked_on" in record:
        said["beginDate"] = record["booked_on"]
    said["auditStatus"] = NOT_SUBMITTED
    return said


def with_office(
    public: Mapping[str, Any], supervised: Mapping[str, Any], unit: Mapping[str, Any]
) -> dict[str, Any]:
    """Give both tiers of a record together; what its office lacks, its unit's office has."""
    record = {**supervised, **public}
    record["service_office"] = {
        **unit.get("service_office", {}),
        **record.get("service_office", {}),
    }
    return record


def candidate_of(
    uscc: str,
    kind: str,
    record_id: str,
    place: tuple[str, int],
    said: Mapping[str, str],
    instru_type: int = INSTRUMENT,
    doubts: Sequence[str] = (),
) -> Candidate:
    """Make an outbox candidate of a written record that stands at `place` (origin, index)."""
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Candidate(
        uscc=uscc,
        kind=kind,
        record_id=record_id,
        origin=place[0],
        index=place[1],
        ins_code=said["insCode"] or None,
        payload=payload,
        payload_sha256=hashlib.sha256(payload.encode()).hexdigest(),
        lacking=(*doubts, *norm_violations(said, instru_type)),
    )
