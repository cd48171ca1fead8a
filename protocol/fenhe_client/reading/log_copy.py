"""A copy of one of our own logs, as somebody else keeps it, under one head (feed §11).

It is read with `LogReader` like any other log; only its checkpoint is the note that was chosen.
"""

from collections.abc import Callable

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.note import parse_note


class LogCopy:
    """The files of a mirrored log under one head; each visit has its share of bytes and seconds."""

    def __init__(self, open_files: Callable[[], Fetcher], note: bytes) -> None:
        self._open, self.note = open_files, note
        self._files = open_files()

    def begin_visit(self) -> None:
        """What is fetched from now on counts anew."""
        self._files = self._open()

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """See `Fetcher`."""
        if path == CHECKPOINT:
            return Answer(OK, self.note)
        return await self._files.get(path, limit=limit, etag=etag, fresh=fresh)


def own_note(raw: bytes, origin: str) -> bytes:
    """The note with the log's own signatures alone, as its writer shows it."""
    note = parse_note(raw)
    lines = [line.line for line in note.signatures if line.name == origin]
    return note.text + b"\n" + "".join(lines).encode()
