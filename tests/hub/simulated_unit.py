"""One unit of the simulated province: everything it says, in order, without a fault.

`Sayings` holds what is said and when; `simulated_plants` changes it so that one rule is broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.usage_facts import (
    Complaint,
    Evaluation,
    first_day_of,
    quarter_name,
    quarter_of,
)
from fenhe_protocol.identifiers import uscc_check_character

Fields = dict[str, Any]

TODAY = date(2026, 11, 23)
ENROLLED, FIRST, NEW_ON = date(2025, 12, 1), date(2026, 1, 5), date(2026, 2, 20)
ACCEPTED_NEW = "2026-02-02"
QUARTERS = tuple(range(quarter_of(date(2026, 1, 1)), quarter_of(TODAY)))
REPORTED_AFTER = 10  # days
MINUTES = 120  # of every service
EVERY_NEW = 10  # one instrument of so many is a new one
PRICES = {"internal_fen": 10_000, "external_fen": 20_000, "small_firm_fen": 15_000}
COSTS = {"materials_fen": 9_000, "utilities_fen": 5_000, "labour_fen": 6_000}  # as much as that
REGIMES = ("opening", "operation", "maintenance", "use")


def noon(day: date) -> int:
    """A moment of a day."""
    return int(datetime.combine(day, time(12), CHINA).timestamp())


def uscc(number: int) -> str:
    """The code of an invented unit."""
    first = f"1214000000{number:07}"
    return first + uscc_check_character(first)


@dataclass
class Said:
    """One record: when it was delivered, and its bodies without the envelope."""

    on: date
    kind: str
    id: str
    pub: Fields | None = None
    hub: Fields | None = None


@dataclass
class Service:
    """One service record: when it was delivered, and its body without the envelope."""

    on: date
    fields: Fields


@dataclass
class Sayings:
    """All that a unit says, and what the office knows of it."""

    number: int
    records: list[Said] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    alive_at: int = noon(TODAY) - 7200
    refused: list[str] = field(default_factory=list)  # codes, a leaf each at the end
    lacking: int = 0  # bodies at the end that never came
    complaints: tuple[Complaint, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()

    @property
    def origin(self) -> str:
        """The unit's origin."""
        return f"u{self.number}.example/fenhe"

    def of(self, kind: str, id_: str = "") -> Said:
        """The record of a kind, by its id."""
        return next(each for each in self.records if each.kind == kind and id_ in ("", each.id))

    def summary(self, instrument: str, period: str) -> Said:
        """The summary of an instrument and a period."""
        return self.of("usage_summary", f"{instrument}/{period}")

    def services_of(self, instrument: str, quarter: int) -> list[Service]:
        """The services of an instrument in a quarter."""
        return [
            each
            for each in self.services
            if each.fields["instrument"] == instrument
            and quarter_of(date.fromisoformat(each.fields["started_at"][:10])) == quarter
        ]


def flawless(number: int, instruments: int, services: int) -> Sayings:
    """A unit in which every duty is met; `services` of each instrument in a quarter."""
    said = Sayings(number)
    said.records.append(Said(FIRST, "unit", uscc(number), _unit(number)))
    said.records += [Said(FIRST, "fee_standard", f"F-{n}", _standard(n)) for n in (1, 2, 3)]
    for place in range(instruments):
        _add_instrument(said, place, services)
    eligible = {"year": 2025, "eligible_from_50": instruments}
    said.records.append(Said(FIRST, "unit_year", "2025", eligible))
    plan = {"name_zh": "示例质谱仪", "opening_plan": "验收后向社会开放"}
    review = {"estimated_yuan": 2_600_000, "funds": ["local"], "review_decision_no": "示例1号"}
    said.records.append(Said(NEW_ON, "purchase_plan", "G-1", plan, review))
    result = {"title": "示例论文", "type": "paper", "credited": True}
    said.records.append(Said(NEW_ON, "outcome", "O-1", result))
    return said


