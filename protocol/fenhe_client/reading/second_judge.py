"""A second process that looks at body files while this one fetches and stores.

It says only which files are sound: whatever else a file is, it is judged here as ever. So when the
process cannot start or dies, a visit takes longer and comes to the same.
"""

import asyncio
import socket
import subprocess
import sys
from collections import deque
from types import TracebackType
from typing import Self

import orjson

from fenhe_client.reading import judging_process
from fenhe_client.reading.judging_process import LENGTH, REQUEST
from fenhe_protocol.block import Sound
from fenhe_protocol.leaf import TIERS

Waiting = deque[asyncio.Future[Sound | None]]

_ENOUGH = 6  # files that wait, of the eight that are fetched at once


class SecondJudge:
    """Judges for one visit to one log, from `begin` until it is left."""

    def __init__(self, *, origin: str, unit: str) -> None:
        self._arguments = [origin, unit]
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: Waiting = deque()
        self._answering: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        if self._process is not None:
            self._process.kill()  # it has nothing to lose
            self._process.wait()
        if self._answering is not None:
            await self._answering

    async def begin(self) -> None:
        """Start the process, once; it needs a tenth of a second before it answers."""
        if self._process is not None:
            return
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = self._start(theirs)
            except OSError:
                ours.close()
                return
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._answering = asyncio.create_task(self._answer(reader))

    def _start(self, link: socket.socket) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", judging_process.__name__, *self._arguments]
        return subprocess.Popen(command, stdin=link.fileno())

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for it already that more would take longer than it does here."""
        return len(self._waiting) >= _ENOUGH

    async def look(self, tier: str, block: int, commitments: bytes, raw: bytes) -> Sound | None:
        """See `BlockJudge.find_sound`; None too where there is no second process."""
        if self._writer is None or self._answering is None or self._answering.done():
            return None
        found = asyncio.get_running_loop().create_future()
        self._waiting.append(found)
        head = REQUEST.pack(TIERS.index(tier), block, len(commitments), len(raw))
        self._writer.writelines((head, commitments, raw))
        seen: Sound | None = await found
        return seen

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        """Hand on the answers, which come in the order of the questions."""
        try:
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                answer = orjson.loads(await reader.readexactly(length))
                found = self._waiting.popleft()
                if not found.done():
                    found.set_result(None if answer is None else Sound(*answer))
        except (OSError, asyncio.IncompleteReadError):
            for found in self._waiting:
                if not found.done():
                    found.set_result(None)
