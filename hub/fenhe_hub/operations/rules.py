"""`explain`, `rule-sets`, `adopt-rules`, `withdraw-findings`, `workdays`: what findings rest on."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from fenhe_hub.fed.rules_in_force import InForce, rules_in_force
from fenhe_hub.hub import open_hub
from fenhe_hub.judging.explaining import explain_finding, explanation_json, explanation_lines
from fenhe_hub.judging.overlays import lay_today
from fenhe_hub.judging.working_days import KnownYear, known_years
from fenhe_hub.office import ruling
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.office.withdrawing import withdraw
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.rule_file import rule_bytes
from fenhe_protocol.encoding import format_time
from fenhe_protocol.terminal import table


def add_commands(commands: Commands) -> None:
    """`explain`, `rule-sets`, `adopt-rules`, `withdraw-findings`, `workdays`."""
    told = "逐日说明一项认定的期限和依据 how a finding came about, day by day"
    command = add_command(commands, "explain", told, _explain)
    command.add_argument(
        "finding", metavar="FINDING", help="代码/规则/类别/编号 <uscc>/<rule>/<kind>/<id>"
    )
    told = "何时用过哪一套规则 which rule set was in force when"
    add_command(commands, "rule-sets", told, _rule_sets)
    told = "撤回一套规则所作的认定，公开更正 withdraw what a rule set found, in public"
    command = add_command(commands, "withdraw-findings", told, _withdraw)
    command.add_argument(
        "--rules", metavar="SHA256", required=True, help="规则集的摘要 (rule-sets) its digest"
    )
    command.add_argument(
        "--rule", metavar="D1", default="", help="只撤其中一条规则 of one rule of it alone"
    )
    command.add_argument("--reason", required=True, help="公开的原因 why, for everyone")
    command.add_argument("--document", default="", help="文号 number of the document")
    command.add_argument("--by", default="", help="决定的部门 who decided it")
    told = "按文件施行另一套规则 put another rule set in force, by a document"
    command = add_command(commands, "adopt-rules", told, _adopt)
    command.add_argument("file", metavar="FILE", help="规则集 the rule set")
    command.add_argument("--reason", required=True, help="为什么换 why")
    command.add_argument("--document", required=True, help="文号 number of the document")
    command.add_argument("--on", metavar="DAY", required=True, help="决定日期 when it was decided")
    command.add_argument("--by", required=True, help="决定的部门 who decided it")
    told = "已知的工作日历，到哪一年为止 which years' working days are known"
    add_command(commands, "workdays", told, _workdays)


def _explain(options: argparse.Namespace) -> int:
    told = explain_finding(open_hub(options.home), options.finding, int(time.time()))
    lines = "\n".join(explanation_lines(told))
    show(explanation_json(told), lines, as_json=options.json)
    return 0


def _rule_sets(options: argparse.Namespace) -> int:
    found = rules_in_force(open_hub(options.home))
    heads = ("自 from", "名称 name", "摘要 sha256", "原文 bytes")
    show(
        [each.as_json() for each in found],
        table([heads, *map(_in_force, found)]),
        as_json=options.json,
    )
    return 0


def _in_force(each: InForce) -> Sequence[str]:
    kept = "有 kept" if each.kept else "没有 lost"
    return (format_time(each.at), each.name, each.sha256, kept)


def _withdraw(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    office = Office(hub, lambda: int(time.time()))
    act = withdraw(
        office,
        THE_HUB,
        options.rules,
        options.reason,
        rule=options.rule,
        document=options.document,
        body=options.by,
    )
    changed = lay_today(hub, int(time.time()))
    value = {"number": act.subject, "findings": changed}
    text = f"{act.subject}: 撤回 {changed} 项认定 findings withdrawn"
    show(value, text, as_json=options.json)
    return 0


def _adopt(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    office = Office(hub, lambda: int(time.time()))
    number = ruling.propose(office, THE_HUB, rule_bytes(options.file), options.reason)
    document = Document(options.document, options.on, options.by)
    digest = ruling.adopt(office, THE_HUB, number, document)
    text = f"{number}: 已施行 in force {digest}"
    show({"number": number, "sha256": digest}, text, as_json=options.json)
    return 0


def _workdays(options: argparse.Namespace) -> int:
    years = known_years(open_hub(options.home))
    heads = (
        "年份 year",
        "放假 days off",
        "调休 make-up",
        "公布 announced",
        "依据 notice",
        "文件 file",
    )
    beyond = f"{years[-1].year + 1} 年起未公布，期限只是暂定 not announced: provisional"
    text = "\n".join((table([heads, *map(_year, years)]), beyond))
    value = {"years": [each.as_json() for each in years], "provisional_from": years[-1].year + 1}
    show(value, text, as_json=options.json)
    return 0


def _year(year: KnownYear) -> Sequence[str]:
    off, makeup = str(len(year.holidays)), str(len(year.makeup))
    return (str(year.year), off, makeup, year.dated, year.notice, year.file or "自带 shipped")
