"""The public catalogue as it was last read; read again as soon as its checkpoint changes."""

import asyncio
from pathlib import Path

from fenhe_node.published import Catalogue, checkpoints, read_catalogue


class Shelf:
    """Keeps one Catalogue in memory; a publish by another process shows with the next request."""

    def __init__(self, public: Path) -> None:
        self._public = public
        self._seen: tuple[int, int] | None = None
        self._catalogue = Catalogue()
        self._reading = asyncio.Lock()
        self.exporting = asyncio.Lock()  # a workbook costs seconds: one at a time

    async def catalogue(self) -> Catalogue:
        """Give the state below the signed head."""
        async with self._reading:
            seen = self._stamp()
            if seen != self._seen:
                self._catalogue = await asyncio.to_thread(read_catalogue, self._public)
                self._seen = seen
        return self._catalogue

    def _stamp(self) -> tuple[int, int]:
        # A checkpoint is replaced by rename, so each has a file of its own.
        status = checkpoints(self._public)[-1].stat()
        return status.st_mtime_ns, status.st_ino
