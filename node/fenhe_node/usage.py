"""Usage summaries of instruments for a quarter or a year, from the unit's own service records.

Start at `summarise`. Only the unit can count users, because only it knows who they are; what it
publishes must not tell one of them. A cell stands behind at least k users, or it is withheld:

- a cell of all users, if there are fewer than k of them;
- the external cells, if there are external users but fewer than k, or internal users but fewer than
  k, whose cell would be the difference;
- a cell of a year, if the users of those quarters in which it was withheld are fewer than k.

A record without an applicant counts as one and the same unknown user: the count is never too high.
Records do not tell for how long an instrument was open to others, so `open_minutes` is left out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fenhe_node.importing.intake import digest
from fenhe_node.store import Store, imports, records
from fenhe_node.store.records import Event, StoredRecord
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet

KIND = "usage_summary"
LEAST_USERS = 3

_OF_ALL = (
    "run_minutes",
    "effective_minutes",
    "services",
    "samples",
    "user_visits",
    "income_band",
)
_OF_EXTERNAL = ("external_minutes", "external_users")
_INCOME_BANDS = (
    (50_000_000, "from_50"),
    (20_000_000, "from_20"),
    (5_000_000, "from_5"),
    (1_000_000, "from_1"),
    (1, "under_1"),
    (0, "none"),
)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class UsageReport:
    """What one run computed: record ids of summaries by what became of them."""

    period: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    nil: int  # instruments without any service in the period
    withheld: Mapping[str, tuple[str, ...]]  # summary id → cells
    undated: tuple[str, ...]  # service records that no period can count


def summarise(
    store: Store,
    period: str,
    *,
    schemas: SchemaSet,
    unit: str,
    now: int,
    k: int = LEAST_USERS,
    by: str = "",
    anyway: bool = False,
) -> UsageReport:
    """Summarise every instrument for `period` (2026-Q3 or 2026) and keep what differs.

    InputError where the period has not ended or records of services were refused, unless `anyway`:
    a nil report says that there was no service, and that must be known.
    """
    check_period(period)
    if not anyway:
        _check_known(store, period, date_at(now))
    summaries, undated = _summaries(store, unit, period, k)
    with store.transaction():
        fates = [_keep(store, found, schemas, now, by) for found in summaries]
    ids = [(str(found["id"]), fate) for found, fate in zip(summaries, fates, strict=True)]
    return UsageReport(
        period=period,
        new=tuple(name for name, fate in ids if fate == "new"),
        changed=tuple(name for name, fate in ids if fate == "changed"),
        unchanged=tuple(name for name, fate in ids if fate == "unchanged"),
        nil=sum(1 for found in summaries if found["nil_report"]),
        withheld={s["id"]: tuple(s["withheld"]) for s in summaries if "withheld" in s},
        undated=tuple(undated),
    )


def _summaries(
    store: Store, unit: str, period: str, k: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """One of each instrument, those first that are known; the services that no period counts."""
    found: dict[str, dict[str, Any]] = {}
    undated: list[str] = []
    for instrument, services in records.by_instrument(store, "service_record"):
        told = [service.record for service in services]
        undated += (s.id for s in services if not _quarter(s.record))
        if instrument:
            found[instrument] = summary(unit, instrument, period, told, k)
    known = sorted(records.ids(store, "instrument"))
    nil = {name: summary(unit, name, period, (), k) for name in known if name not in found}
    first = [found.pop(name) if name in found else nil[name] for name in known]
    return [*first, *found.values()], undated


def check_period(period: str) -> None:
    """Raise InputError for what is neither a year nor a quarter."""
    year, _, quarter = period.partition("-")
    whole = len(year) == 4 and year.isascii() and year.isdigit() and year[0] != "0"
    if not whole or quarter not in ("", "Q1", "Q2", "Q3", "Q4") or period.endswith("-"):
        raise InputError("usage.period", expected="2026, 2026-Q3", found=period)


def _check_known(store: Store, period: str, today: str) -> None:
    year, _, quarter = period.partition("-Q")
    last = f"{year}-{int(quarter or 4) * 3:02d}-31"  # as text it is after the 30th as well
    if today <= last:
        raise InputError(
            "usage.open",
            where=period,
            advice="结束后再汇总, 或加 --anyway 先看; wait, or look with --anyway",
        )
    runs = [run for run in imports.latest(store) if run.kind == "service_record" and run.refused]
    if runs:
        raise InputError(
            "usage.refused",
            where="、".join(f"{run.file}: {run.refused} 行 rows" for run in runs),
            advice="改正后重新导入, 或加 --anyway 不计这些行; mend and import them,"
            " or leave them out with --anyway",
        )


def summary(
    unit: str, instrument: str, period: str, services: Sequence[Record], k: int
) -> dict[str, Any]:
    """Compute one summary from all services of one instrument. Pure."""
    found = [service for service in services if _within(service, period)]
    record: dict[str, Any] = {
        "unit": unit,
        "kind": KIND,
        "id": summary_id(instrument, period),
        "instrument": instrument,
        "period": period,
        "nil_report": not found,
        "k": k,
    }
    if not found:
        return record
    cells = _cells(found)
    hidden = withheld(found, period, k)
    record |= {name: value for name, value in cells.items() if name not in hidden}
    if hidden:
        record["withheld"] = [name for name in cells if name in hidden]
    return record | {"income_fen": _income(found)}


def summary_id(instrument: str, period: str) -> str:
    """Name a summary; too long an instrument's id is replaced by its hash."""
    name = f"{instrument}/{period}"
    if len(name) <= 64:
        return name
    return f"{hashlib.sha256(instrument.encode()).hexdigest()[:32]}/{period}"


