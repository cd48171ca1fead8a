from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources
from typing import Any

import pytest
import yaml

from fenhe_hub.index.facts import outages_of
from fenhe_hub.index.receipts import make_receipts
from fenhe_hub.rules.facts import (
    LogFacts,
    Moment,
    Outage,
    Refusal,
    ResourceFacts,
    Submission,
    UnitFacts,
)
from fenhe_hub.rules.finding import Finding, State
from fenhe_hub.rules.judge import judge_unit
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.ruleset import RuleSet, read_rule_set
from fenhe_protocol.errors import SetupError
from fenhe_protocol.workdays import Calendar

USCC = "12140000000000019W"
CATALOGUE = "u1.example/fenhe/catalogue"
REGIMES = ("opening", "operation", "maintenance", "use")
TODAY = date(2026, 11, 23)
NOW = 1795392065
MOMENT = Moment(NOW, TODAY)
COMPLETE: dict[str, Any] = {
    "name_zh": "核磁共振波谱仪",
    "status": "normal",
    "model": "EX-400",
    "technical_specification": "400 MHz",
    "function": "测定结构",
    "class_code": "010601",
    "service_content": "氢谱",
    "user_notice": "提前预约",
    "fee_text": "300元/小时",
    "accepted_on": "2026-09-01",
}
PUBLIC_MONEY: dict[str, Any] = {"value_yuan": 3_200_000, "funds": ["local"]}


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar.load()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    file = resources.files("fenhe_hub") / "rules/rulesets/shanxi.yaml"
    raw = file.read_bytes()
    return read_rule_set(raw, yaml.safe_load(raw))


def an_instrument(
    *submissions: tuple[Mapping[str, Any], date | None],
    supervised: Mapping[str, Any] = PUBLIC_MONEY,
) -> ResourceFacts:
    leaves = tuple(Submission(i, fields, day) for i, (fields, day) in enumerate(submissions))
    return ResourceFacts("instrument", "A-1", CATALOGUE, leaves[-1].fields, supervised, leaves)


def a_unit(*resources_: ResourceFacts, **changes: Any) -> UnitFacts:
    regimes = {f"regime_{name}": {"title": "办法"} for name in REGIMES}
    record = ResourceFacts("unit", USCC, CATALOGUE, regimes, {})
    log = LogFacts(CATALOGUE, 3, NOW - 3600, 3, 0, False)
    unit = UnitFacts(
        USCC,
        "示例大学",
        date(2026, 1, 1),
        24,
        record,
        resources_,
        summarised=frozenset({"A-1"}),
        logs=(log,),
    )
    return replace(unit, **changes)


def findings_of(rule: str, unit: UnitFacts, rules: RuleSet, calendar: Calendar) -> list[Finding]:
    return [f for f in judge_unit(unit, rules, MOMENT, calendar) if f.rule == rule]


def the_finding(rule: str, unit: UnitFacts, rules: RuleSet, calendar: Calendar) -> Finding:
    found = [f for f in findings_of(rule, unit, rules, calendar) if f.kind == "instrument"]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("delivered", "state"),
    [(date(2026, 10, 19), State.MET), (date(2026, 10, 20), State.OVERDUE), (None, State.OVERDUE)],
)
def test_d1_counts_thirty_working_days_from_the_day_after_acceptance(
    delivered: date | None, state: State, rules: RuleSet, calendar: Calendar
) -> None:
    finding = the_finding("D1", a_unit(an_instrument((COMPLETE, delivered))), rules, calendar)
    assert (finding.state, finding.due) == (state, date(2026, 10, 19))


def test_d1_is_due_while_days_are_left(rules: RuleSet, calendar: Calendar) -> None:
    fields = {**COMPLETE, "accepted_on": "2026-11-02", "function": None}
    unit = a_unit(an_instrument((fields, date(2026, 11, 20))))
    finding = the_finding("D1", unit, rules, calendar)
    assert finding.state is State.DUE
    assert "功能" in finding.todo.zh


def test_d1_is_provisional_where_the_due_date_lies_in_an_unannounced_year(
    rules: RuleSet, calendar: Calendar
) -> None:
    fields = {**COMPLETE, "accepted_on": "2026-11-23"}
    unit = a_unit(an_instrument((fields, None)))
    assert the_finding("D1", unit, rules, calendar).state is State.PROVISIONAL


