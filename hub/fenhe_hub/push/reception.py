"""The desk at which pushes arrive: which logs are taken, and how what came is read in.

`pending` takes heads, `uploads` entries, `bodies` body lines; all end in `Reception.take_in`, an
ordinary visit that reads the inbox instead of a node. Opened with the first push and closed with
the server. Start at `Reception.find`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import MappingProxyType

from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.disk import Disk
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.delivery import deliver
from fenhe_hub.inbox.log import Inbox, open_inbox
from fenhe_hub.ingest.log import LogName
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.push.doorbell import Doorbell
from fenhe_hub.push.room import Room
from fenhe_hub.push.slots import Share, Slots
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.targets import Target, log_names
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.sync import Syncer
from fenhe_hub.visiting.verdict import LogReport
from fenhe_protocol.errors import PublisherError, RequestError, StoreError
from fenhe_protocol.root_document import LogKeys, RootDocument
from fenhe_protocol.tiles import BodyFile

_MOST_VISITS = 50  # of one push: a log of ten million leaves takes as many
_UPLOADS = 32  # at once, of one unit; of all who do not sign
_DAY = 86_400

Bodies = Mapping[BodyFile, bytes]
_NONE: Bodies = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Listed:
    """A log that may be pushed: an enrolled unit's root document lists it."""

    unit: Enrolment
    root: RootDocument
    keys: LogKeys


@dataclass(frozen=True, slots=True)
class PushedLog:
    """One log at the desk: whose, where the mirror has it, where pushes wait.

    `logs` are the origins of all logs of the unit.
    """

    target: Target
    log: MirrorLog
    inbox: Inbox
    logs: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.target.origin

    @property
    def name(self) -> LogName:
        """The log as the index knows it."""
        return self.target.name

    @property
    def size(self) -> int:
        """How many leaves the mirror has verified."""
        head = self.log.head()
        return head.size if head else 0


def listed_log(home: Home, origin: str) -> Listed | None:
    """The log of this origin, if an enrolled unit lists it."""
    unit_origin, _, name = origin.rpartition("/")
    unit = Registry(home.registry_file).get(unit_origin)
    if unit is None or not unit.is_enrolled:
        return None
    try:
        root = current_root(home, unit.origin, unit.root1)
    except (StoreError, PublisherError):
        return None
    keys = root.log(name)
    is_kept = any(each.name == name for each in log_names(root, 0))
    return Listed(unit, root, keys) if keys is not None and is_kept else None


class Reception:
    """Takes pushes in for one process; `clock` gives POSIX seconds."""

    def __init__(
        self, hub: Hub, doorbell: Doorbell, clock: Callable[[], int], disk: Disk | None = None
    ) -> None:
        self.hub, self.doorbell, self.clock, self.disk = hub, doorbell, clock, disk or Disk()
        self.judging = asyncio.Lock()  # pending checkpoints are compared and set one by one
        self.slots, self.room = Slots(), Room(hub.home, hub.config)
        self.uploads = Slots(Share(requests=_UPLOADS))  # of entries
        self._opened = ExitStack()
        self._archive: Archive | None = None
        self._visiting: tuple[Syncer, Visits] | None = None
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._days: dict[str, tuple[int, int]] = {}

    def close(self) -> None:
        """Let go of index and memory."""
        self._opened.close()
        self._archive = self._visiting = None

    @property
    def archive(self) -> Archive:
        """The mirror's index, opened with the first push."""
        if self._archive is None:
            self._archive = self._opened.enter_context(Archive(self.hub, self.disk))
        return self._archive

    def find(self, origin: str) -> PushedLog:
        """The log of this origin; RequestError 404 `upload.log`, 403 `log.quarantined`."""
        pushed = self._known(origin)
        if is_quarantined(self.hub.home, origin):
            raise RequestError("log.quarantined", status=403, where=origin)
        return pushed

    def _known(self, origin: str) -> PushedLog:
        listed = listed_log(self.hub.home, origin)
        if listed is None:
            raise RequestError("upload.log", status=404, where=origin)
        found = self.archive.db.execute(
            "SELECT unit_no FROM unit WHERE origin = ?", [listed.unit.origin]
        ).fetchone()
        if found is None:  # enrolled a moment ago, and `fed` does not say so yet
            raise RequestError("push.later", status=503, where=origin)
        names = {each.origin: each for each in log_names(listed.root, found[0])}
        return PushedLog(
            Target(listed.unit, names[origin]),
            MirrorLog(self.hub.home, origin, self.disk),
            open_inbox(self.hub.home, origin, self.disk),
            tuple(names),
        )

    def turn(self, origin: str) -> asyncio.Lock:
        """Held by whoever changes the inbox of a log."""
        return self._turns[origin]

    async def take_in(self, pushed: PushedLog, bodies: Bodies = _NONE) -> LogReport:
        """Visit the log as it was pushed, as often as it takes; then the inbox holds no more of it.

        The last visit's report says how it went; nothing is raised for what the unit did.
        """
        syncer, visits = self._open()
        async with self.turn(pushed.origin):
            for _ in range(_MOST_VISITS):
                delivery = deliver(pushed.inbox, pushed.log, bodies)
                report = await syncer.visit(pushed.target, delivery)
                if report.changed:
                    self.doorbell.was_read(pushed.origin)
                if not visits.get(pushed.origin).more:
                    break
            await asyncio.to_thread(pushed.inbox.settle, pushed.size)
        return report

    async def note_arrest(self, origin: str) -> None:
        """Let index and memory say that a log is quarantined, if they do not yet."""
        if not is_quarantined(self.hub.home, origin):
            return  # nothing is opened for what anybody may send
        if self._open()[1].get(origin).outcome != Outcome.QUARANTINE:
            await self.take_in(self._known(origin))

    async def catch_up(self, pushed: PushedLog) -> None:
        """Bring the index up where a kill left it behind: it says what is missing."""
        if self.archive.standing(pushed.name).indexed < pushed.size:
            await self.take_in(pushed)

    def _open(self) -> tuple[Syncer, Visits]:
        """What visits, and where it remembers; opened once."""
        if self._visiting is None:
            visits = Visits(self.hub.home.visits)
            self._opened.callback(visits.close)
            # No socket is ever opened through this: deliveries are read.
            web = Web(self.hub.config.limits)
            syncer = Syncer(self.hub, web, self.archive, visits, clock=self.clock, disk=self.disk)
            self._visiting = syncer, visits
        return self._visiting

    def count_leaves(self, origin: str, count: int) -> None:
        """Count entries that come; RequestError 429 `push.day` beyond a day's share (feed §12).

        Forgotten at a restart; what is admitted is counted for good by the visits.
        """
        today = self.clock() // _DAY
        day, taken = self._days.get(origin, (today, 0))
        taken = taken + count if day == today else count
        if taken > self.hub.config.day_leaves:
            raise RequestError("push.day", status=429, where=origin)
        self._days[origin] = (today, taken)
