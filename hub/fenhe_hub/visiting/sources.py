"""Where one visit reads a log from: its node, what the node pushed, a lower hub's mirror.

`Sources` knows the ways to a log, the best first; whatever way it came, the same reader judges it.
`better` says which of two ways' verdicts stands for the visit.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY, Reach
from fenhe_client.fetching.fetch import Fetcher, Signer, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.stored.files import is_held
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visit
from fenhe_hub.below.copies import Announced, Copy
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.delivery import Delivery
from fenhe_hub.ingest.log import Brought
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_hub.targets import Target
from fenhe_protocol.root_document import RootDocument

BY_HUB = "by-hub"  # the node itself could not be read, a hub beneath could

Opened = Callable[[RootDocument], Fetcher]
"""Begins to fetch from where this root document of the unit says; its time begins then."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to a log. `blocks` are those of which bodies came, where it was pushed."""

    files: Opened
    roots: Opened | None = None  # None: who pushes sends root documents too
    blocks: Mapping[str, frozenset[int]] | None = None
    is_direct: bool = False
    allow_private: bool = False


class Sources:
    """The ways to logs, for one process."""

    def __init__(self, hub: Hub, web: Web, clock: Callable[[], int]) -> None:
        self._hub, self._web, self._clock = hub, web, clock
        self._signs: tuple[int, Signer] | None = None

    def of(
        self, target: Target, delivery: Delivery | None = None, asked: Fetcher | None = None
    ) -> Iterator[Source]:
        """The ways to this log, the best first; of a push there is only that.

        `asked`: the log's node was asked already, and its files are read there first.
        """
        if delivery is not None:
            yield Source(lambda root: delivery.files, blocks=delivery.blocks)
            return
        if target.unit.visited:
            yield self._direct(target, asked)
        for copy in target.copies:
            yield self._mirrored(target, copy)

    def _direct(self, target: Target, asked: Fetcher | None) -> Source:
        unit, log = target.unit, target.name.name
        ready = [asked] if asked else []

        def files(root: RootDocument) -> Fetcher:
            return ready.pop() if ready else self.at_node(unit, log, root)

        return Source(
            files=files,
            roots=lambda root: self._open(unit, unit.address(root.url)),
            is_direct=True,
            allow_private=unit.allow_private,
        )

    def at_node(self, unit: Enrolment, log: str, root: RootDocument) -> Fetcher:
        """Begin to fetch a unit's log from where its root document says.

        Signed is what only enrolled readers may have: everyone may read the rest (feed §1).
        """
        base = f"{unit.address(root.url)}/{log}"

        def sign_held(method: str, uri: str) -> Mapping[str, str]:
            held = is_held(log, uri.removeprefix(f"{base}/"))
            return self._signer()(method, uri) if held else {}

        return self._web.open(base, reach=_reach(unit), signer=sign_held)

    def _mirrored(self, target: Target, copy: Copy) -> Source:
        at, origin, unit = copy.at, target.origin, target.unit.origin
        return Source(
            files=lambda root: Announced(self._open(at.hub, at.folder(origin)), copy.note),
            roots=lambda root: self._open(at.hub, at.folder(unit)),
            allow_private=at.hub.allow_private,
        )

    def _open(self, unit: Enrolment, url: str) -> Fetcher:
        return self._web.open(url, reach=_reach(unit), signer=self._signer())

    def _signer(self) -> Signer:
        """Sign by the key in force; which one that is is looked up once a second."""
        now = self._clock()
        if self._signs is None or self._signs[0] != now:
            self._signs = now, request_signer(self._hub.keys.request, self._clock)
        return self._signs[1]


def _reach(unit: Enrolment) -> Reach:
    return PRIVATE_TOO if unit.allow_private else PUBLIC_ONLY


def better(first: Visit, then: Visit) -> Visit:
    """Which verdict stands for a visit that tried two ways.

    A fork on any way is a fork; else what brought more, else what was had at all.
    """
    if then.outcome in (Outcome.QUARANTINE, Outcome.GROWN):
        return then
    lost = Outcome(first.outcome).failed and first.outcome != Outcome.QUARANTINE
    return then if lost and not Outcome(then.outcome).failed else first


def marked(row: Visit, direct: Visit | None) -> Visit:
    """The verdict with the remark that its node itself could not be read, or without."""
    lost = direct is not None and Outcome(direct.outcome).failed
    if lost and not Outcome(row.outcome).failed:
        return replace(row, remark=BY_HUB)
    return replace(row, remark="") if row.remark == BY_HUB else row


def joined(first: Brought, then: Brought) -> Brought:
    """What two ways of one visit brought together."""
    return Brought(
        first.start,
        then.size,
        first.valid + then.valid,
        first.refused + then.refused,
        first.late or then.late,
        then.waiting,
        [*first.beats, *then.beats][-2:],
    )