def test_d1_takes_the_first_complete_submission_not_the_first_one(
    rules: RuleSet, calendar: Calendar
) -> None:
    half = {**COMPLETE, "model": None, "technical_specification": None}
    resource = an_instrument((half, date(2026, 9, 10)), (COMPLETE, date(2026, 10, 30)))
    finding = the_finding("D1", a_unit(resource), rules, calendar)
    assert finding.state is State.OVERDUE
    assert finding.evidence[0].index == 1


def test_d1_takes_the_regime_of_the_unit_for_opening_terms(
    rules: RuleSet, calendar: Calendar
) -> None:
    without = {**COMPLETE, "user_notice": None}
    unit = a_unit(an_instrument((without, date(2026, 10, 1))))
    assert the_finding("D1", unit, rules, calendar).state is State.MET
    bare = replace(unit, unit_record=None)
    assert the_finding("D1", bare, rules, calendar).state is State.OVERDUE


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"accepted_on": None}, State.UNKNOWN),
        ({"accepted_on": "2015-12-31"}, State.NOT_APPLICABLE),
    ],
)
def test_d1_without_a_date_is_unknown_and_stock_is_out(
    change: dict[str, Any], state: State, rules: RuleSet, calendar: Calendar
) -> None:
    unit = a_unit(an_instrument(({**COMPLETE, **change}, None)))
    assert the_finding("D1", unit, rules, calendar).state is state


def test_voluntary_records_get_advice_and_never_a_breach(
    rules: RuleSet, calendar: Calendar
) -> None:
    private = {"value_yuan": 900_000, "funds": ["own"]}
    unit = a_unit(an_instrument(({"accepted_on": "2026-01-05"}, None), supervised=private))
    states = {f.state for f in judge_unit(unit, rules, MOMENT, calendar) if f.kind == "instrument"}
    assert states == {State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("public", "supervised", "duty"),
    [
        ({}, {"value_yuan": 200_000, "funds": ["local"]}, Obligation.DUTY),
        ({}, {"value_yuan": 199_999, "funds": ["local"]}, Obligation.VOLUNTARY),
        ({}, {"value_yuan": 200_000, "funds": ["own", "other"]}, Obligation.VOLUNTARY),
        ({}, {"value_yuan": 200_000, "funds": ["own", "central"]}, Obligation.DUTY),
        ({"value_band": "from_20"}, {"funds": ["local"]}, Obligation.DUTY),
        ({"value_band": "under_20"}, {}, Obligation.VOLUNTARY),
        ({}, {"value_yuan": 200_000}, Obligation.UNKNOWN),
        ({"carrier": {"kind": "base"}}, {}, Obligation.DUTY),
    ],
)
def test_the_obligation_follows_the_money_and_the_value(
    public: dict[str, Any],
    supervised: dict[str, Any],
    duty: Obligation,
    rules: RuleSet,
) -> None:
    resource = ResourceFacts("instrument", "A-1", CATALOGUE, public, supervised)
    assert obligation_of(resource, rules.rules[0].parameters) is duty


def test_d2_names_what_is_missing_in_words(rules: RuleSet, calendar: Calendar) -> None:
    fields = {k: v for k, v in COMPLETE.items() if k not in ("fee_text", "model")}
    unit = a_unit(an_instrument((fields, date(2026, 1, 5))), summarised=frozenset())
    finding = the_finding("D2", unit, rules, calendar)
    assert finding.state is State.OVERDUE
    assert all(word in finding.todo.zh for word in ("规格型号", "收费标准", "使用情况"))


def test_d2_is_met_when_all_is_public(rules: RuleSet, calendar: Calendar) -> None:
    unit = a_unit(an_instrument((COMPLETE, date(2026, 1, 5))))
    assert the_finding("D2", unit, rules, calendar).state is State.MET


def test_d2_wants_the_fee_standards_a_record_names_to_be_public(
    rules: RuleSet, calendar: Calendar
) -> None:
    fields = {k: v for k, v in COMPLETE.items() if k != "fee_text"} | {"fee_standards": ["F-1"]}
    unit = a_unit(an_instrument((fields, date(2026, 1, 5))))
    assert the_finding("D2", unit, rules, calendar).state is State.OVERDUE
    priced = replace(unit, fee_standards=frozenset({"F-1"}))
    assert the_finding("D2", priced, rules, calendar).state is State.MET