def withheld(services: Sequence[Record], period: str, k: int) -> frozenset[str]:
    """Name the cells of a period's services behind which there are too few users."""
    hidden = set(_too_few(services, k))
    if "-" not in period:
        quarters = [[s for s in services if _quarter(s) == q] for q in _quarters(services)]
        for name in (*_OF_ALL, *_OF_EXTERNAL):
            # The year less the quarters that were published leaves just these.
            rest = [s for quarter in quarters if name in _too_few(quarter, k) for s in quarter]
            if rest and name in _too_few(rest, k):
                hidden.add(name)
    return frozenset(hidden)


def _too_few(services: Sequence[Record], k: int) -> Iterator[str]:
    external = [service for service in services if _is_external(service)]
    internal = [service for service in services if not _is_external(service)]
    if 0 < _users(services) < k:
        yield from _OF_ALL
    if 0 < _users(external) < k or (external and 0 < _users(internal) < k):
        yield from _OF_EXTERNAL


def _cells(services: Sequence[Record]) -> dict[str, Any]:
    external = [service for service in services if _is_external(service)]
    return {
        "run_minutes": sum(map(_run_minutes, services)),
        "effective_minutes": _sum(services, "effective_minutes"),
        "external_minutes": _sum(external, "effective_minutes"),
        "services": len(services),
        "samples": _sum(services, "samples"),
        "user_visits": len(services),
        "external_users": _users(external),
        "income_band": income_band(_income(services)),
    }


def income_band(fen: int) -> str:
    """Give the half-open band of an income in fen."""
    return next(band for least, band in _INCOME_BANDS if fen >= least)


def _income(services: Sequence[Record]) -> int:
    return _sum(services, "amount_fen")


def _sum(services: Iterable[Record], name: str) -> int:
    return sum(service.get(name, 0) for service in services)


def _users(services: Iterable[Record]) -> int:
    return len(
        {(s.get("applicant", ""), s.get("applicant_unit", ""), s.get("mail", "")) for s in services}
    )


def _is_external(service: Record) -> bool:
    return bool(service.get("user_class", "internal") != "internal")


def _run_minutes(service: Record) -> int:
    """The time a service took; told to the hour, so never taken as less than what was effective."""
    effective = int(service.get("effective_minutes", 0))
    if "started_at" not in service or "ended_at" not in service:
        return effective
    start, end = (datetime.fromisoformat(service[name]) for name in ("started_at", "ended_at"))
    return max(effective, int((end - start).total_seconds()) // 60)


def _quarter(service: Record) -> str:
    """Give the quarter in which a service began, 2026-Q3; empty if it tells no time."""
    began = service.get("started_at") or service.get("ended_at") or ""
    return f"{began[:4]}-Q{(int(began[5:7]) + 2) // 3}" if began else ""


def _quarters(services: Iterable[Record]) -> list[str]:
    return sorted({_quarter(service) for service in services})


def _within(service: Record, period: str) -> bool:
    quarter = _quarter(service)
    return bool(quarter) and period in (quarter, quarter[:4])


def _keep(store: Store, record: dict[str, Any], schemas: SchemaSet, now: int, by: str) -> str:
    old = records.find(store, KIND, record["id"])
    if old is not None and old.record == record:
        return "unchanged"
    fate = "new" if old is None or old.deleted else "changed"
    sent = digest(schemas, KIND, record)
    records.put(store, [StoredRecord(KIND, record["id"], record, sent, now)])
    records.note(store, [Event(now, by, KIND, record["id"], fate)])
    return fate
