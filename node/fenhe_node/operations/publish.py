"""`publish`: sign what changed, then say how far the hub has got with it."""

import argparse
import asyncio
from typing import Any

from fenhe_node.delivery import Delivered
from fenhe_node.hubs.hub_view import HubView
from fenhe_node.hubs.push import Pushed, Step
from fenhe_node.hubs.schema_versions import advice_on
from fenhe_node.node import Node, open_node
from fenhe_node.operations.gateway import NO_GATEWAY
from fenhe_node.operations.options import (
    Commands,
    add_command,
    now,
    progress,
    too_soon,
    wait,
)
from fenhe_node.pages.site import clock
from fenhe_node.publishing.drafts import Refusal
from fenhe_node.publishing.publish import Published
from fenhe_node.release import Released, release
from fenhe_node.report import Exit, Report
from fenhe_protocol.encoding import format_time

NO_HUB = "尚未信任省平台: fenhe-node trust; no hub is trusted yet"


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "publish", "签名并发布 sign and publish", run_publish)
    command.add_argument(
        "--no-wait",
        action="store_true",
        help="离上次发布不到 10 秒时不等 do not wait for the ten seconds between two publishes",
    )


def run_publish(options: argparse.Namespace) -> Report:
    """Publish; a refused record keeps nothing but itself from being published."""
    node = open_node(options.home)
    patient = not options.no_wait
    pause = wait if patient else too_soon
    return told(node, asyncio.run(release(node, now, pause, progress, patient=patient)))


def told(node: Node, released: Released) -> Report:
    """What came of it."""
    done, delivered = released.done, released.delivered
    views = delivered.views
    facts = {
        "leaves": dict(done.leaves),
        "kinds": dict(done.kinds),
        "sizes": dict(done.sizes),
        "refused": [_facts(refusal) for refusal in done.refused],
        "unsealed": done.unsealed,
        "hubs": [_hub_facts(view, done) for view in views],
        "pushed": [_push_facts(each) for each in delivered.pushed],
        "unwitnessed": [each.problem() for each in delivered.unwitnessed],
    }
    lines = [_headline(done), *(refusal.line() for refusal in done.refused)]
    if done.unsealed:
        lines.append(f"{done.unsealed} 条记录 records: {NO_GATEWAY}")
    lines += [f"见证人 witness: {each}" for each in delivered.unwitnessed]
    lines += [_push_line(each, node.config.utc_offset_minutes) for each in delivered.pushed]
    lines += [_hub_line(view, done) for view in views] or [NO_HUB]
    lines += [f"{view.origin}: {each}" for view in views for each in advice_on(view.schemas)]
    return Report("\n".join(lines), facts, _exit(node, done, delivered))


def _exit(node: Node, done: Published, delivered: Delivered) -> Exit:
    # Where hubs may come by themselves, a push that failed is no failure yet.
    has_to_push = node.config.push == "always" or not node.config.listen
    undelivered = has_to_push and delivered.failed
    return Exit.IN_PART if done.refused or undelivered else Exit.DONE


def _headline(done: Published) -> str:
    total = sum(done.leaves.values())
    if not total and not done.refused:
        return "没有变化, 不必发布; nothing has changed"
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(done.kinds.items()))
    refused = f", 退回 refused {len(done.refused)}" if done.refused else ""
    return f"已发布 published {total}{refused}" + (f" ({kinds})" if kinds else "")


def _facts(refusal: Refusal) -> dict[str, Any]:
    return {name: getattr(refusal, name) for name in Refusal.__slots__}


def _push_facts(pushed: Pushed) -> dict[str, Any]:
    report = pushed.report
    return {
        "hub": pushed.hub,
        "log": pushed.log,
        "step": pushed.step.name.lower(),
        "size": pushed.size,
        "entries": report.entries if report else 0,
        "bodies": report.lines if report else 0,
        "receipt": format_time(pushed.receipt) if pushed.receipt else None,
        "error": pushed.error.problem() if pushed.error else None,
    }


def _push_line(pushed: Pushed, offset: int) -> str:
    where, report = f"{pushed.hub} {pushed.log}", pushed.report
    sent = (report.entries, report.lines) if report else (0, 0)
    what = f"推送条目 entries {sent[0]}, 正文 bodies {sent[1]}"
    if pushed.error:
        return f"{where}: 没有送到 not delivered{f' ({what})' if any(sent) else ''}; {pushed.error}"
    if pushed.step is Step.ANNOUNCE:
        return f"{where}: 已通知, 等它来取 told, and it comes"
    return f"{where}: {what}" + (
        f", 回执 receipt {clock(pushed.receipt, offset)}" if pushed.receipt else ""
    )


def _hub_facts(view: HubView, done: Published) -> dict[str, Any]:
    return {
        "origin": view.origin,
        "has_all": all(view.has(log, size) for log, size in done.sizes.items()),
        "mirrored": {log: seen.size for log, seen in view.mirrored.items()},
        "trouble": view.trouble,
    }


def _hub_line(view: HubView, done: Published) -> str:
    if all(view.has(log, size) for log, size in done.sizes.items()):
        return f"省平台已取到 the hub has it: {view.origin}"
    seen = ", ".join(
        f"{log} {view.mirrored[log].size if log in view.mirrored else 0}/{size}"
        for log, size in done.sizes.items()
    )
    if view.trouble:
        return f"省平台 hub {view.origin}: {seen}; {view.trouble}"
    return (
        f"省平台尚未取到 the hub has not yet: {view.origin} {seen}; "
        "由它按间隔来取, 默认 5 分钟; it comes by its own interval, 5 minutes by default"
    )