def test_d2_asks_the_unit_for_its_four_regimes(rules: RuleSet, calendar: Calendar) -> None:
    bare = ResourceFacts("unit", USCC, CATALOGUE, {"regime_opening": {"title": "办法"}}, {})
    found = [
        f for f in findings_of("D2", a_unit(unit_record=bare), rules, calendar) if f.kind == "unit"
    ]
    assert found[0].state is State.OVERDUE
    assert "开放" not in found[0].todo.zh


def test_d5_is_a_breach_for_each_refused_body_and_quotes_nothing(
    rules: RuleSet, calendar: Calendar
) -> None:
    hit = Refusal(CATALOGUE, 7, "pub", "privacy", date(2026, 11, 1))
    other = Refusal(CATALOGUE, 8, "pub", "schema", None)
    found = findings_of("D5", a_unit(refusals=(hit, other)), rules, calendar)
    assert [(f.state, f.id) for f in found] == [(State.OVERDUE, f"{CATALOGUE}#7/pub")]
    assert findings_of("D5", a_unit(), rules, calendar)[0].state is State.MET


def test_d12_counts_from_the_last_sign_of_life(rules: RuleSet, calendar: Calendar) -> None:
    silent = LogFacts(CATALOGUE, 3, NOW - 25 * 3600, 3, 0, False)
    found = findings_of("D12", a_unit(logs=(silent,)), rules, calendar)
    assert found[0].state is State.OVERDUE
    assert findings_of("D12", a_unit(), rules, calendar)[0].state is State.MET


def test_d12_does_not_count_hours_in_which_the_hub_was_down(
    rules: RuleSet, calendar: Calendar
) -> None:
    silent = LogFacts(CATALOGUE, 3, NOW - 25 * 3600, 3, 0, False)
    down = Moment(NOW, TODAY, (Outage(NOW - 20 * 3600, NOW - 15 * 3600),))
    found = [
        f for f in judge_unit(a_unit(logs=(silent,)), rules, down, calendar) if f.rule == "D12"
    ]
    assert found[0].state is State.MET


def test_d12_reports_gaps_and_quarantine_of_each_log(rules: RuleSet, calendar: Calendar) -> None:
    gaps = LogFacts(CATALOGUE, 3, NOW, 1, 2, False)
    forked = LogFacts("u1.example/fenhe/usage", 3, NOW, 1, 0, True)
    found = findings_of("D12", a_unit(logs=(gaps, forked)), rules, calendar)
    assert [f.state for f in found] == [State.MET, State.DUE, State.OVERDUE]


def test_a_receipt_is_the_earliest_time_of_any_size_above_the_index() -> None:
    receipts = make_receipts([(4, NOW + 86400), (9, NOW), (9, NOW + 5)])
    assert receipts.delivered_on(3) == TODAY
    assert receipts.delivered_on(8) == TODAY
    assert receipts.delivered_on(9) is None


def test_gaps_of_over_two_hours_between_heartbeats_are_outages() -> None:
    assert outages_of([0, 7200, 7200 + 7201], 7200 + 7202) == (Outage(7200, 14401),)
    assert outages_of([0], 10_000) == (Outage(0, 10_000),)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"functoin": "x"}, "rules.key"),
        ({"from": "soon"}, "rules.day"),
    ],
)
def test_a_rule_set_with_a_wrong_key_or_day_is_refused_by_name(
    change: dict[str, Any], code: str, rules: RuleSet
) -> None:
    file = resources.files("fenhe_hub") / "rules/rulesets/shanxi.yaml"
    document = yaml.safe_load(file.read_bytes())
    document["rules"][0].update(change)
    with pytest.raises(SetupError) as error:
        read_rule_set(b"", document)
    assert error.value.code == code


def test_a_rule_holds_only_between_its_days(rules: RuleSet, calendar: Calendar) -> None:
    ended = replace(rules, rules=tuple(replace(r, until=TODAY) for r in rules.rules))
    assert list(judge_unit(a_unit(), ended, MOMENT, calendar)) == []


def test_an_unknown_function_is_refused_with_the_rule_it_stands_in(
    rules: RuleSet, calendar: Calendar
) -> None:
    wrong = replace(rules, rules=(replace(rules.rules[0], function="guess"),))
    with pytest.raises(SetupError, match="guess"):
        list(judge_unit(a_unit(), wrong, MOMENT, calendar))
