"""`status`: how far everything has got, from the unit's rows to the hub's receipt."""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from fenhe_client.checking.result import files_lines, last_result
from fenhe_node.collecting.overview import Standing as Source
from fenhe_node.hubs.hub_view import HubView
from fenhe_node.hubs.looking import look
from fenhe_node.hubs.schema_versions import advice_on
from fenhe_node.node import open_node
from fenhe_node.operations.homes import for_each_home
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.operations.sources import source_lines
from fenhe_node.pages.site import clock
from fenhe_node.report import Report
from fenhe_node.standing import Standing, standing
from fenhe_node.store import Store, feed, imports, records
from fenhe_protocol.terminal import table

UNKNOWN = "—"
REFUSALS_SHOWN = 20
WAITING_SHOWN = 10
_TIERS = {"pub": "公开 pub", "hub": "只给省平台 hub", "-": "整条 whole leaf"}


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "status", "现状 how things stand", run_status)
    command.add_argument("--offline", action="store_true", help="不问省平台 do not ask the hub")
    for_each_home(command, run_status)


def run_status(options: argparse.Namespace) -> Report:
    """Collect from store, files, jobs and hubs."""
    node = open_node(options.home)
    views = [] if options.offline else asyncio.run(look(node, now))
    stands = standing(node, now())
    facts = {**asdict(stands), "hubs": [asdict(view) for view in views]}
    with Store.open(node.home.store) as store:
        hubs = list(_hubs(stands, views, store))
        hubs += _visits(views, node.config.utc_offset_minutes)
    offset = node.config.utc_offset_minutes
    files = files_lines(last_result(node.home.path), lambda at: _time(at, offset))
    sources = source_lines([Source(**each) for each in stands.sources], offset)
    kept = [*files, *_backup(stands, offset)]
    lines = [*_local(stands, offset), *sources, *kept, "", *hubs, *_receipts(stands, offset)]
    return Report("\n".join(lines), facts)


def _backup(stands: Standing, offset: int) -> Iterator[str]:
    last = stands.backup
    if last["at"]:
        yield f"备份 backup {_time(last['at'], offset)}: {last['folder']}"
    else:
        yield "备份 backup: 从未 never: fenhe-node backup DIR"
    if last["failed"]:
        yield f"  后来没做成 failed since: {last['failed']}"


def _local(stands: Standing, offset: int) -> Iterator[str]:
    yield f"{stands.unit} · {stands.origin} · {stands.url}"
    yield table(
        [
            ["来源 source", f"{stands.source_rows} 行 rows, 退回 refused {stands.source_refused}"],
            ["记录 records", str(stands.records)],
            ["待发布 to publish", str(stands.pending)],
            ["不见了 vanished", str(stands.vanished)],
            ["已发布 published", _kinds(stands.published)],
            ["上次签名 last signed", _time(stands.signed_at, offset)],
            ["服务 serving", "是 yes" if stands.served else "否 no: 定时任务不会运行"],
        ]
    )
    for name, run in stands.runs.items():
        failed = f"  失败 failed: {run['failed']}" if run["failed"] else ""
        late = "  错过 missed" if name in stands.missed else ""
        yield f"  {name}: 下次 next {_time(run['next'], offset)}{late}{failed}"


def _receipts(stands: Standing, offset: int) -> Iterator[str]:
    for held in stands.receipts:
        waiting = held["waiting"]
        total = held["with"] + held["without"]
        yield f"回执 receipts {held['hub']}: {held['with']}/{total} 条记录 records"
        for each in waiting[:WAITING_SHOWN]:
            since = _time(each["since"], offset)
            yield f"  尚无 none yet: {each['kind']} {each['id']}  自 since {since}"
        if held["without"] > WAITING_SHOWN:
            yield f"  … 还有 {held['without'] - WAITING_SHOWN} 条; and more: status --json"
    for each in stands.witnesses:
        total = each["with"] + each["without"]
        where = ", ".join(each["counts_at"]) or "未指定它 no hub: 时间不计 its times do not count"
        yield f"见证 witness {each['witness']}: {each['with']}/{total} 条记录 records · {where}"
    for alarm in stands.alarms:
        since = f" 自 since {_time(alarm['since'], offset)}" if alarm["since"] else ""
        yield f"告警 alarm{since}: {alarm['text']}"


def _kinds(published: dict[str, int]) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(published.items()))
    return f"{sum(published.values())}" + (f" ({kinds})" if kinds else "")


def _time(posix: int, offset: int) -> str:
    return clock(posix, offset) if posix else UNKNOWN


def _hubs(stands: Standing, views: Sequence[HubView], store: Store) -> Iterator[str]:
    if not stands.trusted:
        yield "尚未信任省平台: fenhe-node trust; no hub is trusted yet"
    rows = [["日志 log", "本单位 here", *(f"省平台 {view.origin}" for view in views)]]
    for log, size in stands.sizes.items():
        rows.append([log, str(size), *(_mirrored(view, log, size) for view in views)])
    yield table(rows)
    for view in views:
        if view.trouble:
            yield f"{view.origin}: {view.trouble}"
        for log, refusals in view.rejected.items():
            for refusal in refusals[:REFUSALS_SHOWN]:
                yield _refusal(store, log, refusal)
        for advice in advice_on(view.schemas):
            yield f"{view.origin}: {advice}"


def _visits(views: Sequence[HubView], offset: int) -> Iterator[str]:
    """What went wrong when a hub last came; nothing where all went well."""
    for view in views:
        for log, visit in view.visits.items():
            if trouble := visit.trouble(offset):
                yield f"{view.origin} 上次来取 last visit to {log}: {trouble[0]}"
                yield from trouble[1:]


def _mirrored(view: HubView, log: str, size: int) -> str:
    seen = view.mirrored.get(log)
    if seen is None:
        return UNKNOWN
    return f"{seen.size} ✔" if view.has(log, size) else str(seen.size)


def _refusal(store: Store, log: str, refusal: dict[str, Any]) -> str:
    index, tier = refusal["index"], refusal["tier"]
    place = f"{log} 第 {index + 1} 条 ({_TIERS.get(tier, tier)})"
    parts = (
        *(place, _record(store, log, index)),
        *(refusal["code"], refusal["expected"], refusal["found"]),
    )
    return "退回 refused  " + "  ".join(str(part) for part in parts if part)


def _record(store: Store, log: str, index: int) -> str:
    """Name the record that stands there and the row of the list it came from."""
    leaf = feed.published_at(store, log, index)
    if leaf is None:
        return ""
    record = records.find(store, leaf.kind, leaf.id)
    run = imports.find(store, record.import_no) if record and record.import_no else None
    if not (run and record and record.row):
        return f"{leaf.kind} {leaf.id}"
    key = imports.key(store, run.number, record.row)
    return f"{leaf.kind} {leaf.id} · {run.file} {key or f'第 {record.row} 行'}"
