"""A push as a visit reads it: the files of a log from its inbox, with the bodies that just came.

What was pushed is so judged, stored and indexed by the very code that reads a node. Start at
`deliver`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.inbox.log import Inbox
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.tiles import BodyFile, EntryBundle, encode_bundle, parse_path


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a visit reads instead of a node; `blocks` are those whose bodies came, by tier."""

    files: Fetcher
    blocks: Mapping[str, frozenset[int]]


def deliver(inbox: Inbox, log: MirrorLog, bodies: Mapping[BodyFile, bytes]) -> Delivery:
    """Make one of what lies in the inbox, and of body lines that are stored nowhere yet."""
    tiers = {file.tier for file in bodies}
    blocks = {tier: frozenset(f.index for f in bodies if f.tier == tier) for tier in tiers}
    return Delivery(_Delivered(inbox, log, {f.path: raw for f, raw in bodies.items()}), blocks)


class _Delivered:
    """Files of one log; its checkpoint is the largest whose entries are all here."""

    def __init__(self, inbox: Inbox, log: MirrorLog, bodies: Mapping[str, bytes]) -> None:
        self._inbox, self._log, self._bodies = inbox, log, bodies

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """See Fetcher; all of it is our own writing, so nothing is beyond the limit."""
        return await asyncio.to_thread(self._read, path)

    def _read(self, path: str) -> Answer:
        body = self._checkpoint() if path == CHECKPOINT else self._part(path)
        return Answer(ABSENT) if body is None else Answer(OK, body)

    def _checkpoint(self) -> bytes | None:
        head = self._log.head()
        size = head.size if head else 0
        reach = self._inbox.reach(size)
        note = self._log.verified()
        for pending in self._inbox.heads().values():
            # One of the verified size was kept for a witness's line that came later.
            if size <= pending.size <= reach:
                note = pending.note
        return note

    def _part(self, path: str) -> bytes | None:
        match parse_path(path):
            case EntryBundle(index, width):
                entries = self._inbox.entries(index)
                return encode_bundle(entries[:width]) if len(entries) >= width else None
            case BodyFile():
                return self._bodies.get(path)
        return None
