"""How the node stands by its own store and files, without asking anyone. Start at `standing`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fenhe_client.checking.result import last_result
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.witness.settings import WitnessSettings
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.collecting.overview import overview
from fenhe_node.home import is_served
from fenhe_node.hubs.looking import standing_alarms
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs
from fenhe_node.publishing.sealing import take_digests
from fenhe_node.receipts.earliest import receipts_at
from fenhe_node.runs import Run, missed, read_runs
from fenhe_node.signs_of_life import heartbeat_due
from fenhe_node.store import Store, counts, hubs, imports, records, sealing, witnessed
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import cosigner_name
from fenhe_protocol.schema import SchemaSet

MOST_WAITING = 1000  # records named


@dataclass(frozen=True)
class Standing:
    """Counts from the unit's rows to what is signed; times are POSIX seconds, 0 for never."""

    unit: str
    origin: str
    url: str
    source_rows: int  # of the latest edition of every list
    source_refused: int
    records: int
    pending: int
    vanished: int
    published: dict[str, int]  # by kind, what is gone not counted
    sizes: dict[str, int]  # signed leaves by log
    signed_at: int
    served: bool
    runs: dict[str, dict[str, Any]]
    missed: list[str]
    trusted: list[str]
    gateway: str | None  # to whom users' identities are sealed; None: they stay in the unit
    receipts: list[dict[str, Any]]  # of each trusted hub: who has one, who waits and since when
    witnesses: list[dict[str, Any]]  # of each named one: how many records have its line
    alarms: list[dict[str, Any]]
    files: dict[str, Any]  # what the last self-check found
    backup: dict[str, Any]  # the last good one, and what failed since
    sources: list[dict[str, Any]]  # each named source, its last run and its next


def standing(node: Node, now: int) -> Standing:
    """Count everything."""
    store_facts = _counted(node)
    heads = _heads(node)
    runs = _runs(node, now)
    return Standing(
        unit=node.config.unit_name,
        origin=node.root.origin,
        url=node.root.url,
        sizes={log: size for log, (size, _) in heads.items()},
        signed_at=max(signed for _, signed in heads.values()),
        served=is_served(node.home),
        runs={name: asdict(run) for name, run in runs.items()},
        missed=missed(runs, now),
        receipts=_receipts(node),
        witnesses=_witnesses(node),
        alarms=_alarms(node, now),
        files=asdict(last_result(node.home.path)),
        backup=asdict(last_backup(node.home)),
        sources=_sources(node, runs, now),
        **store_facts,
    )


def _counted(node: Node) -> dict[str, Any]:
    with Store.open(node.home.store) as store:
        latest = imports.latest(store)
        gateway = sealing.gateway(store)
        if gateway:
            take_digests(store, SchemaSet.load())
        return {
            "source_rows": sum(run.rows for run in latest),
            "source_refused": sum(run.refused for run in latest),
            "records": records.count(store),
            "pending": counts.pending(store, sealing=gateway is not None),
            "vanished": counts.vanished(store),
            "published": counts.published_by_kind(store),
            "trusted": [hub.origin for hub in hubs.every(store)],
            "gateway": gateway.origin if gateway else None,
        }


def _sources(node: Node, runs: Mapping[str, Run], now: int) -> list[dict[str, Any]]:
    with Store.open(node.home.store) as store:
        return [asdict(each) for each in overview(store, node.config.sources, runs, now)]


def _receipts(node: Node) -> list[dict[str, Any]]:
    with Store.open(node.home.store) as store:
        return [_held(store, hub.origin) for hub in hubs.every(store)]


def _witnesses(node: Node) -> list[dict[str, Any]]:
    """Of the logs that each witness is shown: how many records have its line, and how many not."""
    with Store.open(node.home.store) as store:
        return [_seen_by(store, node, settings) for settings in node.config.witnesses]


def _seen_by(store: Store, node: Node, settings: WitnessSettings) -> dict[str, Any]:
    shown = [log for log in current_logs(node.home) if split_log_name(log)[0] in settings.logs]
    key = settings.verifier
    having, total = witnessed.count(store, key.name, shown)
    counts_at = sorted(witnessed.naming(store, key.text))
    return {
        "witness": key.name,
        "with": having,
        "without": total - having,
        "counts_at": counts_at,
    }


def _held(store: Store, hub: str) -> dict[str, Any]:
    found = receipts_at(store, cosigner_name(hub))
    waiting = [asdict(each) for each in found.waiting[:MOST_WAITING]]
    without = len(found.waiting)
    return {"hub": hub, "with": found.count, "without": without, "waiting": waiting}


def _alarms(node: Node, now: int) -> list[dict[str, Any]]:
    return [
        {
            "hub": alarm.hub,
            "log": alarm.log,
            "code": alarm.error.code,
            "since": alarm.since,
            "text": str(alarm.error),
        }
        for alarm in standing_alarms(node.home, now)
    ]


def _heads(node: Node) -> Mapping[str, tuple[int, int]]:
    store = HeadStore(node.home.heads)
    found = {log: store.get(log_origin(node.root.origin, log)) for log in current_logs(node.home)}
    # The empty head that `init` signs says nothing that was published.
    return {
        log: (head.size, head.signed_at if head.size else 0) if head else (0, 0)
        for log, head in found.items()
    }


def _runs(node: Node, now: int) -> dict[str, Run]:
    runs = read_runs(node.home.runs)
    if "heartbeat" not in runs:
        runs["heartbeat"] = Run(next=heartbeat_due(node, now))
    return runs
