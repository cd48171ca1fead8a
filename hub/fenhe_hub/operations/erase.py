"""`erase`: bodies that the hub no longer serves, by order of an authority or with their unit.

Of a unit's log that is an `era`; of the hub's own log it is an `x`, as in any log (feed §2, §10).
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack

from fenhe_hub.fed.forgetting import let_go, notices_at, words_at
from fenhe_hub.fed.round import FedRound, Published
from fenhe_hub.fed.taking_back import take_back
from fenhe_hub.home import locked_while_waiting
from fenhe_hub.hub import FED, Hub, open_hub
from fenhe_hub.index.tables import TIERS
from fenhe_hub.ingest.log import LogName
from fenhe_hub.ingest.scour import scour
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import erasing
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.targets import find_log
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.workshop import Clock, system_clock
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import EraseOrder, Place
from fenhe_protocol.leaf import REASONS as X_REASONS

REASONS = ("law", "order", "gone", "error", "retention", "lost")
OTHERS = (
    "其他平台和数据用户: 读到后 24 小时、72 小时内删除; 备份到期销毁. "
    "Mirrors erase within 24 hours of reading this, consumers within 72; backups when they expire"
)


def add_commands(commands: Commands) -> None:
    """`erase`."""
    erase = add_command(commands, "erase", "不再提供并彻底删除 erase bodies for good", _erase)
    erase.add_argument("place", nargs="+", metavar="ORIGIN#INDEX", help="日志与序号 log and index")
    erase.add_argument(
        "--tier", nargs="+", choices=TIERS, default=list(TIERS), help="级别 tiers (all)"
    )
    erase.add_argument("--reason", required=True, choices=REASONS, help="原因 why")


def _erase(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    places = [_place(text) for text in options.place]
    asyncio.run(refuse_if_behind(hub))
    if any(place.origin.startswith(f"{hub.origin}/{FED}") for place in places):
        return _take_back(hub, places, options)
    tiers = tuple(sorted(set(options.tier)))
    orders = [EraseOrder(place, tiers, options.reason) for place in places]
    said = asyncio.run(erase_at_hub(hub, orders))
    clean = scour(hub)
    erased = [order.place.text for order in orders]
    value = {"erased": erased, "tiers": sorted(set(options.tier)), "fed": said.words}
    rest = "" if clean else "\n索引的空闲页一小时内清除 free pages of the index go within an hour"
    text = f"已彻底删除 erased: {', '.join(erased)}\n{OTHERS}{rest}"
    show(value | {"free_pages": clean}, text, as_json=options.json)
    return 0


def _take_back(hub: Hub, places: Sequence[Place], options: argparse.Namespace) -> int:
    """What the hub itself said; all of it, or nothing."""
    own = {f"{hub.origin}/{log.name}" for log in hub.fed_epochs}
    reasons = sorted({*REASONS} & {*X_REASONS})
    if not {place.origin for place in places} <= own:
        raise Refused("erase.place", where=" ".join(options.place), expected=", ".join(sorted(own)))
    if options.reason not in reasons:
        raise Refused("erase.reason", where=options.reason, expected=", ".join(reasons))
    office, words = Office(hub, system_clock), words_at(hub, places)
    with ExitStack() as deeds:
        if notices := notices_at(hub, places):
            casework = deeds.enter_context(office.turn())
            for number in notices:
                deeds.enter_context(erasing(office, casework, number))
        while isinstance(done := take_back(hub, places, options.reason, system_clock()), int):
            time.sleep(done)
    let_go(office, words)
    scour(hub)
    erased = [place.text for place in places]
    value = {"erased": erased, "lines": done.lines, "size": done.size}
    text = f"已彻底删除 erased: {', '.join(erased)}\n{OTHERS}"
    show(value, text, as_json=options.json)
    return 0


async def erase_at_hub(
    hub: Hub, orders: Sequence[EraseOrder], clock: Clock = system_clock
) -> Published:
    """Say it in `fed`, then obey it oneself; Refused `erase.unknown` says nothing."""
    names = {order.place.origin: _known(hub, order.place) for order in orders}
    said = await _say(hub, orders, clock)
    with Archive(hub) as archive:
        for name in names.values():
            async with locked_while_waiting(hub.home.mirror(name.origin) / "lock"):
                await archive.bring_up(name)
    return said


async def _say(hub: Hub, orders: Sequence[EraseOrder], clock: Clock) -> Published:
    while True:
        with FedRound(hub) as fed:
            if not (wait := fed.wait(clock())):
                return fed.order(orders, clock())
        await asyncio.sleep(wait)


def _known(hub: Hub, place: Place) -> LogName:
    found = find_log(hub.home, place.origin)
    if found is None or place.index >= found[1]:
        raise Refused("erase.unknown", where=place.text)
    return found[0]


def _place(text: str) -> Place:
    try:
        place = Place.parse(text)
    except ValueError:
        place = None
    if place is None or place.tier is not None:
        raise Refused("erase.place", where=text, expected="ORIGIN/catalogue#17")
    return place
