"""`/publish`: what would be published, publishing it, what became of it, and taking it back."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.console.asking import Answer, Asked, Console, GoTo, Page, Routes
from fenhe_node.console.dues import REFUSED
from fenhe_node.console.record import address
from fenhe_node.console.record_list import name_of
from fenhe_node.console.records import REASONS
from fenhe_node.delivery import deliver, keep_alive
from fenhe_node.hubs.guard import refuse_if_behind
from fenhe_node.node import Node
from fenhe_node.publishing.changes import Change, changes
from fenhe_node.publishing.drafts import Refusal, draft_all
from fenhe_node.publishing.heads import current_logs
from fenhe_node.publishing.publish import Order, Pen, Published, publish
from fenhe_node.publishing.sealing import take_digests
from fenhe_node.receipts.earliest import own_heads
from fenhe_node.reverting import SAID, make_hand, plan_revert, revert
from fenhe_node.store import Store, hubs, imports, publishes, records, sealing, watching
from fenhe_protocol.errors import FenheError, InputError

log = logging.getLogger("fenhe.node")
PATH = "/publish"
SHOWN = 200
FORMER = 10
AT_ONCE_SECONDS = 4  # for which whoever publishes waits for the hub
WHY = {"new": "新增", "changed": "修改", "deleted": "删除"}


@dataclass(frozen=True)
class Item:
    """One change that waits: what it is, who changed it last and why, why it would be refused."""

    kind: str
    id: str
    name: str
    why: str
    last: records.Event | None
    refused: str
    address: str


def show(asked: Asked) -> Answer:
    """What waits, what went out before, how far each hub is."""
    console = asked.console
    with Store.open(console.home.store) as store:
        waiting, refused = _waiting(console, store)
        items = [_item(console, store, each, refused) for each in waiting[:SHOWN]]
        runs = publishes.latest(store, FORMER)
        stands = _hubs(console, store)
    counts: dict[str, int] = {}
    for each in waiting:
        title = console.schemas.kind(each.kind).title_zh
        counts[f"{title} {WHY[each.why]}"] = counts.get(f"{title} {WHY[each.why]}", 0) + 1
    context: dict[str, Any] = {
        "items": items, "total": len(waiting), "counts": counts, "refused": len(refused),
        "runs": runs, "hubs": stands, "why": WHY, "kinds": _titles(console), "reasons": REASONS,
    }  # fmt: skip
    return Page("console/publish.html", context)


async def do(asked: Asked) -> Answer:
    """Publish what waits, and let it be delivered."""
    console = asked.console
    await refuse_if_behind(console.node, console.now)
    done = await asyncio.to_thread(_publish, console, asked.by)
    total = sum(done.leaves.values())
    if not total:
        return GoTo(PATH, "没有可以发布的改动" if not done.refused else _left(done), bad=True)
    said = await _deliver(console, done.sizes)
    return GoTo(PATH, f"已签名发布 {total} 条。{_left(done)}{said}", bad=bool(done.refused))


def show_revert(asked: Asked) -> Answer:
    """What taking back the last publish would do."""
    console = asked.console
    with Store.open(console.home.store) as store:
        hand = make_hand(_pen(console), console.schemas, asked.by)
        planned = plan_revert(console.home, store, hand)
        steps = [(s, _name(store, s.kind, s.id), address(s.kind, s.id)) for s in planned.steps]
    context = {"run": planned.run, "steps": steps[:SHOWN], "total": len(steps), "said": SAID}
    return Page(
        "console/revert.html", context | {"able": len(planned.done), "kinds": _titles(console)}
    )


async def do_revert(asked: Asked) -> Answer:
    """Take it back, by another publish."""
    console = asked.console
    await refuse_if_behind(console.node, console.now)
    number = asked.form.text("run")
    if not number.isdecimal() or len(number) > 9:
        raise InputError("revert.other")
    reason = asked.form.text("reason")[:200]
    hand = make_hand(_pen(console), console.schemas, asked.by, reason)
    planned, done = await asyncio.to_thread(revert, _pen(console), hand, int(number))
    said = await _deliver(console, done.sizes)
    left = len(planned.steps) - len(planned.done)
    kept = f"{left} 条没有动。" if left else ""
    return GoTo(PATH, f"已撤回：{len(planned.done)} 条恢复原样并重新发布。{kept}{said}")


def _publish(console: Console, by: str) -> Published:
    return publish(_pen(console), console.schemas, Order(by))


def _pen(console: Console) -> Pen:
    return console.node.pen(console.now, console.wait, lambda what, done, total: None)


async def _deliver(console: Console, sizes: Mapping[str, int]) -> str:
    """Begin the delivery and wait for it a moment; it goes on by itself."""
    node = console.node
    errand = asyncio.ensure_future(_delivery(console, sizes))
    console.errands.add(errand)
    errand.add_done_callback(console.errands.discard)
    await asyncio.wait({errand}, timeout=AT_ONCE_SECONDS)
    return await asyncio.to_thread(_delivered, node)


def _delivered(node: Node) -> str:
    with Store.open(node.home.store) as store:
        trusted = hubs.every(store)
        heads = {head.log: head.size for head in own_heads(node)}
        has = [
            all(watching.of_log(store, h.origin, name).mirrored >= n for name, n in heads.items())
            for h in trusted
        ]
    if not trusted:
        return "还没有信任省平台，内容只在本单位网址上公开。"
    return "省平台已取到，见下面的回执。" if all(has) else "正在送往省平台，取到后这里会有回执。"


async def _delivery(console: Console, sizes: Mapping[str, int]) -> None:
    node: Node = console.node
    try:
        sizes = await asyncio.to_thread(keep_alive, node, _pen(console), sizes)
        quiet = lambda what, done, total: None  # noqa: E731
        await deliver(node, sizes, console.now, quiet, wait=False)
    except FenheError as error:
        log.warning("delivery: %s", error)


def _left(done: Published) -> str:
    return f"{len(done.refused)} 条有问题没有发布，见下表。" if done.refused else ""


def _waiting(
    console: Console, store: Store
) -> tuple[Sequence[Change], Mapping[tuple[str, str], Refusal]]:
    """The changes that wait, and those that a publish would refuse now."""
    sealed = sealing.gateway(store) is not None
    if sealed:
        take_digests(store, console.schemas)
    waiting = changes(store, sealing=sealed)
    persons = imports.persons(store)
    unit = console.node.root.unit
    _, refused = draft_all(waiting, schemas=console.schemas, unit=unit, persons=persons)
    found = {(each.kind, each.id): each for each in refused}
    first = sorted(waiting, key=lambda each: (each.kind, each.id) not in found)
    return first, found


def _item(
    console: Console, store: Store, each: Change, refused: Mapping[tuple[str, str], Refusal]
) -> Item:
    events = records.events(store, each.kind, each.id)
    refusal = refused.get((each.kind, each.id))
    return Item(
        kind=each.kind,
        id=each.id,
        name=_name(store, each.kind, each.id),
        why=WHY[each.why],
        last=events[-1] if events else None,
        refused=_said(refusal) if refusal else "",
        address=address(each.kind, each.id),
    )


def _said(refusal: Refusal) -> str:
    parts = (REFUSED.get(refusal.code, refusal.code), refusal.expected, refusal.found)
    return " · ".join(part for part in parts if part)


def _name(store: Store, kind: str, id: str) -> str:
    found = records.find(store, kind, id)
    if found is None:
        return id
    return name_of(found.before or found.record if found.deleted else found.record)


def _hubs(console: Console, store: Store) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """By hub, how far it is with each log: (log, what is signed here, what its mirror shows)."""
    heads = {head.log: head.size for head in own_heads(console.node)}
    return [
        (
            hub.origin,
            [
                (name, heads.get(name, 0), watching.of_log(store, hub.origin, name).mirrored)
                for name in current_logs(console.home)
            ],
        )
        for hub in hubs.every(store)
    ]


def _titles(console: Console) -> dict[str, str]:
    return {kind: console.schemas.kind(kind).title_zh for kind in console.schemas.kinds}


ROUTES: Routes = (
    ("GET", PATH, show),
    ("POST", PATH, do),
    ("GET", "/publish/revert", show_revert),
    ("POST", "/publish/revert", do_revert),
)
