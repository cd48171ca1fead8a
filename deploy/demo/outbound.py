"""Run a command where nothing can reach it: a network namespace whose only way is out to one port.

A namespace of its own has no network at all. Outside, `Outlet` passes on what arrives on a socket
in the file system to one port of this machine; inside, this file, run as a program, listens on that
same port and hands every connection to the socket. Standard library alone: it runs by its path.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1  # Linux, netdevice(7)
_PIECE = 65536


def why_not() -> str:
    """Why this machine allows no such namespace; empty if it does."""
    try:
        done = subprocess.run(
            [*inside(Path("/nonexistent"), 0), "true"], capture_output=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return (said[-1] if said else "unshare failed") if done.returncode else ""


def inside(way: Path, port: int) -> list[str]:
    """What to put before a command so that it runs inside, with `way` out to `port`."""
    return ["unshare", "-rn", sys.executable, str(Path(__file__).resolve()), str(way), str(port)]


class Outlet:
    """The outer end of the way out: passes on what arrives at the socket `way` to `port`."""

    def __init__(self, port: int) -> None:
        # Names of sockets are short: no folder that somebody chose may hold it.
        self._folder = tempfile.TemporaryDirectory(prefix="fenhe-")
        self.way, self._port = Path(self._folder.name) / "way", port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    async def _open(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass_on, self.way)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await _join(reader, writer, *await asyncio.open_connection("127.0.0.1", self._port))


async def _join(
    one_in: asyncio.StreamReader,
    one_out: asyncio.StreamWriter,
    other_in: asyncio.StreamReader,
    other_out: asyncio.StreamWriter,
) -> None:
    """Copy both ways until both have ended."""
    try:
        await asyncio.gather(_copy(one_in, other_out), _copy(other_in, one_out))
    finally:
        for writer in (one_out, other_out):
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


def _raise_loopback() -> None:
    """Let the namespace talk to itself; it begins with its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | _IFF_UP))


async def _run_inside(way: Path, port: int, command: list[str]) -> int:
    async def hand_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await _join(reader, writer, *await asyncio.open_unix_connection(way))

    server = await asyncio.start_server(hand_out, "127.0.0.1", port)
    async with server:
        process = await asyncio.create_subprocess_exec(*command)
        return await process.wait()


def main() -> int:
    """`outbound.py SOCKET PORT COMMAND…`, inside the namespace."""
    _raise_loopback()
    way, port, *command = sys.argv[1:]
    return asyncio.run(_run_inside(Path(way), int(port), command))


if __name__ == "__main__":
    sys.exit(main())
