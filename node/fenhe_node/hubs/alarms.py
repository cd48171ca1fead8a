"""What a unit must be told about its hubs: published and not held, held and not announced. Pure.

An hour is given before a delay is an alarm (feed §9, Receipt); what must never be is one at once:
a mirror that holds another tree than ours, or more than we signed, a log of ours that a hub has
quarantined, and a `fed` that was forked or is signed beyond its end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fenhe_client.pushing.mirror_client import ONE_COPY
from fenhe_node.store.receipts import SignedHead
from fenhe_node.store.watching import HubFed, HubLog
from fenhe_protocol.errors import Deferred, FenheError, Refused

PATIENCE_SECONDS = 3600
FED_ALARMS = {
    "follow.fork": "hub.forked",
    "log.fork": "hub.forked",
    "log.ended": "hub.ended",
}

FirstAbove = Callable[[str, int], SignedHead | None]
"""(log, size) -> the smallest head that we signed above that size, if there is one."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something an operator has to look at; `since` is POSIX seconds, 0 where it is unknown."""

    hub: str
    log: str  # `fed` where it concerns the hub's own
    since: int
    error: FenheError


def alarms(
    logs: Sequence[HubLog], fed: HubFed, first_above: FirstAbove, now: int
) -> Iterator[Alarm]:
    """Judge one hub by what was seen of it."""
    for seen in logs:
        yield from _of_log(seen, first_above, now)
    if (code := FED_ALARMS.get(fed.trouble)) is not None:
        yield Alarm(fed.hub, "fed", 0, Refused(code, where=fed.hub, found=fed.trouble))


def _of_log(seen: HubLog, first_above: FirstAbove, now: int) -> Iterator[Alarm]:
    where = f"{seen.hub} {seen.log}"
    if odd := "hub.other-tree" if seen.other_tree else seen.odd:
        yield Alarm(seen.hub, seen.log, 0, Refused(odd, where=where))
    if seen.arrested:
        yield Alarm(seen.hub, seen.log, 0, Refused("hub.quarantined", where=where, advice=ONE_COPY))
    if odd or seen.arrested:
        return  # whatever is late is late for this reason
    if seen.lacking:
        yield Alarm(seen.hub, seen.log, 0, Refused("hub.withholds", where=where))
    for code, size in (("hub.unmirrored", seen.mirrored), ("hub.unannounced", seen.announced)):
        head = first_above(seen.log, size)
        if head is not None and now - head.at > PATIENCE_SECONDS:
            error = Deferred(code, where=where, expected=f"size {head.size}", found=f"size {size}")
            yield Alarm(seen.hub, seen.log, head.at, error)
            return  # what is not mirrored cannot be announced: one alarm says it
