"""Push what this unit signed to its hubs: what is due, and doing it (feed §9).

A hub that can reach the node is told of a new head and given time to come; one that cannot, or
does not come, is sent everything. What is due is decided by `next_step`; start at `push_hubs`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fenhe_client.fetching.fetch import Web
from fenhe_client.pushing.mirror_client import UNENROLLED, MirrorClient
from fenhe_client.pushing.push import LogPush, LogToPush, Progress, PushReport
from fenhe_client.stored.files import root_path
from fenhe_node.home import is_served
from fenhe_node.hubs.own_view import open_shown
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs, log_files, root_files
from fenhe_node.receipts.earliest import keep_receipts
from fenhe_node.receipts.proof_file import signed_size
from fenhe_node.store import Store, watching
from fenhe_node.store.hubs import Hub
from fenhe_node.store.watching import HubLog
from fenhe_protocol.errors import Deferred, FenheError
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument

# What goes wrong with one log for these reasons goes wrong with every other at the same hub.
_OF_THE_WHOLE_HUB = frozenset({"fetch.connect", "push.clock", "push.unenrolled"})

SECONDS_TO_COME = 120  # that a hub has, once it was told, before everything is sent


class Step(Enum):
    """What is due for one log at one hub."""

    NOTHING = 0
    ANNOUNCE = 1  # tell the hub of the head, so that it comes
    PUSH = 2  # send everything


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was done for one log at one hub; `receipt` is when it cosigned, `error` what stopped us.

    `receipt` is POSIX seconds, None without a cosignature.
    """

    hub: str
    log: str
    step: Step
    size: int
    report: PushReport | None = None
    receipt: int | None = None
    error: FenheError | None = None


def patience(node: Node) -> int | None:
    """How many seconds a hub has to come by itself; None: nothing is ever sent."""
    policy = node.config.push
    if policy == "never":
        return None
    waits = policy == "auto" and node.config.listen and is_served(node.home)
    return SECONDS_TO_COME if waits else 0


def next_step(seen: HubLog, size: int, now: int, seconds: int | None) -> Step:
    """Say what is due for a log that we have signed up to `size`; `seconds` as `patience`."""
    has_all = seen.mirrored >= size if size else seen.submitted_at > 0
    if seconds is None or has_all:
        return Step.NOTHING
    if seconds == 0:
        return Step.PUSH
    if seen.submitted < size or not seen.submitted_at:
        return Step.ANNOUNCE
    return Step.PUSH if now - seen.submitted_at >= seconds else Step.NOTHING


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody looks on."""


async def push_hubs(
    node: Node, now: Callable[[], int], progress: Progress = unwatched
) -> list[Pushed]:
    """Do what is due at every trusted hub; never raises for what a hub does."""
    seconds = await asyncio.to_thread(patience, node)
    if seconds is None:
        return []
    logs = await asyncio.to_thread(current_logs, node.home)
    done: list[Pushed] = []
    async with Web() as web:
        for hub, document in await asyncio.to_thread(trusted, node.home):
            pusher = HubPusher(web, node, hub, document, now, progress)
            for log in logs:
                pushed = await pusher.do(log, seconds)
                done += [pushed] if pushed.step is not Step.NOTHING else []
                if pushed.error is not None and pushed.error.code in _OF_THE_WHOLE_HUB:
                    break
    return done


class HubPusher:
    """Pushes the logs of one unit to one hub."""

    def __init__(
        self,
        web: Web,
        node: Node,
        hub: Hub,
        document: RootDocument,
        now: Callable[[], int],
        progress: Progress,
    ) -> None:
        self._node, self._hub, self._document = node, hub, document
        self._now, self._progress = now, progress
        self._client = MirrorClient(web, hub.url, node.root.origin, node.keys.request, now)
        self._knows_root = False

    async def do(self, log: str, seconds: int) -> Pushed:
        """Do what is due for one log."""
        files = log_files(self._node.home, log)
        seen = await asyncio.to_thread(self._seen, log)
        size = signed_size(files)
        step = next_step(seen, size, self._now(), seconds)
        done = Pushed(self._hub.origin, log, step, size)
        if step is Step.NOTHING:
            return done
        origin = log_origin(self._node.root.origin, log)
        to_push = LogToPush(origin, files, self._document.cosigners)
        push = LogPush(self._client, to_push, self._progress)
        try:
            receipt = await self._push(push, log, seen, step)
        except FenheError as error:
            return Pushed(done.hub, log, step, size, push.report, error=error)
        return Pushed(done.hub, log, step, push.report.size, push.report, receipt)

    async def _push(self, push: LogPush, log: str, seen: HubLog, step: Step) -> int | None:
        if step is Step.ANNOUNCE:
            await push.announce(seen.submitted)
            await asyncio.to_thread(self._note_submitted, log, push.report.size)
            return None
        await self._push_roots()
        report = await push.run(seen.submitted)
        return await asyncio.to_thread(self._keep, log, report)

    async def _push_roots(self) -> None:
        """Bring the hub up to our newest root document; Deferred `push.unenrolled`."""
        newest = known = self._node.root.n
        if self._knows_root or newest == 1:  # the first is handed over by people
            return
        while known and not await self._client.has_root(known):
            known -= 1
        if not known:
            raise Deferred("push.unenrolled", where=self._hub.url, advice=UNENROLLED)
        files = root_files(self._node.home)
        for number in range(known + 1, newest + 1):
            # Only a key of what the hub knows is no stranger's there, also after a theft.
            key = self._node.keys.request_listed_by(number - 1)
            await self._client.signing_as(key).put_root(
                number, files.read(root_path(number)) or b""
            )
        self._knows_root = True

    def _seen(self, log: str) -> HubLog:
        with Store.open(self._node.home.store) as store:
            return watching.of_log(store, self._hub.origin, log)

    def _note_submitted(self, log: str, size: int) -> None:
        with Store.open(self._node.home.store) as store:
            watching.note_submitted(store, self._hub.origin, log, size, self._now())

    def _keep(self, log: str, report: PushReport) -> int | None:
        """Keep the receipt that the push has earned; when it was given."""
        cosigners = self._document.cosigners
        opened = open_shown(self._node.root, log, report.note, cosigners)
        with Store.open(self._node.home.store) as store:
            watching.note_submitted(store, self._hub.origin, log, report.size, self._now())
            keep_receipts(store, log, opened, cosigners, self._node.config.witnesses)
        return min((each.time for each in opened.cosignatures), default=None)
