"""`check`: lay the disclosure rules over what is mirrored. `--rules` tries another rule set."""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace

from fenhe_hub.below.outages import merged, outages_beneath
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.facts import gather_moment, gather_units
from fenhe_hub.index.findings import replace_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.operations.outcomes import NO_UNITS
from fenhe_hub.report import show
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.facts import Moment
from fenhe_hub.rules.finding import STATE_LABELS, Finding, State
from fenhe_hub.rules.judge import judge_unit
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.terminal import table
from fenhe_protocol.workdays import Calendar

Judged = list[tuple[int, Finding]]


@dataclass(frozen=True)
class CheckReport:
    """How many findings a run made, by rule and state; `open` counts due and overdue ones."""

    rules: str
    units: int
    counts: dict[str, dict[str, int]]

    @property
    def open(self) -> int:
        """Findings on which someone has to act."""
        states = (State.DUE, State.OVERDUE)
        return sum(counts.get(state, 0) for counts in self.counts.values() for state in states)


def add_commands(commands: Commands) -> None:
    """`check`."""
    check = add_command(commands, "check", "按披露规则检查 judge by the disclosure rules", _check)
    check.add_argument(
        "--rules", metavar="FILE", help="试用另一套规则，不写入 what another rule set would say"
    )


def _check(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    now = int(time.time())
    if options.rules:
        report = try_rules(hub, load_rules(options.rules), now)
    else:
        report = run_check(hub, now)
    value = {
        "rules": report.rules,
        "units": report.units,
        "findings": report.counts,
        "open": report.open,
    }
    show(value, _text(report), as_json=options.json)
    return 0


def run_check(hub: Hub, now: int) -> CheckReport:
    """Judge all units by the rule set in force and keep the findings."""
    rules = load_rules(hub.config.rules)
    with closing(open_index(hub.home.index)) as db:
        judged = _judge(hub, db, rules, now)
        replace_findings(db, judged)
    return _report(rules, judged)


def try_rules(hub: Hub, rules: RuleSet, now: int) -> CheckReport:
    """Judge all units by another rule set and write nothing."""
    with closing(open_index(hub.home.index)) as db:
        return _report(rules, _judge(hub, db, rules, now))


def _judge(hub: Hub, db: sqlite3.Connection, rules: RuleSet, now: int) -> Judged:
    calendar = Calendar.load()
    moment, beneath = gather_moment(db, now), outages_beneath(hub, db, now)
    origins = dict(db.execute("SELECT unit_no, origin FROM unit"))

    def moment_of(unit_no: int) -> Moment:
        added = beneath.get(origins[unit_no], ())
        return replace(moment, outages=merged([*moment.outages, *added])) if added else moment

    return [
        (unit_no, finding)
        for unit_no, unit in gather_units(db, body_reader(hub.home))
        for finding in judge_unit(unit, rules, moment_of(unit_no), calendar)
    ]


def _report(rules: RuleSet, judged: Judged) -> CheckReport:
    counted = Counter((finding.rule, finding.state.value) for _, finding in judged)
    counts: dict[str, dict[str, int]] = {}
    for (rule, state), number in sorted(counted.items()):
        counts.setdefault(rule, {})[state] = number
    return CheckReport(rules.name, len({unit_no for unit_no, _ in judged}), counts)


def _text(report: CheckReport) -> str:
    states = [state for state in State if any(state in each for each in report.counts.values())]
    heads = ["规则 rule", *(" ".join(STATE_LABELS[state]) for state in states)]
    rows = [[rule, *(each.get(s, 0) for s in states)] for rule, each in report.counts.items()]
    return table([heads, *rows]) if rows else NO_UNITS