def instrument_id(place: int) -> str:
    """The id of an instrument."""
    return f"A-{place:04}"


def _unit(number: int) -> Fields:
    regime = {"title": "示例管理办法", "in_force_from": "2025-01-01"}
    return {"name_zh": f"示例单位{number}"} | {f"regime_{name}": regime for name in REGIMES}


def _standard(number: int) -> Fields:
    line = {"no": 1, "item": "测试", "charge_unit": "hour", **PRICES, "cost_basis": dict(COSTS)}
    return {"name_zh": f"示例收费标准{number}", "lines": [line], "in_force_from": "2025-01-01"}


def _add_instrument(said: Sayings, place: int, services: int) -> None:
    id_, is_new = instrument_id(place), place % EVERY_NEW == EVERY_NEW - 1
    fee = f"F-{place % 3 + 1}"
    public = {
        "name_zh": f"示例仪器{place}",
        "status": "normal",
        "model": f"EX-{place}",
        "technical_specification": "磁场强度 14.1 T；分辨率 ≤0.5 Hz",
        "function": "用于有机化合物、高分子和天然产物的结构测定",
        "class_code": "010601",
        "service_content": "氢谱、碳谱、二维谱",
        "user_notice": "样品须提前一天送达",
        "fee_standards": [fee],
        "general_or_special": "general",
        "share_mode": "external",
        "accepted_on": ACCEPTED_NEW if is_new else "2015-06-01",
        "value_band": "from_50",
        "location": {"province": "山西省", "city": "太原市"},
    }
    held = {"value_yuan": 600_000, "funds": ["local"], "department": "示例学院"}
    said.records.append(Said(NEW_ON if is_new else FIRST, "instrument", id_, public, held))
    said.records.append(_summary(id_, "2025", FIRST, services=100, hours=1500, external=300))
    for quarter in QUARTERS:
        _add_quarter(said, id_, f"{fee}/1", quarter, services)


def _summary(id_: str, period: str, on: date, *, services: int, hours: int, external: int) -> Said:
    fields = {
        "instrument": id_,
        "period": period,
        "nil_report": False,
        "services": services,
        "effective_minutes": hours * 60,
        "external_minutes": external * 60,
        "run_minutes": hours * 60,
    }
    return Said(on, "usage_summary", f"{id_}/{period}", fields)


def _add_quarter(said: Sayings, id_: str, line: str, quarter: int, count: int) -> None:
    start, reported = first_day_of(quarter), reported_on(quarter)
    third = first_day_of(quarter) + timedelta(days=61)
    for number, day in enumerate(_days(start, count)):
        delivered = third if day < third - timedelta(days=30) else reported
        fields = service_of(id_, line, day, is_external=number % 3 == 0)
        fields["id"] = f"{id_}-{quarter}-{number}"
        said.services.append(Service(delivered, fields))
    external = len(range(0, count, 3))
    hours = MINUTES // 60
    said.records.append(
        _summary(
            id_,
            quarter_name(quarter),
            reported,
            services=count,
            hours=count * hours,
            external=external * hours,
        )
    )


def reported_on(quarter: int) -> date:
    """When units report a quarter."""
    return first_day_of(quarter + 1) + timedelta(days=REPORTED_AFTER - 1)


def _days(start: date, count: int) -> Iterator[date]:
    return (start + timedelta(days=number * 7 % 84) for number in range(count))


def service_of(id_: str, line: str, day: date, *, is_external: bool) -> Fields:
    """One service of two hours, charged as the standard says."""
    return {
        "instrument": id_,
        "started_at": f"{day}T09:00:00+08:00",
        "ended_at": f"{day}T11:00:00+08:00",
        "effective_minutes": MINUTES,
        "amount_fen": PRICES["external_fen" if is_external else "internal_fen"] * 2,
        "fee_line": line,
        "way": 3 if is_external else 1,
        "user_class": "enterprise" if is_external else "internal",
    }
