"""What the mirror has cosigned is shown to witnesses, and their lines are added to the kept note.

A turn of its own, beside the visits: `ask_witnesses` goes once through all witnesses, and one that
is away costs nobody else anything. What is owed follows from the cosigned heads and from what each
witness signed; nothing is queued. In a `fed` word the lines stand if they came before it was due:
they earn none of their own (ADR 0004), for the mirror's checkpoint shows them at once.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.disk import Disk, replace_files
from fenhe_client.fetch import Web
from fenhe_client.files import stored_hashes
from fenhe_client.submission import Offer, submit
from fenhe_client.witness_settings import WitnessSettings
from fenhe_hub.cosign import KeptNote, latest_note, show
from fenhe_hub.evidence import keep_evidence
from fenhe_hub.home import Home, locked_while_waiting
from fenhe_hub.hub import Hub
from fenhe_hub.mirror import MirrorLog
from fenhe_hub.read_only import read_only
from fenhe_hub.witnessing.disagreement import proof_of_fork
from fenhe_hub.witnessing.memory import WitnessMemory, WitnessStand
from fenhe_protocol.checkpoint import cosignatures_by
from fenhe_protocol.errors import Deferred, FenheError, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.merkle import consistency_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.witness import gather_cosignatures

_LOGGER = logging.getLogger("fenhe_hub.witnesses")

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 3600
_TURN_SECONDS = 30.0  # what is left then is the next turn's; a server that is stopped waits for it
_LOCK_PATIENCE = 5.0  # a visit to the log may last longer; then the next turn adds the line

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class CosignedHead:
    """A log and the size that the mirror cosigned last."""

    origin: str
    family: str
    size: int


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
        heads = _read_heads(hub.home)
        with WitnessMemory(hub.home.witnesses) as memory:
            async with Web(hub.config.limits) as web:
                shared = _Shared(hub.home, web, memory, clock, disk or Disk())
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

    home: Home
    web: Web
    memory: WitnessMemory
    clock: Clock
    disk: Disk


class _Turn:
    """One witness's turn: log after log, until it fails as a whole."""

    def __init__(self, shared: _Shared, settings: WitnessSettings) -> None:
        self._witness, self._logs = settings.address, settings.logs
        self._home, self._web, self._disk = shared.home, shared.web, shared.disk
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
        wanted = head.family in self._logs and stand.size != head.size
        return wanted and stand.due <= self._clock()

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
        log = MirrorLog(self._home, origin, self._disk)
        try:
            notes = await proof_of_fork(self._home, self._web, self._witness, log)
        except FenheError as error:
            _LOGGER.warning("%s %s: %s", self._witness.key.name, origin, error)
            return
        if notes:
            _LOGGER.error("%s was shown another history of %s", self._witness.key.name, origin)
            keep_evidence(self._home, origin, notes, self._disk)

    async def _bring(self, origin: str, known: int) -> int:
        """Get the line and keep it; the size that was cosigned."""
        log = MirrorLog(self._home, origin, self._disk)
        if (kept := latest_note(log.notes)) is None:
            raise StoreError("log.absent", where=origin)
        lines, raw = b"", _read(kept.file)
        if not cosignatures_by(parse_note(raw), self._witness.key):
            offer = Offer(raw, kept.size, lambda old: _proof(log, old, kept.size))
            known = min(known, kept.size)
            signed = await submit(self._web, self._witness, offer, known=known, now=self._clock())
            lines = signed.removeprefix(raw)
        await self._keep(log, kept, lines)
        return kept.size

    async def _keep(self, log: MirrorLog, kept: KeptNote, lines: bytes) -> None:
        """Add the lines to the note, which another witness may have changed meanwhile."""
        async with locked_while_waiting(log.folder / "lock", patience=_LOCK_PATIENCE):
            note = gather_cosignatures(_read(kept.file), lines, [self._witness.key])
            replace_files(self._disk, {kept.file: note})
            if latest_note(log.notes) == kept:
                show(log.files, note)


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


def _proof(log: MirrorLog, old: int, size: int) -> list[bytes]:
    return consistency_proof(old, size, stored_hashes(log.files, size))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StoreError("store.read", where=str(file), found=str(error)) from error
