"""`forward`: deliver what is in national scope to the national platform, and report by reply."""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fenhe_hub.forwarding import refresh, send_due
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show, table
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.outbox import Item, ItemState, Patience, approve, note_audit, send_again
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.report import Group, group_items
from fenhe_hub.upstream.scope import NationalScope
from fenhe_protocol.errors import InputError, SetupError

PART = 4
ALL = "all"
WORDS = {
    ItemState.BLOCKED: "缺单位标识 blocked",
    ItemState.WAITING: "待审核 waiting",
    ItemState.READY: "待发 ready",
    ItemState.SENDING: "在发 sending",
    ItemState.RETRY: "稍后重试 retry",
    ItemState.RETURNED: "退回 returned",
    ItemState.HELD: "国家审核中 held",
    ItemState.DONE: "成功 done",
}


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
        "insCode,innerId,auditStatus"
    )  # fmt: skip
    forward.add_argument("--report", action="store_true", help="只看不发 report, send nothing")


def _forward(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    with locked(hub.home.path / "forward.lock"), closing(OutboxStore(hub.home.outbox)) as outbox:
        _bring_up_to_date(hub, outbox)
        _obey(hub, outbox, options)
        if not options.report:
            asyncio.run(_send(hub, outbox, _show_progress))
        groups = group_items(outbox.items())
    show(_value(groups), _text(groups), as_json=options.json)
    states = {group.state for group in groups}
    return PART if states & {ItemState.RETURNED, ItemState.RETRY, ItemState.BLOCKED} else 0


def run_forward(hub: Hub) -> list[Group]:
    """Forward what is due, as the schedule does; returns the groups by reply."""
    with locked(hub.home.path / "forward.lock"), closing(OutboxStore(hub.home.outbox)) as outbox:
        _bring_up_to_date(hub, outbox)
        asyncio.run(_send(hub, outbox, lambda done, due: None))
        return group_items(outbox.items())


def _bring_up_to_date(hub: Hub, outbox: OutboxStore) -> None:
    config = hub.config
    scope = NationalScope(
        config.national_line_yuan, frozenset(config.national_funds), frozenset({"instrument"})
    )
    with closing(open_index(hub.home.index)) as db:
        refresh(db, outbox, scope, approval=config.national_approval)


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
    now = int(time.time())
    with outbox.transaction():
        if options.approve:
            if not options.by:
                raise InputError("forward.approver", where="--by", expected="who and document")
            for item in _chosen(outbox.items(), options.approve):
                if item.state is ItemState.WAITING:
                    outbox.put(approve(item))
                    outbox.keep_approval(item, options.by, now)
        if options.again:
            for item in _chosen(outbox.items(), options.again):
                outbox.put(send_again(item))
        if options.audit:
            _note_audits(hub, outbox, options.audit)


def _chosen(items: Iterable[Item], uscc: str) -> list[Item]:
    return [item for item in items if uscc in (ALL, item.candidate.uscc)]


def _note_audits(hub: Hub, outbox: OutboxStore, file: Path) -> None:
    items = {(item.candidate.ins_code, item.candidate.record_id): item for item in outbox.items()}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                key, status = (row["insCode"], row["innerId"]), int(row["auditStatus"])
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    "forward.audit", where=f"{file.name}:{number}",
                    expected="insCode,innerId,auditStatus", found=str(row),
                ) from error  # fmt: skip
            if key in items:
                approval = hub.config.national_approval
                outbox.put(note_audit(items[key], status, approval=approval))


def _show_progress(done: int, due: int) -> None:
    end = "\n" if done == due else ""
    print(f"\r上报 forward {done}/{due}", end=end, file=sys.stderr, flush=True)


def _value(groups: list[Group]) -> dict[str, Any]:
    done = sum(group.count for group in groups if group.state is ItemState.DONE)
    return {"forwarded": done, "groups": [asdict(group) for group in groups]}


def _text(groups: list[Group]) -> str:
    rows = [
        [
            WORDS[group.state],
            "-" if group.code is None else group.code,
            group.count,
            "; ".join(f"{reason} ×{count}" for reason, count in group.lacking[:5]),
        ]
        for group in groups
    ]
    return table(["状态 state", "答复 reply", "条数 count", "按规范还缺 lacking by the norm"], rows)
