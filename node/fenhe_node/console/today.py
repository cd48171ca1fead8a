"""`/`: what is due, what the hub said, when each job runs next, and the counts side by side."""

from dataclasses import dataclass
from typing import Any

from fenhe_client.checking.result import last_result
from fenhe_node.console.asking import Answer, Asked, Console, GoTo, Page, Routes
from fenhe_node.console.dues import JOBS, Facts, dues
from fenhe_node.console.record import address
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.orders.states import State
from fenhe_node.runs import missed
from fenhe_node.store import (
    Store,
    browse,
    counts,
    feed,
    findings,
    hubs,
    imports,
    mails,
    notices,
    orders,
    receipts,
    records,
    sealing,
)
from fenhe_node.store.notices import KeptRefusal
from fenhe_protocol.encoding import date_at
from fenhe_protocol.root_document import cosigner_name

DUTY = ("regime_opening", "regime_operation", "regime_maintenance", "regime_use")
DUTY_TOO = ("service_office", "feedback_channel", "region_code", "competent_authority")


@dataclass(frozen=True)
class Count:
    """One kind at each station: rows of lists, records here, published, held by each hub."""

    title: str
    kind: str
    rows: int
    refused: int
    here: int
    published: int
    held: list[int]


def show(asked: Asked) -> Answer:
    """The first page."""
    console = asked.console
    with Store.open(console.home.store) as store:
        trusted = hubs.every(store)
        facts = _facts(console, store, asked.now)
        context: dict[str, Any] = {
            "dues": dues(facts),
            "notices": notices.every(store)[:5],
            "counts": _counts(console, store, [hub.origin for hub in trusted]),
            "receipts": [
                (hub.origin, hub.url, receipts.count(store, cosigner_name(hub.origin)))
                for hub in trusted
            ],
            "published": sum(counts.published_by_kind(store).values()),
        }
    runs = sorted(console.runs().items(), key=lambda item: item[1].next)
    context |= {"runs": runs, "jobs": JOBS, "now": asked.now, "hubs": [h.origin for h in trusted]}
    return Page("console/today.html", context)


async def ask_hubs(asked: Asked) -> Answer:
    """Look at the hubs now, not when the next look is due."""
    views = await look(asked.console.node, asked.console.now)
    trouble = [f"{view.origin}: {view.trouble}" for view in views if view.trouble]
    if trouble:
        return GoTo("/", "；".join(trouble), bad=True)
    return GoTo("/", "刚刚问过省平台，下面是最新的" if views else "还没有信任省平台")


def _facts(console: Console, store: Store, now: int) -> Facts:
    runs = console.runs()
    # What the hub's own rules ask for says it better than we could.
    asked = bool(findings.total(store))
    first = [cosigner_name(hub.origin) for hub in hubs.every(store)][:1]
    return Facts(
        today=date_at(now, console.offset),
        trusted=bool(first),
        pending=counts.pending(store, sealing=sealing.gateway(store) is not None),
        vanished=counts.vanished(store),
        refused_rows=[(r.number, r.file, r.refused) for r in imports.latest(store) if r.refused],
        refusals=[_refusal(store, each) for each in notices.refusals(store)],
        notices=notices.every(store),
        alarms=[alarm.error.title for alarm in standing_alarms(console.home, now)],
        missed=missed(runs, now),
        failed={name: run.failed for name, run in runs.items() if run.failed},
        damaged=len(last_result(console.home.path).damaged),
        requests=orders.counted(store).get(State.RECEIVED, 0),
        letters=len(mails.troubled(store)),
        without_receipt=_without(store, first[0]) if first else 0,
        unit_lacks=() if asked else _lacks(console, store),
        findings=findings.every(store),
        unit_form=address("unit", console.node.root.unit, "/records/edit"),
    )


def _without(store: Store, cosigner: str) -> int:
    rows = store.rows("SELECT count(*) AS n FROM published")
    return int(rows[0]["n"]) - receipts.count(store, cosigner)


def _refusal(store: Store, refusal: KeptRefusal) -> tuple[KeptRefusal, str, str]:
    leaf = feed.published_at(store, refusal.log, refusal.idx)
    if leaf is None:
        return refusal, f"{refusal.log} 第 {refusal.idx + 1} 条", ""
    record = records.find(store, leaf.kind, leaf.id)
    name = record.record.get("name_zh", "") if record else ""
    run = imports.find(store, record.import_no) if record and record.import_no else None
    row = f"，{run.file} 第 {record.row} 行" if run and record and record.row else ""
    return refusal, f"{name} {leaf.id}{row}".strip(), address(leaf.kind, leaf.id, "/records/edit")


def _lacks(console: Console, store: Store) -> list[str]:
    unit = records.find(store, "unit", console.node.root.unit)
    said = unit.record if unit else {}
    fields = {field.name: field.title_zh for field in console.schemas.kind("unit").own_fields}
    return [fields[name] for name in (*DUTY, *DUTY_TOO) if name not in said]


def _counts(console: Console, store: Store, trusted: list[str]) -> list[Count]:
    rows: dict[str, tuple[int, int]] = {}
    for run in imports.latest(store):
        have = rows.get(run.kind, (0, 0))
        rows[run.kind] = (have[0] + run.rows - run.skipped, have[1] + run.refused)
    here, published = browse.kinds(store), counts.published_by_kind(store)
    held = [counts.held_by_kind(store, hub) for hub in trusted]
    kinds = sorted({*rows, *here, *published}, key=lambda kind: (kind != "instrument", kind))
    return [
        Count(
            title=console.schemas.kind(kind).title_zh,
            kind=kind,
            rows=rows.get(kind, (0, 0))[0],
            refused=rows.get(kind, (0, 0))[1],
            here=here.get(kind, 0),
            published=published.get(kind, 0),
            held=[each.get(kind, 0) for each in held],
        )
        for kind in kinds
    ]


ROUTES: Routes = (("GET", "/", show), ("POST", "/ask-hubs", ask_hubs))
