"""What the mirror has cosigned, and what `fed` says, is shown to witnesses; their lines are kept.

A turn of its own, beside the visits: `ask_witnesses` goes once through all witnesses, and one that
is away costs nobody else anything. What is owed follows from the cosigned heads and from what each
witness signed; nothing is queued. In a `fed` word the lines stand if they came before it was due:
they earn none of their own (ADR 0004), for the mirror's checkpoint shows them at once. What is
submitted and where lines go is `shown`'s.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fenhe_client.fetching.fetch import Web
from fenhe_client.following.fed_log import FED
from fenhe_client.stored.disk import Disk
from fenhe_client.witness.settings import WitnessSettings
from fenhe_client.witness.submission import Offer, submit
from fenhe_hub.fed.log import shown_size
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.evidence import keep_evidence
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.read_only import read_only
from fenhe_hub.witnessing.disagreement import proof_of_fork
from fenhe_hub.witnessing.memory import WitnessMemory, WitnessStand
from fenhe_hub.witnessing.shown import FedHead, MirroredHead, Shown
from fenhe_protocol.checkpoint import cosignatures_by
from fenhe_protocol.errors import Deferred, FenheError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.note import parse_note

_LOGGER = logging.getLogger("fenhe_hub.witnesses")

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 3600
_TURN_SECONDS = 30.0  # what is left then is the next turn's; a server that is stopped waits for it

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class CosignedHead:
    """A log and the size that the mirror cosigned last, or that `fed` has."""

    origin: str
    family: str
    size: int


def fed_head(hub: Hub) -> Iterator[CosignedHead]:
    """The head of the hub's own log, once it says anything; first of all that is submitted."""
    if size := shown_size(hub.fed_files()):
        yield CosignedHead(hub.fed_origin, FED, size)


def cosigned_heads(db: sqlite3.Connection) -> Iterator[CosignedHead]:
    """What may be submitted: the newest cosigned head of every log that is in good standing."""
    rows = db.execute(
        "SELECT origin, name, cosigned_size FROM log"
        " WHERE cosigned_at IS NOT NULL AND NOT quarantined ORDER BY log_no"
    )
    for origin, name, size in rows:
        yield CosignedHead(origin, split_log_name(name)[0], size)


async def ask_witnesses(hub: Hub, *, clock: Clock, disk: Disk | None = None) -> int:
    """Submit what is owed to every witness of the configuration; how many lines were added."""
    if not hub.config.witnesses or not hub.config.witness_seconds or not hub.home.index.exists():
        return 0
    try:
        heads = [*fed_head(hub), *_read_heads(hub.home)]
        with WitnessMemory(hub.home.witnesses) as memory:
            async with Web(hub.config.limits) as web:
                shared = _Shared(hub, web, memory, clock, disk or Disk())
                turns = (_Turn(shared, each).take(heads) for each in hub.config.witnesses)
                return sum(await asyncio.gather(*turns))
    except sqlite3.Error as error:  # a full disk; visiting and publishing go on
        _LOGGER.error("witnesses: %s", error)
        return 0


def _read_heads(home: Home) -> list[CosignedHead]:
    with read_only(home.index) as db:
        return list(cosigned_heads(db))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all witnesses' turns work with."""

    hub: Hub
    web: Web
    memory: WitnessMemory
    clock: Clock
    disk: Disk


class _Turn:
    """One witness's turn: log after log, until it fails as a whole."""

    def __init__(self, shared: _Shared, settings: WitnessSettings) -> None:
        self._witness, self._logs = settings.address, settings.logs
        self._hub, self._web, self._disk = shared.hub, shared.web, shared.disk
        self._memory, self._clock = shared.memory, shared.clock

    async def take(self, heads: Sequence[CosignedHead]) -> int:
        """Submit what is owed and due; how many lines were added."""
        key = self._witness.key.text
        stands = self._memory.all(key)
        itself = stands.get("") or WitnessStand(key)
        added, clock = 0, asyncio.get_running_loop().time
        deadline = clock() + _TURN_SECONDS
        for head in heads:
            if itself.due > self._clock() or clock() > deadline:
                break
            stand = stands.get(head.origin) or WitnessStand(key, head.origin)
            if self._owes(head, stand):
                itself, done = await self._attempt(head, stand, itself)
                added += done
        return added

    def _owes(self, head: CosignedHead, stand: WitnessStand) -> bool:
        # `fed` is public, and its witnesses are what shows a hub that has two of it.
        wanted = head.family == FED or head.family in self._logs
        return wanted and stand.size != head.size and stand.due <= self._clock()

    async def _attempt(
        self, head: CosignedHead, stand: WitnessStand, itself: WitnessStand
    ) -> tuple[WitnessStand, bool]:
        """Submit one head; how the witness itself stands after that, and whether it cosigned."""
        try:
            size = await self._bring(head.origin, stand.size)
        except FenheError as error:
            if error.code == "home.busy":
                return itself, False
            _LOGGER.warning("%s %s: %s", self._witness.key.name, head.origin, error)
            if error.code == "witness.disagrees":
                await self._accuse(head.origin)
            whole = _is_of_the_witness(error)
            failed = _failed(itself if whole else stand, error, self._clock())
            self._memory.put(failed)
            return failed if whole else itself, False
        good = WitnessStand(stand.witness, stand.origin, size, self._clock())
        self._memory.put(good)
        if itself.failures:
            self._memory.put(itself := WitnessStand(stand.witness))
        return itself, True

    async def _accuse(self, origin: str) -> None:
        """Keep what proves a fork, if anything does; the next visit finds it and stops there."""
        if origin == self._hub.fed_origin:
            _LOGGER.error("%s was shown another history of our own log", self._witness.key.name)
            return
        home, log = self._hub.home, MirrorLog(self._hub.home, origin, self._disk)
        try:
            notes = await proof_of_fork(home, self._web, self._witness, log)
        except FenheError as error:
            _LOGGER.warning("%s %s: %s", self._witness.key.name, origin, error)
            return
        if notes:
            _LOGGER.error("%s was shown another history of %s", self._witness.key.name, origin)
            keep_evidence(home, origin, notes, self._disk)

    async def _bring(self, origin: str, known: int) -> int:
        """Get the line and keep it; the size that was cosigned."""
        shown = self._shown(origin)
        head = await asyncio.to_thread(shown.newest)
        lines = b""
        if not cosignatures_by(parse_note(head.note), self._witness.key):
            offer = Offer(head.note, head.size, lambda old: shown.prove(old, head.size))
            known = min(known, head.size)
            signed = await submit(self._web, self._witness, offer, known=known, now=self._clock())
            lines = signed.removeprefix(head.note)
        await shown.keep(head, lines, self._witness.key)
        return head.size

    def _shown(self, origin: str) -> Shown:
        if origin == self._hub.fed_origin:
            return FedHead(self._hub, self._disk)
        return MirroredHead(MirrorLog(self._hub.home, origin, self._disk))


def _is_of_the_witness(error: FenheError) -> bool:
    """Whether no other log would fare better with it."""
    if error.code == "fetch.status":
        return False
    return error.code.startswith("fetch.") or error.code in ("witness.answer", "witness.clock")


def _failed(stand: WitnessStand, error: FenheError, now: int) -> WitnessStand:
    pause = min(_FIRST_PAUSE << min(stand.failures, 10), _LONGEST_PAUSE)
    asked = error.retry_after if isinstance(error, Deferred) else None
    return replace(
        stand,
        failures=stand.failures + 1,
        due=now + max(pause, asked or 0),
        code=error.code,
        found=error.found,
    )
