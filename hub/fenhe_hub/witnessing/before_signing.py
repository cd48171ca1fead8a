"""Before a process signs for the first time: has anybody more of our own log than we have?

A whole machine set back to an older snapshot brings its store of heads along, and nothing here
looks wrong; what it signed next would be a second history of `fed`. Witnesses and the hubs above
know better, and are believed as far as our own key signed what they show. Each is asked once a
start; who does not answer holds up nobody. Start at `refuse_if_behind`.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fenhe_client.fetching.addresses import PRIVATE_TOO, Reach
from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import read_roots, stored_roots
from fenhe_client.stored.files import CHECKPOINT, root_path
from fenhe_hub.fed.heads import BEHIND, OwnHeads
from fenhe_hub.hub import Hub, own_roots
from fenhe_hub.registry.above import above_roots
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint
from fenhe_protocol.errors import FenheError, Forked, Refused, StoreError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_changes import next_epoch

_LOGGER = logging.getLogger("fenhe_hub.before_signing")
_PATIENCE_SECONDS = 10.0  # for all of them together


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who shows heads of our own log below `url`; `mirrors` our root documents as well."""

    name: str
    url: str
    reach: Reach
    mirrors: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What one of them shows: heads that our own key signed, and our newest root document.

    `other_root`: another document of ours than the one of its number that is here.
    """

    heads: tuple[Checkpoint, ...]
    root: int = 0
    other_root: bool = False


def holders(hub: Hub) -> Iterator[Holder]:
    """Whom to ask: the witnesses of the configuration, and the hubs above."""
    for each in hub.config.witnesses:
        address = each.address
        yield Holder(address.key.name, address.url, address.reach, mirrors=False)
    for above, root in above_roots(hub.home):
        yield Holder(above.origin, f"{root.url}/m", PRIVATE_TOO, mirrors=True)


async def refuse_if_behind(hub: Hub) -> int:
    """Ask all of them at once; how many have answered.

    StoreError `restore.behind` where one shows more than we have, Forked `restore.fork` where it
    shows another history.
    """
    asked = list(holders(hub))
    told = await _ask(hub, asked)
    own = OwnHeads(hub)
    for who, shown in told:
        judge(shown, own, hub.root.n, who.name)
    if asked and not told:
        names = ", ".join(each.name for each in asked)
        _LOGGER.warning("signing on without having heard of our own log from anybody: %s", names)
    return len(told)


async def refuse_if_roots_are_behind(hub: Hub) -> None:
    """Ask the hubs above alone; StoreError `restore.behind` where one has a later root document.

    For what a hub does because heads are lost: it may go on without them, and by no second document
    of a number that it has signed.
    """
    for who, shown in await _ask(hub, [each for each in holders(hub) if each.mirrors]):
        _judge_root(shown, hub.root.n, who.name)


async def _ask(hub: Hub, asked: Sequence[Holder]) -> list[tuple[Holder, Shown]]:
    """Those who have answered, and what they show."""
    if not asked:
        return []
    async with Web(hub.config.limits) as web:
        answers = await asyncio.gather(*(_answer(web, hub, each) for each in asked))
    return [(who, shown) for who, shown in zip(asked, answers, strict=True) if shown is not None]


def judge(shown: Shown, own: OwnHeads, root: int, by: str) -> None:
    """Raise as `refuse_if_behind`, by what one of them shows; `root` is our own newest."""
    _judge_root(shown, root, by)
    if shown.other_root:
        raise Forked("restore.fork", where=by, found="root document", advice=BEHIND)
    for head in shown.heads:
        own.check(head.origin, head.size, head.root, by)


def _judge_root(shown: Shown, root: int, by: str) -> None:
    if shown.root > root:
        raise StoreError(
            "restore.behind", where=by, expected=root_path(root), found=root_path(shown.root),
            advice=BEHIND,
        )  # fmt: skip


async def _answer(web: Web, hub: Hub, who: Holder) -> Shown | None:
    """What somebody shows, None where nothing can be had now or is to be understood.

    Root documents first: where the key that signs heads has changed since, only they tell of it.
    """
    heads: list[Checkpoint] = []
    root, other = 0, False
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if who.mirrors:
                root, other = await _newest_root(web, hub, who)
            for name in (hub.fed_name, next_epoch(hub.fed_name)):
                heads += await _head(web, hub, who, f"{hub.origin}/{name}")
    except (FenheError, TimeoutError) as error:
        _LOGGER.warning("%s could not be asked about our own log: %s", who.name, error)
        if not (heads or root):
            return None
    return Shown(tuple(heads), root, other)


async def _head(web: Web, hub: Hub, who: Holder, origin: str) -> list[Checkpoint]:
    fetcher = web.open(who.url, reach=who.reach)
    path = f"{origin_hash(origin)}/{CHECKPOINT}"
    answer = await fetcher.get(path, limit=DEFAULTS.note_bytes)
    if answer.status == ABSENT:
        return []
    if answer.status != OK:
        raise Refused("fetch.status", where=f"{who.url}/{path}", found=str(answer.status))
    # What another key signed says nothing of what we did.
    keys = hub.fed_epochs[-1].keys
    return [open_checkpoint(answer.body, origin=origin, keys=keys).checkpoint]


async def _newest_root(web: Web, hub: Hub, who: Holder) -> tuple[int, bool]:
    read = await read_roots(
        web.open(f"{who.url}/{origin_hash(hub.origin)}", reach=who.reach),
        stored_roots(own_roots(hub.home)),
        fingerprint=hub.fingerprint,
        origin=hub.origin,
        allow_loopback_http=True,
    )
    return read.document.n, read.second is not None
