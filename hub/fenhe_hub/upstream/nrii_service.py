"""A service record in the national platform's words: type 6 (national-platform.md §1.6).

Two quirks of theirs: `signAgreement` is 0 for yes and 1 for no, and `adressType` is spelled so,
with 1 for outside. Who used the instrument comes from the opened `nat` part, which only the gateway
has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fenhe_hub.upstream.nrii_text import NOT_SUBMITTED, NOTHING, written
from fenhe_protocol.nrii_norm import SERVICE, norm_violations

# Asked for even where there is nothing to say: a service need not belong to a project.
SAY_NOTHING = ("subjectName", "subjectIncome", "subjectContent")
OUTSIDE = "1"
_TO_THE_HOUR = "%Y-%m-%d %H"

# Beyond these a record is taken to be wrong, not large: a shipped sender filled in 1970.
EARLIEST = datetime.fromisoformat("2000-01-01T00:00:00+08:00")
LONGEST_DAYS = 366
DEAREST_FEN = 10_000_000_00
ROUNDING_MINUTES = 60  # both times are cut to the hour
AHEAD_SECONDS = 3600


def type_6(service: Mapping[str, Any], user: Mapping[str, Any], ins_code: str) -> dict[str, str]:
    """Write one service: its `hub` members, its opened `nat` members, its unit's code there."""
    record = {**user, **service}
    said = {"insCode": ins_code, "recordInnerId": str(record["id"])}
    for name, text in written("service_record", SERVICE, record):
        said.setdefault(name, text)
    for name, member in (("serviceTime", "started_at"), ("endTime", "ended_at")):
        if member in record:
            said[name] = datetime.fromisoformat(record[member]).strftime(_TO_THE_HOUR)
    if "agreement" in record:
        said["signAgreement"] = "0" if record["agreement"] else "1"
    if "off_site" in record:
        said["adressType"] = OUTSIDE if record["off_site"] else "0"
    for name in SAY_NOTHING:
        said.setdefault(name, NOTHING)
    said["auditStatus"] = NOT_SUBMITTED
    return said


def service_faults(service: Mapping[str, Any], said: Mapping[str, str], now: int) -> list[str]:
    """Why a record should not be sent as it is: the norm first, then what cannot well be true.

    `now` in POSIX seconds. No value is quoted.
    """
    faults = norm_violations(said, SERVICE)
    if said.get("adressType") == OUTSIDE and not said.get("moveAddress"):
        faults.append("moveAddress 缺失")
    return [*faults, *_implausible(service, now)]


def _implausible(service: Mapping[str, Any], now: int) -> list[str]:
    found = []
    if service.get("amount_fen", 0) > DEAREST_FEN:
        found.append("amounts 高得不合理")
    if "started_at" not in service or "ended_at" not in service:
        return found
    start, end = (datetime.fromisoformat(service[name]) for name in ("started_at", "ended_at"))
    minutes = int((end - start).total_seconds()) // 60
    if start < EARLIEST:
        found.append("serviceTime 早于2000年")
    if end.timestamp() > now + AHEAD_SECONDS:
        found.append("endTime 在未来")
    if not 0 <= minutes <= LONGEST_DAYS * 24 * 60:
        found.append("endTime 与开始时间不合")
    if service.get("effective_minutes", 0) > minutes + ROUNDING_MINUTES:
        found.append("serviceAmount 超出服务的起止时间")
    return found
