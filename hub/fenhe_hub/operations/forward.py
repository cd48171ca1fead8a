"""`forward`: deliver what is in national scope to the national platform, and report by reply."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fenhe_hub.desk import delivering
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations import forward_report
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.upstream.forwarding import send_due
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.outbox import ItemState, Patience
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.report import Group, group_items
from fenhe_hub.visiting.workshop import system_clock
from fenhe_protocol.errors import SetupError

PART = 4


def add_commands(commands: Commands) -> None:
    """`forward`."""
    forward = add_command(commands, "forward", "上报国家平台 forward to the platform", _forward)
    forward.add_argument(
        "--approve", metavar="USCC|all", help="主管部门已审核，放行 approved by the authority"
    )
    forward.add_argument("--by", metavar="WHO", help="谁审核、文号 who approved, document number")
    forward.add_argument(
        "--again", metavar="USCC|all", help="重发退回的 send returned ones once more"
    )
    forward.add_argument(
        "--audit", type=Path, metavar="CSV", help="国家平台审核状态 its review states: "
        "insCode,innerId,auditStatus[,instruType]"
    )  # fmt: skip
    forward.add_argument(
        "--hold", metavar="USCC|TYPE", help="暂停一个单位或一类 (1 2 4 5 7) hold back"
    )
    forward.add_argument("--why", metavar="TEXT", help="暂停的原因 why it is held back")
    forward.add_argument("--release", metavar="USCC|TYPE", help="放行 let it go again")
    forward.add_argument(
        "--withdrawn", metavar="USCC:[KIND:]ID", help="国家平台已撤下这条 it was taken down there"
    )
    forward.add_argument("--report", action="store_true", help="只看不发 report, send nothing")


def _forward(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    with delivering.outbox_turn(hub) as outbox:
        _obey(hub, outbox, options)
        if not options.report:
            asyncio.run(_send(hub, outbox, _show_progress))
        items = outbox.items()
        silent = any(item.state is ItemState.RETRY and item.code is None for item in items)
        said = forward_report.Said(
            outbox.last_silence() if silent else "", outbox.last_replies(), outbox.held()
        )
    report = forward_report.value(items, said)
    show(report, forward_report.text(items, said), as_json=options.json)
    states = {item.state for item in items}
    return PART if states & {ItemState.RETURNED, ItemState.RETRY, ItemState.BLOCKED} else 0


def run_forward(hub: Hub) -> list[Group]:
    """Forward what is due, as the schedule does; returns the groups by reply."""
    with delivering.outbox_turn(hub) as outbox:
        asyncio.run(_send(hub, outbox, lambda done, due: None))
        return group_items(outbox.items())


async def _send(hub: Hub, outbox: OutboxStore, progress: Callable[[int, int], None]) -> None:
    if not hub.config.national_wsdl:
        raise SetupError(
            "setup.value", where="national_wsdl", expected="http://…?wsdl", found="",
            advice="config.yaml",
        )  # fmt: skip
    upstream = NriiSoap(hub.config.national_wsdl, timeout_seconds=hub.config.national_seconds)
    try:
        await send_due(outbox, upstream, lambda: int(time.time()), Patience(), progress)
    finally:
        await upstream.close()


def _obey(hub: Hub, outbox: OutboxStore, options: argparse.Namespace) -> None:
    """Carry out what the operator says of items before anything is sent."""
    office = Office(hub, system_clock)
    if options.approve:
        delivering.approve_items(office, THE_HUB, outbox, options.approve, options.by or "")
    if options.again:
        delivering.resend(office, THE_HUB, outbox, options.again)
    if options.hold:
        delivering.hold_back(office, THE_HUB, outbox, options.hold, options.why or "")
    if options.release:
        delivering.let_go(office, THE_HUB, outbox, options.release)
    if options.audit:
        delivering.take_reviews(office, THE_HUB, outbox, options.audit)
    if options.withdrawn:
        delivering.take_note_of_withdrawn(office, THE_HUB, outbox, options.withdrawn)


def _show_progress(done: int, due: int) -> None:
    end = "\n" if done == due else ""
    print(f"\r上报 forward {done}/{due}", end=end, file=sys.stderr, flush=True)
