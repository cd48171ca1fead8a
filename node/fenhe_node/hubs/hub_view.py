"""How far a trusted hub has got with this unit: what its mirror shows and what it refused.

Asked of the hub, believed only where signed: a mirrored checkpoint must carry the unit's own
signature, and its receipt the hub's cosignature. `looking` asks every hub and keeps what it saw.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_node.hubs.last_visit import LastVisit
from fenhe_node.hubs.own_view import open_shown
from fenhe_node.hubs.schema_versions import Taken
from fenhe_node.hubs.told import Told, read_told
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node
from fenhe_node.store.hubs import Hub
from fenhe_protocol.checkpoint import OpenedCheckpoint
from fenhe_protocol.errors import FenheError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import log_origin, origin_hash
from fenhe_protocol.root_document import RootDocument

Clock = Callable[[], int]  # POSIX seconds
NOT_ENROLLED = "省平台尚未登记本单位, 请把指纹告诉它; this unit is not enrolled there yet"
REJECTED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class MirroredLog:
    """What the hub's mirror shows of one log; `cosigned_at` is the time of its cosignature."""

    size: int
    cosigned_at: int | None


@dataclass(frozen=True)
class HubView:
    """One hub as this node sees it; what could not be asked is absent and `trouble` says why."""

    origin: str
    url: str
    mirrored: Mapping[str, MirroredLog] = field(default_factory=dict)
    rejected: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    visits: Mapping[str, LastVisit] = field(default_factory=dict)
    trouble: str = ""
    witnesses: tuple[str, ...] | None = None  # whose times it says that it counts
    schemas: Mapping[str, Taken] = field(default_factory=dict)  # by kind

    def with_trouble(self, trouble: str) -> "HubView":
        """The same view with what went wrong besides."""
        return replace(self, trouble=trouble)

    def has(self, log: str, size: int) -> bool:
        """Whether everything below `size` is mirrored and cosigned."""
        seen = self.mirrored.get(log)
        return seen is not None and seen.cosigned_at is not None and seen.size >= size


def inquiries(web: Web, node: Node) -> list["Inquiry"]:
    """One for each trusted hub."""
    key = node.keys.request
    return [Inquiry(web, hub, document, node.root, key) for hub, document in trusted(node.home)]


class Inquiry:
    """Asks one hub about one unit, with requests signed by the unit."""

    def __init__(
        self, web: Web, hub: Hub, document: RootDocument, unit: RootDocument, key: SigningKey
    ) -> None:
        self.hub, self.document, self._unit, self._key = hub, document, unit, key
        self._web = web
        self.opened: dict[str, OpenedCheckpoint] = {}  # by log, what the mirror was seen to show
        self._witnesses: tuple[str, ...] | None = None

    async def view(self, logs: Sequence[str], now: Clock) -> HubView:
        """Ask for the mirror, visits and refusals of each log; never raises for what a hub does."""
        mirrored: dict[str, MirroredLog] = {}
        rejected: dict[str, list[dict[str, Any]]] = {}
        visits: dict[str, LastVisit] = {}
        schemas: dict[str, Taken] = {}
        trouble = ""
        for log in logs:
            fetcher = self._fetcher(now)
            try:
                if seen := await self._mirrored(fetcher, log):
                    mirrored[log] = seen
                told = await self._told(fetcher, log)
                rejected[log] = told.rejected
                schemas |= told.schemas
                if told.witnesses is not None:
                    self._witnesses = told.witnesses
                if told.visit is not None:
                    visits[log] = told.visit
            except FenheError as error:
                trouble = trouble or _trouble(error)
        return HubView(
            self.hub.origin,
            self.hub.url,
            mirrored,
            rejected,
            visits,
            trouble=trouble,
            witnesses=self._witnesses,
            schemas=schemas,
        )

    def _fetcher(self, now: Clock) -> Fetcher:
        sign = request_signer(self._key, now)
        return self._web.open(self.hub.url, reach=PRIVATE_TOO, signer=sign)

    async def _mirrored(self, fetcher: Fetcher, log: str) -> MirroredLog | None:
        origin = log_origin(self._unit.origin, log)
        path = f"m/{origin_hash(origin)}/checkpoint"
        answer = await fetcher.get(path, limit=DEFAULTS.note_bytes)
        if answer.status == ABSENT:
            return None
        opened = self.opened[log] = open_shown(
            self._unit, log, answer.body, self.document.cosigners
        )
        times = [cosignature.time for cosignature in opened.cosignatures]
        return MirroredLog(opened.checkpoint.size, min(times, default=None))

    async def _told(self, fetcher: Fetcher, log: str) -> Told:
        path = f"in/{origin_hash(self._unit.origin)}/{log}/rejected"
        answer = await fetcher.get(path, limit=REJECTED_BYTES)
        return Told([], None, None) if answer.status == ABSENT else read_told(answer.body, path)


def _trouble(error: FenheError) -> str:
    return NOT_ENROLLED if error.code == "fetch.denied" else str(error)
