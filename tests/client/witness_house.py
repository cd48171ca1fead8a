"""A witness for tests: its home in a folder, and its two addresses on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web

from fenhe_client.fetching.listening import make_runner
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.service import Witness
from fenhe_client.witness.web import Clock, make_app
from fenhe_protocol.checkpoint import KeyRange, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint, gather_cosignatures
from tests.histories import LOG_KEY

ORIGIN = "u1.example/fenhe/catalogue"
NAME = "w.example/w"
NOW = 1795392065
KEYS = (KeyRange(LOG_KEY.public),)


def witness_home(folder: Path, *origins: str) -> WitnessHome:
    """A new witness that knows these logs, all signed by the key of `histories`."""
    home = make_home(folder, NAME)
    for origin in origins or (ORIGIN,):
        KnownLogs(home.logs).put(KnownLog(origin, KEYS))
    return home


@asynccontextmanager
async def answering(
    home: WitnessHome,
    *,
    now: int = NOW,
    clock: Clock | None = None,
    prefix: str = "",
    patience: float = 10.0,
) -> AsyncIterator[str]:
    """Its submission and monitoring prefix, while it answers."""
    runner = make_runner(make_app(Witness(home), clock or (lambda: now), prefix, patience))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{prefix}"
    finally:
        await runner.cleanup()


async def submit(
    session: ClientSession, url: str, request: AddCheckpoint
) -> tuple[int, str, bytes]:
    """Status, content type and body of the answer."""
    raw = compose_add_checkpoint(request)
    async with session.post(f"{url}/add-checkpoint", data=raw) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.read()


def opened(home: WitnessHome, note: bytes, answer: bytes) -> OpenedCheckpoint:
    """The submitted note with what the witness answered, verified."""
    whole = gather_cosignatures(note, answer, [home.verifier])
    origin = note.decode().split("\n")[0]
    return open_checkpoint(whole, origin=origin, keys=KEYS, cosigners=[home.verifier])
