"""`check`: lay the disclosure rules over what is mirrored; with `--rules` see `what_if`."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from dataclasses import dataclass

from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from fenhe_hub.judging.court import open_court
from fenhe_hub.judging.kept_rules import keep_rules
from fenhe_hub.judging.office_facts import facts_digests
from fenhe_hub.judging.overlays import overlays_of
from fenhe_hub.judging.recheck import recheck
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.operations.outcomes import NO_UNITS
from fenhe_hub.operations.what_if import add_arguments, report_what_if
from fenhe_hub.report import complain, show
from fenhe_hub.rule_file import read_rules, rule_bytes
from fenhe_hub.rules.finding import STATE_LABELS, State
from fenhe_protocol.terminal import table

WRONG_USAGE = 2


@dataclass(frozen=True)
class CheckReport:
    """How many findings there are, by rule and state; `open` counts due and overdue ones.

    `judged`: so many units were judged anew; the others' findings still stand.
    """

    rules: str
    units: int
    counts: dict[str, dict[str, int]]
    judged: int

    @property
    def open(self) -> int:
        """Findings on which someone has to act."""
        states = (State.DUE, State.OVERDUE)
        return sum(counts.get(state, 0) for counts in self.counts.values() for state in states)


def add_commands(commands: Commands) -> None:
    """`check`."""
    check = add_command(commands, "check", "按披露规则检查 judge by the disclosure rules", _check)
    add_arguments(check)


def _check(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    if options.rules:
        return report_what_if(hub, options)
    if options.xlsx:
        complain("--xlsx 与 --rules 同用 goes with --rules")
        return WRONG_USAGE
    report = run_check(hub, int(time.time()))
    value = {
        "rules": report.rules,
        "units": report.units,
        "findings": report.counts,
        "open": report.open,
        "judged": report.judged,
    }
    show(value, _text(report), as_json=options.json)
    return 0


def run_check(hub: Hub, now: int) -> CheckReport:
    """Bring all findings up to now, by the rule set in force."""
    raw = rule_bytes(hub.rules_file)
    rules = read_rules(raw, hub.rules_file)
    keep_rules(hub.home, raw)
    with closing(open_index(hub.home.index)) as db:
        tell_services(hub.home, db)
        digests = facts_digests(hub.home)  # before the facts: what changes meanwhile differs
        court = open_court(hub, db, now)
        done = recheck(court, rules, digests, overlays_of(hub, now))
    return CheckReport(rules.name, done.units, done.counts, done.judged)


def _text(report: CheckReport) -> str:
    states = [state for state in State if any(state in each for each in report.counts.values())]
    heads = ["规则 rule", *(" ".join(STATE_LABELS[state]) for state in states)]
    rows = [[rule, *(each.get(s, 0) for s in states)] for rule, each in report.counts.items()]
    return table([heads, *rows]) if rows else NO_UNITS
