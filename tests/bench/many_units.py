"""Thousands of units with real logs, made in memory and answered for by one process.

`python -m tests.bench.many_units FOLDER UNITS`: writes FOLDER/units.json (a list of `Told`), prints
a line and waits. What a node's own commands would spend on flushing for each unit is left out;
entries, tiles, bodies, heads and root documents are those that the writer makes. Each unit has an
address of its own; every answer ends its connection. Answered from memory, signatures unread.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address
from pathlib import Path

from deploy.demo.ports import free_port
from fenhe_client.stored.files import stored_hashes
from fenhe_client.writing.feed_batch import batch_files
from fenhe_client.writing.feed_writer import new_record
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, sign_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from fenhe_protocol.strict_json import dumps
from tests.bench.answering import answer
from tests.bench.usage import NOW
from tests.hub.fake_node import instrument

LOGS = ("catalogue", "usage")
RECORDS = 3  # instruments of a unit, besides a heartbeat
_FIRST_ADDRESS = int(IPv4Address("127.0.1.1"))


@dataclass(frozen=True)
class Told:
    """What a hub has to be told of a unit."""

    origin: str
    uscc: str
    url: str
    fingerprint: str
    root: str  # root document 1, as text


class Memory:
    """The files of one log, nowhere but here."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """See `FeedFiles`."""
        return self.files.get(path)

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """See `FeedFiles`."""
        self.files.update(files)

    def take_in(self, files: Mapping[str, Path]) -> None:
        """See `FeedFiles`."""
        self.files.update((path, source.read_bytes()) for path, source in files.items())

    def remove(self, paths: Iterable[str]) -> None:
        """See `FeedFiles`."""
        for path in paths:
            self.files.pop(path, None)

    def paths(self, folder: str) -> Iterator[str]:
        """See `FeedFiles`."""
        return (path for path in self.files if path.startswith(f"{folder}/"))

    def changed_at(self, path: str) -> int | None:
        """See `FeedFiles`."""
        return 0 if path in self.files else None


@dataclass(frozen=True)
class Unit:
    """One unit: where it answers, what a hub is told of it, and its files by path."""

    address: str
    told: Told
    files: Mapping[str, bytes]


def make_unit(number: int, port: int) -> Unit:
    """A unit with a heartbeat and some instruments, and nothing in usage."""
    address = str(IPv4Address(_FIRST_ADDRESS + number))
    origin, url = f"u{number}.example/fenhe", f"http://{address}:{port}"
    first = f"1214000000{number:07}"
    uscc = first + uscc_check_character(first)
    log_key, root_key, request_key = (_key(number, purpose) for purpose in ("log", "root", "ask"))
    keys = (KeyRange(log_key.public),)
    text = compose_root(
        origin=origin,
        unit=uscc,
        url=url,
        time=NOW,
        root=[root_key.public],
        logs=[LogKeys(log, keys) for log in LOGS],
        request=[request_key.public],
    )
    root = sign_root(text, origin, [root_key])
    files = {"root/1": root}
    for log in LOGS:
        entries = _entries(f"{origin}/{log}", uscc) if log == "catalogue" else []
        made = make_log(f"{origin}/{log}", entries, log_key)
        files |= {f"{log}/{path}": data for path, data in made.items()}
    return Unit(address, Told(origin, uscc, url, fingerprint(text), root.decode()), files)


def make_log(origin: str, entries: Sequence[Entry], key: SigningKey) -> dict[str, bytes]:
    """The files of a log of these entries, signed."""
    files = Memory()
    for step in batch_files(files, 0, entries):
        files.write_all(step)
    size = len(entries)
    root = root_at(size, stored_hashes(files, size)) if size else EMPTY_ROOT
    return files.files | {"checkpoint": sign_checkpoint(Checkpoint(origin, size, root), key)}


def _entries(origin: str, uscc: str) -> list[Entry]:
    records = (instrument(f"A-{number}") for number in range(RECORDS))
    full = (
        {tier: dumps({"unit": uscc, **body}) for tier, body in record.items()} for record in records
    )
    return [plain_entry(HeartbeatLeaf(NOW)), *(new_record(origin, each) for each in full)]


def _key(number: int, purpose: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(f"{purpose} {number}".encode()).digest())


async def serve(folder: Path, count: int) -> None:
    """Make the units, say so, and answer until killed."""
    port = free_port()
    units = [make_unit(number, port) for number in range(count)]
    await answer({unit.address: unit.files for unit in units}, port)
    (folder / "units.json").write_text(json.dumps([asdict(unit.told) for unit in units]))
    print("ready", flush=True)
    await asyncio.Event().wait()


@contextmanager
def served(folder: Path, count: int) -> Iterator[None]:
    """Have a process of its own serve so many units while this lasts."""
    command = [sys.executable, "-m", "tests.bench.many_units", str(folder), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            if not process.stdout.readline():
                raise RuntimeError("no units are served")
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
