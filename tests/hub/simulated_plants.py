"""What is planted into units of the simulated province, and which findings must come of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fenhe_hub.rules.usage_facts import Complaint, Evaluation, quarter_name
from tests.hub.simulated_unit import (
    NEW_ON,
    QUARTERS,
    TODAY,
    Sayings,
    Service,
    instrument_id,
    noon,
    reported_on,
    service_of,
    uscc,
)

Expected = set[tuple[str, str, str, str]]
"""(rule, kind, id, state) of findings that are neither met nor not applicable."""

Plant = Callable[[Sayings], Expected]

A = instrument_id(0)
Q1, Q2, Q3 = QUARTERS


def late_submission(said: Sayings) -> Expected:
    record = said.of("instrument", A)
    record.on, record.pub = reported_on(Q2), {**(record.pub or {}), "accepted_on": "2026-02-02"}
    return {("D1", "instrument", A, "overdue")}


def no_service_content(said: Sayings) -> Expected:
    public = said.of("instrument", A).pub or {}
    del public["service_content"]
    return {("D2", "instrument", A, "overdue")}


def no_regime(said: Sayings) -> Expected:
    public = said.of("unit").pub or {}
    del public["regime_use"]
    return {("D2", "unit", uscc(said.number), "overdue")}


def silent_quarter(said: Sayings) -> Expected:
    said.records.remove(said.summary(A, quarter_name(Q2)))
    return {("D3", "instrument", A, "overdue")}


def late_report(said: Sayings) -> Expected:
    said.summary(A, quarter_name(Q2)).on = date(2026, 9, 1)
    return {("D3", "instrument", A, "overdue")}


def nil_report(said: Sayings) -> Expected:
    summary = said.summary(A, quarter_name(Q2))
    summary.pub = {"instrument": A, "period": quarter_name(Q2), "nil_report": True}
    for service in said.services_of(A, Q2):
        said.services.remove(service)
    return set()


def above_cost(said: Sayings) -> Expected:
    line = (said.of("fee_standard", "F-1").pub or {})["lines"][0]
    line["cost_basis"]["labour_fen"] -= 1
    return {("D4", "fee_standard", "F-1", "overdue")}


def too_dear(said: Sayings) -> Expected:
    said.services_of(A, Q3)[0].fields["amount_fen"] += 1
    return {("D4", "instrument", A, "overdue")}


def hidden_line(said: Sayings) -> Expected:
    said.services_of(A, Q3)[0].fields["fee_line"] = "F-9/1"
    return {("D4", "instrument", A, "overdue")}


def personal_data(said: Sayings) -> Expected:
    said.refused.append("privacy")
    leaf = f"{said.origin}/catalogue#{len(said.records)}/pub"
    return {("D5", "leaf", leaf, "overdue")}


def more_external_than_effective(said: Sayings) -> Expected:
    public = said.summary(A, "2025").pub or {}
    public["external_minutes"] = public["effective_minutes"] + 1
    return {("D6", "instrument", A, "overdue")}


def two_at_a_time(said: Sayings) -> Expected:
    first = said.services_of(A, Q2)[0]
    first.fields |= {"way": 1, "ended_at": f"{first.fields['started_at'][:10]}T12:00:00+08:00"}
    second = service_of(A, first.fields["fee_line"], _day(first), is_external=False)
    said.services.append(Service(first.on, second | {"id": f"{A}-second", "effective_minutes": 0}))
    _count_one_more(said, Q2)
    return {("D6", "instrument", A, "overdue")}


def year_in_a_night(said: Sayings) -> Expected:
    service = said.services_of(A, Q2)[0]
    service.fields |= {"effective_minutes": 9000, "amount_fen": 0}
    public = said.summary(A, quarter_name(Q2)).pub or {}
    for name in ("effective_minutes", "run_minutes", "external_minutes"):
        public[name] += 9000 - 120
    return {("D6", "instrument", A, "overdue")}


def off_its_services(said: Sayings) -> Expected:
    public = said.summary(A, quarter_name(Q3)).pub or {}
    public["effective_minutes"] = public["run_minutes"] = public["effective_minutes"] * 2
    return {("D6", "instrument", A, "overdue")}


def accepted_tomorrow(said: Sayings) -> Expected:
    record = said.of("instrument", A)
    record.pub = {**(record.pub or {}), "accepted_on": "2026-11-24"}
    return {("D6", "instrument", A, "overdue")}


def missing_instrument(said: Sayings) -> Expected:
    (said.of("unit_year").pub or {})["eligible_from_50"] += 1
    return {("D7", "band", "from_50", "overdue")}


def little_use(said: Sayings) -> Expected:
    public = said.summary(A, "2025").pub or {}
    public |= {"effective_minutes": 60 * 600, "external_minutes": 60 * 100}
    return {("D8", "instrument", A, "due")}


def little_use_and_evaluated(said: Sayings) -> Expected:
    little_use(said)
    said.evaluations = (Evaluation(2025, "poor", date(2026, 6, 1)),)
    return {("D8", "instrument", A, "overdue")}


def unanswered(said: Sayings) -> Expected:
    said.complaints = (
        Complaint("C-2026-0001", date(2026, 10, 12)),
        Complaint("C-2026-0002", date(2026, 10, 12), date(2026, 10, 20)),
        Complaint("C-2026-0003", date(2026, 10, 12), about="reallocation"),
    )
    return {("D9", "complaint", "C-2026-0001", "overdue")}


def no_opening_plan(said: Sayings) -> Expected:
    del (said.of("purchase_plan").pub or {})["opening_plan"]
    return {("D10", "purchase_plan", "G-1", "overdue")}


def uncredited(said: Sayings) -> Expected:
    del (said.of("outcome").pub or {})["credited"]
    return {("D11", "outcome", "O-1", "unknown")}


def silent(said: Sayings) -> Expected:
    said.alive_at = noon(TODAY) - 3 * 86_400
    return {("D12", "unit", uscc(said.number), "overdue")}


def bodies_missing(said: Sayings) -> Expected:
    said.lacking = 2
    return {("D12", "log", f"{said.origin}/catalogue", "due")}


def corrected_report(said: Sayings) -> Expected:
    """A later leaf of a report takes nothing of its day away."""
    summary = said.summary(A, quarter_name(Q1))
    said.records.append(type(summary)(NEW_ON, "outcome", "O-2", {"title": "x", "credited": True}))
    later = type(summary)(date(2026, 9, 1), summary.kind, summary.id, dict(summary.pub or {}))
    said.records.append(later)
    return set()


def _day(service: Service) -> date:
    return date.fromisoformat(service.fields["started_at"][:10])


def _count_one_more(said: Sayings, quarter: int) -> None:
    public = said.summary(A, quarter_name(quarter)).pub or {}
    public["services"] += 1


PLANTS: tuple[Plant, ...] = (
    late_submission,
    no_service_content,
    no_regime,
    silent_quarter,
    late_report,
    nil_report,
    corrected_report,
    above_cost,
    too_dear,
    hidden_line,
    personal_data,
    more_external_than_effective,
    two_at_a_time,
    year_in_a_night,
    off_its_services,
    accepted_tomorrow,
    missing_instrument,
    little_use,
    little_use_and_evaluated,
    unanswered,
    no_opening_plan,
    uncredited,
    silent,
    bodies_missing,
)
