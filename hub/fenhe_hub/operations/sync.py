"""`sync`: visit the units' logs. `--once` is one whole round, with a table at the end."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from fenhe_hub.agenda.outcome_words import told
from fenhe_hub.fed.round import Published
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.jobs import run_jobs
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.operations.outcomes import NO_UNITS, NOBODY
from fenhe_hub.pulse import Pulse
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.report import complain, show
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import sync_once
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_protocol.terminal import table

DONE, PARTLY = 0, 4
_HEADS = ("单位 unit", "日志 log", "大小 size", "验证 valid", "退回 refused", "缺 missing", "结果")


def add_commands(commands: Commands) -> None:
    """`sync`."""
    sync = add_command(commands, "sync", "汇集并验证各单位的日志 visit all logs", _sync)
    sync.add_argument("--once", action="store_true", help="一轮后结束 one round, then end")


def _sync(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    if not options.once:
        complain("按 Ctrl-C 停止 stop with Ctrl-C")
        asyncio.run(_keep_on(hub))
        return DONE
    reports, published = asyncio.run(sync_once(hub))
    value = {
        "logs": [asdict(report) for report in reports],
        "fed": {"size": published.size, "words": published.words},
    }
    nobody = NOBODY if len(Registry(hub.home.registry_file)) else NO_UNITS
    show(value, _text(reports, published, nobody), as_json=options.json)
    return DONE if all(report.whole for report in reports) else PARTLY


async def _keep_on(hub: Hub) -> None:
    await refuse_if_behind(hub)
    await run_jobs(hub, Pulse())


def _text(reports: Sequence[LogReport], published: Published, nobody: str) -> str:
    lines = [table([_HEADS, *(_row(report) for report in reports)]) if reports else nobody]
    words = ", ".join(f"{kind} {count}" for kind, count in published.words.items())
    lines.append(f"fed {published.size}: {words or '='}")
    return "\n".join(lines)


def _row(report: LogReport) -> Sequence[object]:
    size = f"{report.start}→{report.size}" if report.size != report.start else str(report.size)
    outcome = told(report.outcome, report.code, report.place, report.remark)
    return (report.unit, report.log, size, report.valid, report.refused, report.missing, outcome)
