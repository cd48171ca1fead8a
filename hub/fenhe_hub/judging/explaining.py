"""A finding explained by the rule set that made it, years later too. Start at `explain_finding`.

The facts are those of today, the rules and the parameters those of the set that the finding names:
its bytes are kept, so it can be asked again whatever is in force now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from fenhe_client.checked_yaml import plain
from fenhe_hub.casework.book import open_casework
from fenhe_hub.hub import Hub
from fenhe_hub.index.findings import read_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from fenhe_hub.judging.court import Court, open_court
from fenhe_hub.judging.kept_rules import kept_rules
from fenhe_hub.judging.overlays import overlays_on
from fenhe_hub.rules.explain import DAY_LABELS, Explanation, explain
from fenhe_hub.rules.finding import STATE_LABELS, Finding
from fenhe_hub.rules.obligation import OBLIGATION_LABELS
from fenhe_hub.rules.overlaid import Subject
from fenhe_hub.rules.overlay import overlay
from fenhe_hub.rules.ruleset import Rule, RuleSet
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError
from fenhe_protocol.terminal import table

FORM = "代码/规则/类别/编号 uscc/rule/kind/id"
DAY_KINDS: Mapping[str, str] = {
    "working": "个工作日 working days",
    "calendar": "个日历日 calendar days",
}


def explain_finding(hub: Hub, name: str, now: int) -> Explanation:
    """Explain `<uscc>/<rule>/<kind>/<id>`; InputError `rules.finding` where there is none."""
    subject = _subject(name)
    with closing(open_index(hub.home.index)) as db, open_casework(hub.home) as casework:
        unit_no, kept = _kept(db, subject, name)
        tell_services(hub.home, db)
        court = open_court(hub, db, now)
        rules = kept_rules(hub.home, kept.version)
        rule = _rule(rules, kept)
        found = _asked_again(court, unit_no, replace(rules, rules=(rule,)), kept)
        today = court.moment.today
        laid = overlay(found, subject.uscc, overlays_on(casework, today), today)
        return explain(laid, subject.uscc, rule, court.moment_of(unit_no), court.calendar)


def _subject(name: str) -> Subject:
    try:
        return Subject.parse(name)
    except ValueError as error:
        raise InputError("rules.finding", where=name, expected=FORM) from error


def _kept(db: sqlite3.Connection, subject: Subject, name: str) -> tuple[int, Finding]:
    for unit_no, finding in read_findings(db, uscc=subject.uscc):
        if finding.named(subject.uscc) == name:
            return unit_no, finding
    raise InputError("rules.finding", where=name, expected=FORM, advice="fenhe-hub check")


def _rule(rules: RuleSet, finding: Finding) -> Rule:
    """The rule that made it, as if it held without end: it is asked as it was then."""
    named = [each for each in rules.rules if each.rule == finding.rule]
    found = next((each for each in named if each.start == finding.rule_from), named[-1])
    return replace(found, until=None)


def _asked_again(court: Court, unit_no: int, rules: RuleSet, kept: Finding) -> Finding:
    """The same finding with what is not kept of it; as it is kept where it is not made any more."""
    for _, unit in court.units([unit_no]):
        for each in court.judge(unit_no, unit, rules):
            if (each.kind, each.id) == (kept.kind, kept.id):
                return each
    return kept


def explanation_json(told: Explanation) -> dict[str, Any]:
    """The whole explanation as one JSON value."""
    found, rule, clock = told.finding, told.rule, told.clock
    return {
        "finding": told.name,
        "asked_on": told.asked_on.isoformat(),
        "state": found.state.value,
        "obligation": found.obligation.value,
        "leads_to_measures": found.leads_to_measures,
        "by_example": list(rule.examples),
        "due": found.due.isoformat() if found.due else None,
        "since": found.since.isoformat() if found.since else None,
        "todo": {"zh": found.todo.zh, "en": found.todo.en},
        "basis": {"zh": found.basis.zh, "en": found.basis.en},
        "rule": {
            "rule": rule.rule,
            "name_zh": rule.name_zh,
            "name_en": rule.name_en,
            "stands_on": rule.stands_on,
            "sentence": rule.sentence,
            "from": rule.start.isoformat(),
            "parameters": plain(dict(rule.parameters)),
            "rule_set": found.version,
        },
        "clock": clock.as_json() if clock else None,
        "days": [each.as_json() for each in told.days],
        "outages": [[format_time(each.start), format_time(each.end)] for each in told.outages],
        "evidence": [each.as_json() for each in found.evidence],
        **found.laid_over,
    }


def explanation_lines(told: Explanation) -> Iterator[str]:
    """The same for a person to read, Chinese first."""
    found, rule = told.finding, told.rule
    yield f"{told.name}"
    yield f"状态 state: {' '.join(STATE_LABELS[found.state])}"
    yield f"性质 obligation: {' '.join(OBLIGATION_LABELS[found.obligation])}"
    yield f"规则 rule: {rule.rule} {rule.name_zh} {rule.name_en}"
    yield f"依据 stands on: {rule.stands_on} {rule.sentence}"
    yield f"规则集 rule set: {found.version}, 自 from {rule.start}"
    if rule.examples:
        names = ", ".join(rule.examples)
        yield f"示例参数，不作采取措施的依据 examples, no ground for measures: {names}"
    if found.basis.zh:
        yield f"起算 counted: {found.basis.zh} {found.basis.en}"
    yield from _days_told(told)
    if found.due:
        yield f"期限 due: {found.due}"
    for each in found.evidence:
        yield f"证据 evidence: {each.origin} #{each.index} {each.delivered_on or '-'}"
    yield from _laid_told(found)
    if found.todo.zh:
        yield f"下一步 to do: {found.todo.zh} {found.todo.en}"


def _days_told(told: Explanation) -> Iterator[str]:
    if told.clock is None:
        return
    start, amount = told.clock.start, told.clock.amount
    yield f"起算日 clock starts: {start}, {amount} {DAY_KINDS[told.clock.day_kind]}"
    heads = ("日期 day", "性质 what", "第几天 number", "依据 source")
    rows = [
        (each.on.isoformat(), DAY_LABELS[each.is_][0], str(each.number or ""), each.source)
        for each in told.days
    ]
    yield table([heads, *rows])


def _laid_told(found: Finding) -> Iterator[str]:
    if found.exemption is not None:
        each = found.exemption
        until = each.until or "-"
        yield (f"豁免 exempt: {each.approver} {each.filing_no} {each.reason}, 至 until {until}")
    for objection in found.objections:
        yield f"异议 objection {objection.number}: {objection.text} [{objection.decision}]"
    if found.withdrawn is not None:
        yield f"{found.withdrawn.text_zh} {found.withdrawn.text_en}"
