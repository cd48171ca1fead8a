"""A hub is read before it is enrolled: how deep it lies, and whether it names us (feed §10).

Its `fed` is read into a folder that goes away again; what counts later is read anew by the visits.
Start at `foresee`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.following.fed_log import FedLog
from fenhe_client.following.heard import Heard
from fenhe_client.stored.disk import Disk
from fenhe_hub.below.judging import Facts, judge_hub
from fenhe_hub.hub import FED, Hub
from fenhe_hub.registry.above import above_us
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import DEEPEST, Registration
from fenhe_protocol.position import Position
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet

_MOST_VISITS = 50
_ADVICE = {
    "below.loop": "两个平台不能互相汇集; two hubs cannot read each other, on whatever way",
    "below.depth": "平台最多三级; there may be three levels of hubs",
}


def is_hub(document: RootDocument) -> bool:
    """Whether this is the root document of a hub: it has a log `fed` and a cosigner."""
    return document.log(FED) is not None and document.cosign is not None


async def foresee(
    hub: Hub, web: Web, unit: Enrolment, document: RootDocument, now: int
) -> Enrolment:
    """The hub as it may be enrolled, with its depth; Refused `below.loop` or `below.depth`."""
    told = await _registrations(hub, web, unit, document, now)
    facts = Facts(hub.origin, (), {}, above=[each.origin for each in above_us(hub.home)])
    found = judge_hub(replace(unit, depth=1), told, facts)
    if found.code:
        raise Refused(
            found.code,
            where=unit.origin,
            expected=f"depth <= {DEEPEST}" if found.code == "below.depth" else "",
            found=found.found,
            advice=_ADVICE[found.code],
        )
    return replace(unit, depth=found.depth)


async def _registrations(
    hub: Hub, web: Web, unit: Enrolment, document: RootDocument, now: int
) -> Sequence[Registration]:
    """What its `fed` says now of everyone in its registry."""
    reach = PRIVATE_TOO if unit.allow_private else PUBLIC_ONLY

    def open_log(name: str) -> Fetcher:
        return web.open(f"{unit.url}/{name}", reach=reach)

    with TemporaryDirectory(dir=hub.home.path, prefix="enrolling-") as folder:
        fed = FedLog(document, Path(folder), ("pub",), SchemaSet.load(), Disk())
        for _ in range(_MOST_VISITS):
            error = await fed.read(open_log, now, Position())
            if error is None:
                break
            if not error.code.startswith("visit."):  # else it ended at its share: go on
                raise error
        return list(fed.view(fed.head, Heard()).registered.values())
