"""Heads that this node has signed, shown to witnesses; their lines are added to the checkpoint.

So a unit can prove when it published even where its hub was away: the mirror takes the line over,
and the witness's time counts if the bodies come in time (feed §9). Start at `Witnesses.ask`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_client.witness.settings import WitnessSettings
from fenhe_client.witness.submission import Offer, submit
from fenhe_node.home import Home, alone
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs, log_files
from fenhe_node.receipts.witnessed import keep_own
from fenhe_node.store import Store
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import FenheError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.merkle import consistency_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.witness import gather_cosignatures

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 3600

Clock = Callable[[], int]


@dataclass(slots=True)
class _Memory:
    """What is known of one witness and one log, for as long as the node serves."""

    size: int = 0
    failures: int = 0
    due: int = 0


class Witnesses:
    """The witnesses that the configuration names; without a memory they say where they stand."""

    def __init__(self, node: Node) -> None:
        self._home, self._witnesses = node.home, node.config.witnesses
        self._memory: dict[tuple[str, str], _Memory] = {}

    async def ask(self, now: Clock) -> list[FenheError]:
        """Submit every head that lacks a line and is due; what went wrong holds up nothing."""
        owed = [pair for pair in await asyncio.to_thread(self._owed) if self._is_due(*pair, now())]
        if not owed:
            return []
        async with Web() as web:
            found = [await self._try(web, settings, log, now()) for settings, log in owed]
        return [error for error in found if error is not None]

    def _owed(self) -> list[tuple[WitnessSettings, str]]:
        return [
            (settings, log)
            for log in current_logs(self._home)
            for settings in self._witnesses
            if split_log_name(log)[0] in settings.logs and _lacks(self._home, log, settings)
        ]

    def _is_due(self, settings: WitnessSettings, log: str, now: int) -> bool:
        return self._known(settings, log).due <= now

    def _known(self, settings: WitnessSettings, log: str) -> _Memory:
        return self._memory.setdefault((settings.key, log), _Memory())

    async def _try(
        self, web: Web, settings: WitnessSettings, log: str, now: int
    ) -> FenheError | None:
        known = self._known(settings, log)
        try:
            known.size = await _bring(self._home, web, settings, log, known.size, now)
        except FenheError as error:
            known.due = now + min(_FIRST_PAUSE << min(known.failures, 10), _LONGEST_PAUSE)
            known.failures += 1
            return error
        known.failures = 0
        return None


def _lacks(home: Home, log: str, settings: WitnessSettings) -> bool:
    """Whether something is signed and the witness's line is not under it."""
    if (raw := log_files(home, log).read(CHECKPOINT)) is None:
        return False
    note = parse_note(raw)
    return bool(parse_checkpoint(note.text).size) and not note.lines_of(settings.verifier)


async def _bring(
    home: Home, web: Web, settings: WitnessSettings, log: str, known: int, now: int
) -> int:
    """Get one line and add it; the size that was cosigned."""
    files = log_files(home, log)
    raw = files.read(CHECKPOINT) or b""
    size = parse_checkpoint(parse_note(raw).text).size

    def prove(old: int) -> list[bytes]:
        return consistency_proof(old, size, stored_hashes(files, size))

    offer = Offer(raw, size, prove)
    signed = await submit(web, settings.address, offer, known=min(known, size), now=now)
    await asyncio.to_thread(_add, home, log, raw, signed, settings.verifier)
    return size


def _add(home: Home, log: str, raw: bytes, signed: bytes, key: VerifierKey) -> None:
    """Keep the line as evidence, then show it: killed between the two, the witness is asked again.

    `raw` is the note that was submitted, `signed` the same with its line.
    """
    with Store.open(home.store) as store:
        keep_own(store, log, parse_note(signed), key)
    files = log_files(home, log)
    with alone(home):
        shown = files.read(CHECKPOINT) or b""
        if shown.startswith(raw):  # else a newer head was signed meanwhile
            lines = signed.removeprefix(raw)
            files.write_all({CHECKPOINT: gather_cosignatures(shown, lines, [key])})
