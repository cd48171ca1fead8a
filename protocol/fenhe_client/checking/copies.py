"""Other copies of a log: entries and lines as they have them. Nothing of it is believed here."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.reading.log_files import fetch_body, fetch_bundle
from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.body import BodyLine, read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import Deferred, PublisherError, Refused
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.tiles import EntryBundle, decode_bundle


@dataclass(frozen=True, slots=True)
class Copy:
    """Another copy of the log; `open` begins a visit to its folder."""

    name: str
    open: Callable[[], Fetcher]


class Copies:
    """All other copies of one log of `size`, asked in turn; one that fails has nothing."""

    def __init__(self, copies: Sequence[Copy], size: int) -> None:
        self._copies, self._size = copies, size
        self._sizes: dict[str, int] = {}

    async def notes(self) -> AsyncIterator[tuple[str, bytes]]:
        """The checkpoint that each shows."""
        for copy in self._copies:
            try:
                answer = await copy.open().get(CHECKPOINT, limit=DEFAULTS.note_bytes)
            except (Deferred, PublisherError):
                continue
            if answer.status == OK:
                yield copy.name, answer.body

    async def entries(self, block: int) -> AsyncIterator[tuple[str, list[bytes]]]:
        """The entries of a block from its first on, as many as each has."""
        for copy in self._copies:
            try:
                found = await self._entries_of(copy, block)
            except (Deferred, PublisherError):
                continue
            if found:
                yield copy.name, found

    async def lines(self, tier: str, block: int) -> AsyncIterator[tuple[str, list[BodyLine]]]:
        """The body lines of a tier of a block."""
        for copy in self._copies:
            try:
                raw = await fetch_body(copy.open(), tier, block, DEFAULTS, fresh=True)
            except (Deferred, PublisherError):
                continue
            yield copy.name, read_body_file(raw, block)[0]

    async def _entries_of(self, copy: Copy, block: int) -> list[bytes]:
        width = min(BLOCK, self._size - block * BLOCK)
        if (found := await _bundle(copy, block, width)) is not None:
            return found
        # It stands at another size, and has no bundle of ours.
        width = min(BLOCK, await self._size_of(copy) - block * BLOCK)
        found = await _bundle(copy, block, width) if width > 0 else None
        return found or []

    async def _size_of(self, copy: Copy) -> int:
        if copy.name not in self._sizes:
            answer = await copy.open().get(CHECKPOINT, limit=DEFAULTS.note_bytes)
            size = parse_checkpoint(parse_note(answer.body).text).size if answer.status == OK else 0
            self._sizes[copy.name] = size
        return self._sizes[copy.name]


async def _bundle(copy: Copy, block: int, width: int) -> list[bytes] | None:
    try:
        raw = await fetch_bundle(
            copy.open(), EntryBundle(block, width), max_entry=DEFAULTS.leaf_bytes
        )
        if raw is None:
            return None
        return decode_bundle(raw, width, max_entry=DEFAULTS.leaf_bytes)
    except Refused:
        return None  # it is damaged there
