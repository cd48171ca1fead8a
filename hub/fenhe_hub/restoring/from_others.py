"""A hub brought back from another hub or from its nodes (feed §11). Start at `restore`.

    fed from the other hub ─► units that it names ─► receipts that stand in `fed` kept ─► index from
    the files ─► mirror from the other hub ─► every node visited ─► every `f` of their heartbeats
    compared ─► more receipts ─► index again ─► head store

Nothing is signed on the way. The head store, without which nothing can be signed, is written last,
and only if nobody has seen another `fed` than the one that goes on. Whatever an `x` or `era` covers
is gone by then.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.stored.files import FeedFiles, stored_hashes
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_client.stored.stored_head import load_head
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.below.judging import VIA
from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.delivery import Delivery
from fenhe_hub.mirror.cosign import latest_note
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import root_files
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.restoring.anchors import anchors_in
from fenhe_hub.restoring.fed_copy import Mirror
from fenhe_hub.restoring.inner_addresses import is_inside
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.restoring.told_receipts import keep_receipts, sayings
from fenhe_hub.targets import Target, enrolled_roots, targets
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.rounds import Rounds
from fenhe_hub.visiting.sync import Syncer
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import (
    Deferred,
    InputError,
    PublisherError,
    Refused,
    StoreError,
)
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import RootDocument, cosigner_name
from fenhe_protocol.strict_json import loads

Clock = Callable[[], int]

_LOGGER = logging.getLogger("fenhe_hub.restoring")


@dataclass(frozen=True)
class Restored:
    """What it came to: leaves of `fed`, the logs as they stand, receipts found again in `fed`.

    `unasked` are the units of which nobody knows what they have seen.
    """

    before: int
    size: int
    logs: Sequence[LogReport]
    receipts: int
    unasked: Sequence[str]


async def restore(
    hub: Hub, clock: Clock, *, source: str = "", despite: Collection[str] = ()
) -> Restored:
    """Restore from the hub at `source` (or from nodes alone); `despite` units that say otherwise.

    Forked `restore.fork`, StoreError `restore.behind` and Deferred `restore.silent` leave the hub
    unable to sign.
    """
    before = _said(hub)
    async with Web(hub.config.limits) as web:
        mirror = Mirror(web, hub, source, clock) if source else None
        if mirror is not None:
            await mirror.read_own_roots()
            await mirror.read_fed()
        unknown = await _take_up_units(hub, web, source)
        receipts = keep_receipts(hub)  # what the nodes erase is judged by them
        rebuild(hub)
        logs, silent = await _visit(hub, web, mirror, clock)
    unasked = _unasked(hub, unknown)
    silent |= {each.origin for each in unasked if each.visited}
    if mirror is None and not any(each.unit not in silent for each in logs):
        silent |= {each.origin for each in unasked}
        _check_somebody_is_known(hub)
    _compare(hub, silent, despite)
    await refuse_if_behind(hub)
    receipts += keep_receipts(hub)
    _remember_heads(hub, clock())
    rebuild(hub)
    return Restored(before, _said(hub), logs, receipts, [each.origin for each in unasked])


def _said(hub: Hub) -> int:
    """How many leaves our own log has, through all epochs."""
    own = OwnHeads(hub)
    return sum(own.size_of(f"{hub.origin}/{log.name}") for log in hub.fed_epochs)


async def _take_up_units(hub: Hub, web: Web, source: str) -> set[str]:
    """Take up the units that `fed` names and the registry has lost, and their root documents.

    Tells of whom nobody has any: such a unit is as one that was never visited, until it is enrolled
    once more.
    """
    registry = Registry(hub.home.registry_file)
    words = _last_words(hub, "reg")
    for origin, said in words.items():
        if registry.get(origin) is None:
            told = {name: said[name] for name in ("uscc", "root1", "url", "state", "depth")}
            # What came by hubs alone does so again, and stays suspended until somebody resumes it.
            learned = VIA in said.get("ext", {})
            inside = await is_inside(told["url"])
            unit = Enrolment(
                origin, root_url=told["url"], allow_private=inside, learned=learned, **told
            )
            registry.add(unit, hub.origin)
    lacking = [unit for unit in registry if not stored_roots(root_files(hub.home, unit.origin))]
    return {
        unit.origin for unit in lacking if not await _fetch_roots(hub, web, unit, words, source)
    }


async def _fetch_roots(
    hub: Hub, web: Web, unit: Enrolment, words: Mapping[str, Any], source: str
) -> bool:
    """Read the root documents of a unit at the other hub, at the hub it came by, or at its node."""
    via = words.get(unit.origin, {}).get("ext", {}).get(VIA) if unit.learned else None
    mirror = source or (words[via[0]]["url"] if via and via[0] in words else "")
    places = [f"{mirror}/m/{origin_hash(unit.origin)}"] if mirror else []
    for base in [*places, *([] if unit.learned or unit.pushes else [unit.url])]:
        try:
            read = await read_roots(
                web.open(
                    base, reach=PRIVATE_TOO if base in places or unit.allow_private else PUBLIC_ONLY
                ),
                (),
                fingerprint=unit.root1,
                origin=unit.origin,
                allow_loopback_http=True,
            )
        except (PublisherError, InputError, Deferred) as error:
            _LOGGER.warning("root documents of %s: %s", unit.origin, error)
        else:
            keep_roots(root_files(hub.home, unit.origin), read.added)
            return True
    return False


def _unasked(hub: Hub, unknown: Collection[str]) -> list[Enrolment]:
    """The enrolled units that cannot be asked what they have seen: they push, or are `unknown`."""
    registry = Registry(hub.home.registry_file)
    return [
        each for each in registry if each.is_enrolled and (each.pushes or each.origin in unknown)
    ]


def _check_somebody_is_known(hub: Hub) -> None:
    """Deferred `restore.silent` where there is no unit at all that could speak against going on."""
    if not list(Registry(hub.home.registry_file)):
        raise Deferred(
            "restore.silent",
            where=hub.home.registry_file.name,
            found="没有单位 no unit",
            advice="放回 registry.yaml, 或 --from URL; put it back, or ask another hub",
        )


def _last_words(hub: Hub, kind: str) -> dict[str, dict[str, Any]]:
    return {said.id: loads(said.body.encode()) for said in sayings(hub) if said.kind == kind}


async def _visit(
    hub: Hub, web: Web, mirror: Mirror | None, clock: Clock
) -> tuple[list[LogReport], set[str]]:
    """Bring the mirror up, from the other hub first and then from every node; sign nothing.

    Root documents are looked for whenever that was done last: what a node has seen of `fed` may
    stand in a log that began since. Also tells which units could not be asked.
    """
    reports: list[LogReport] = []
    asked: dict[str, Target] = {}
    with (
        Archive(hub, may_sign=False) as archive,
        closing(Visits(hub.home.visits)) as visits,
    ):
        syncer = Syncer(hub, web, archive, visits, clock=clock)
        while wanted := [each for each in targets(hub, archive.db) if each.origin not in asked]:
            for each in wanted:
                visits.put(replace(visits.get(each.origin), rooted_at=0))
            if mirror is not None:
                await _deliver(syncer, wanted, mirror)
            rounds = Rounds(syncer, visits, hub.config.pace, seed=hub.origin, clock=clock)
            reports += await rounds.once(wanted)
            asked |= {each.origin: each for each in wanted}
        unread = [each for each in asked.values() if not visits.get(each.origin).rooted_at]
        silent = {each.unit.origin for each in unread if each.unit.visited}
    return reports, silent | {each.unit for each in reports if not each.whole}


async def _deliver(syncer: Syncer, wanted: Sequence[Target], mirror: Mirror) -> None:
    for target in wanted:
        try:
            copy = await mirror.copy(target.origin)
        except (Deferred, PublisherError) as error:
            if isinstance(error, Deferred) and error.code != "fetch.denied":
                raise
            _LOGGER.warning("%s: %s", target.origin, error)
            continue  # what it does not let us read, or has spoilt, comes from the node
        if copy is not None:
            await syncer.visit(target, Delivery(copy, {}))


def _compare(hub: Hub, silent: Collection[str], despite: Collection[str]) -> None:
    """Raise where a node has seen another `fed`, or where one that is `silent` might have."""
    own = OwnHeads(hub)
    for origin in _catalogues(hub, despite):
        for seen in anchors_in(MirrorLog(hub.home, origin)):
            own.check(seen.fed, seen.size, seen.root, f"{seen.origin}#{seen.index}")
    if names := ", ".join(sorted({*silent} - {*despite})):
        raise Deferred("restore.silent", where=names, advice="--despite ORIGIN")


def _catalogues(hub: Hub, despite: Collection[str]) -> Iterator[str]:
    for unit, root in enrolled_roots(hub.home):
        if unit.origin not in despite:
            for log in root.logs:
                if log.name.startswith("catalogue"):
                    yield f"{unit.origin}/{log.name}"


def _remember_heads(hub: Hub, now: int) -> None:
    """Write down what was signed: each cosigned head, and last of all the head of `fed`."""
    for _, root in enrolled_roots(hub.home):
        _remember_cosigned(hub, root, now)
    fed = load_head(hub.fed_files(), hub.fed_origin)
    head = Checkpoint(hub.fed_origin, fed.size, fed.root if fed.size else EMPTY_ROOT)
    _remember(hub, hub.fed_origin, head, hub.fed_files(), now)


def _remember_cosigned(hub: Hub, root: RootDocument, now: int) -> None:
    for each in root.logs:
        log = MirrorLog(hub.home, f"{root.origin}/{each.name}")
        if (kept := latest_note(log.notes)) is not None:
            head = parse_checkpoint(parse_note(kept.file.read_bytes()).text)
            name = f"{cosigner_name(hub.origin)} {log.origin}"
            _remember(hub, name, head, log.for_reading(), now)


def remember_unit(hub: Hub, origin: str, now: int) -> None:
    """Take up the receipts of a unit of which our own log tells, and what is promised by them."""
    keep_receipts(hub, origin)
    for unit, root in enrolled_roots(hub.home):
        if unit.origin == origin:
            _remember_cosigned(hub, root, now)


def _remember(hub: Hub, name: str, head: Checkpoint, files: FeedFiles, now: int) -> None:
    """Let a head be the last that was signed, unless one was promised that goes on from it."""
    heads = HeadStore(hub.home.heads)
    known = heads.get(name)
    if known is None or known.size < head.size:
        heads.advance(name, known, size=head.size, root=head.root, now=now)
    elif known.size > head.size and not _stands(known, files, head.origin):
        found = f"size {head.size}"
        raise StoreError("restore.lost", where=name, expected=known.text, found=found)


def _stands(promised: Head, files: FeedFiles, origin: str) -> bool:
    """Whether these files hold what was promised: killed before it was shown, it is shown later."""
    try:
        size = max(promised.size, load_head(files, origin).size)
        return root_at(promised.size, stored_hashes(files, size)) == promised.root
    except (StoreError, Refused):
        return False
