"""Look at every trusted hub and keep what was seen: receipts, what is mirrored and announced.

`look` asks; `standing_alarms` judges what was kept, without asking anyone.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.keys.second_root import kept_seconds
from fenhe_client.stored.files import ROOT
from fenhe_node.home import Home
from fenhe_node.hubs import findings
from fenhe_node.hubs.alarms import Alarm, alarms
from fenhe_node.hubs.fed_watch import FedWatch
from fenhe_node.hubs.hub_view import HubView, Inquiry, inquiries
from fenhe_node.hubs.mirror_check import lacking_lines
from fenhe_node.hubs.own_view import judge_shown
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs, log_files
from fenhe_node.receipts.earliest import keep_receipts, own_heads
from fenhe_node.store import Store, hubs, notices, receipts, taken, watching, witnessed
from fenhe_node.store.hubs import Hub
from fenhe_node.store.watching import HubLog
from fenhe_protocol.errors import Deferred, PublisherError, Refused
from fenhe_protocol.origin import log_origin, origin_hash

Clock = Callable[[], int]


async def look(node: Node, now: Clock, logs: Sequence[str] = ()) -> list[HubView]:
    """Ask every trusted hub how far it is, and keep receipts; never raises for what a hub does.

    `logs` are those that the node writes, unless it is told.
    """
    logs = logs or await asyncio.to_thread(current_logs, node.home)
    await asyncio.to_thread(_note_own, node)
    async with Web() as web:
        return [await _look_at(web, node, inquiry, logs, now) for inquiry in inquiries(web, node)]


def _note_own(node: Node) -> None:
    with Store.open(node.home.store) as store:
        receipts.note_heads(store, own_heads(node))


async def _look_at(
    web: Web, node: Node, inquiry: Inquiry, logs: Sequence[str], now: Clock
) -> HubView:
    view = await inquiry.view(logs, now)
    # Where nothing stood in the way, what was not shown is not there.
    absent = () if view.trouble else [log for log in logs if log not in inquiry.opened]
    await asyncio.to_thread(_keep_seen, node, inquiry, absent)
    if view.witnesses is not None:
        await asyncio.to_thread(_keep_witnesses, node, inquiry.hub.origin, view.witnesses)
    await asyncio.to_thread(_keep_arrests, node, view)
    if not view.trouble:
        await asyncio.to_thread(_keep_told, node, view)
    with suppress(PublisherError, Deferred):
        await _read_back(web, node, inquiry, now)
    with suppress(PublisherError, Deferred):
        await findings.ask(web, node.home.store, inquiry.hub, node.root.unit, now())
    watch = FedWatch(node, inquiry.hub, inquiry.document)
    error = await watch.hear(web, request_signer(node.keys.request, now), now())
    return view if view.trouble or error is None else view.with_trouble(str(error))


async def _read_back(web: Web, node: Node, inquiry: Inquiry, now: Clock) -> None:
    """Compare the bodies that are newly mirrored with ours."""
    hub = inquiry.hub
    for log in inquiry.opened:
        seen = await asyncio.to_thread(_seen, node, hub.origin, log)
        if seen.mirrored <= seen.checked:
            continue
        address = f"{hub.url}/m/{origin_hash(log_origin(node.root.origin, log))}"
        mirror = web.open(address, reach=PRIVATE_TOO, signer=request_signer(node.keys.request, now))
        own = log_files(node.home, log)
        lacking = await lacking_lines(mirror, own, seen.checked, seen.mirrored)
        with Store.open(node.home.store) as store:
            watching.note_checked(store, hub.origin, log, seen.mirrored, lacking)


def _seen(node: Node, hub: str, log: str) -> HubLog:
    with Store.open(node.home.store) as store:
        return watching.of_log(store, hub, log)


def _keep_seen(node: Node, inquiry: Inquiry, absent: Sequence[str]) -> None:
    with Store.open(node.home.store) as store:
        for log, opened in inquiry.opened.items():
            head = opened.checkpoint
            odd = judge_shown(node, log, head)
            if not odd:
                keep_receipts(store, log, opened, inquiry.document.cosigners, node.config.witnesses)
            size = head.size if opened.cosignatures and not odd else 0
            watching.note_shown(store, inquiry.hub.origin, log, size, odd)
        for log in absent:
            watching.note_shown(store, inquiry.hub.origin, log, 0, "")


def _keep_witnesses(node: Node, hub: str, keys: Sequence[str]) -> None:
    with Store.open(node.home.store) as store:
        witnessed.put_named(store, hub, keys)


def _keep_arrests(node: Node, view: HubView) -> None:
    with Store.open(node.home.store) as store:
        for log, visit in view.visits.items():
            watching.note_arrested(store, view.origin, log, visit.is_arrest)


def _keep_told(node: Node, view: HubView) -> None:
    told = {kind: (each.version, each.lagging) for kind, each in view.schemas.items()}
    with Store.open(node.home.store) as store:
        taken.put(store, view.origin, told)
        notices.put_refusals(store, view.origin, view.rejected)


def standing_alarms(home: Home, now: int) -> list[Alarm]:
    """What an operator has to look at, by what was last seen of the trusted hubs."""
    logs = current_logs(home)
    with Store.open(home.store) as store:
        return [
            *second_roots(home, hubs.every(store)),
            *(
                alarm
                for hub in hubs.every(store)
                for alarm in alarms(
                    [watching.of_log(store, hub.origin, log) for log in logs],
                    watching.fed(store, hub.origin),
                    partial(receipts.first_above, store),
                    now,
                )
            ),
        ]


def second_roots(home: Home, trusted: Iterable[Hub]) -> Iterator[Alarm]:
    """Who has signed two root documents of one number, by the evidence that is kept of it."""
    for hub in trusted:
        for file in kept_seconds(home.trusted / hub.fingerprint):
            advice = f"fenhe verify-evidence {file} --fingerprint {hub.fingerprint}"
            yield Alarm(hub.origin, ROOT, 0, Refused("root.second", where=str(file), advice=advice))


def receipts_are_whole(node: Node) -> bool:
    """Whether every trusted hub shows, and has announced, all that this node has signed."""
    heads = own_heads(node)
    with Store.open(node.home.store) as store:
        for hub in hubs.every(store):
            for head in heads:
                seen = watching.of_log(store, hub.origin, head.log)
                if min(seen.mirrored, seen.announced) < head.size or seen.lacking:
                    return False
    return True
