"""A unit's node for tests: real signed feeds behind a real server, with verbs to misbehave.

    node = FakeNode(tmp_path / "u1", number=1)
    async with node.serving():          # node.url, node.fingerprint
        node.publish(instrument("A-1"))

What is held asks for a signed request, as feed §1 says, once `trust` named a key.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from deploy.demo.ports import free_port
from fenhe_client.stored.files import CHECKPOINT, ROOT, FolderFiles, root_path, stored_hashes
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_client.writing.feed_batch import batch_files
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, parse_checkpoint, sign_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import RequestError
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.request import RequestVerifier, key_id
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from fenhe_protocol.strict_json import dumps

START = 1_795_392_065  # 2026-11-23T08:01:05+08:00
Bodies = Mapping[str, Mapping[str, Any]]
"""For each tier the fields of a record, without the unit code."""


def instrument(id_: str, **fields: Any) -> dict[str, dict[str, Any]]:
    """A record with a public and a supervised body."""
    envelope = {"kind": "instrument", "id": id_}
    public = {"name_zh": f"示例仪器{id_}", "status": "normal", **fields}
    return {"pub": envelope | public, "hub": envelope | {"value_yuan": 350_000}}


def service(id_: str, **fields: Any) -> dict[str, dict[str, Any]]:
    """A service record, tier hub."""
    record = {
        "instrument": "A-1",
        "started_at": "2026-11-02T09:00:00+08:00",
        "ended_at": "2026-11-02T11:00:00+08:00",
        "effective_minutes": 110,
    }
    return {"hub": {"kind": "service_record", "id": id_} | record | fields}


def deletion(id_: str, tiers: Sequence[str] = ("pub", "hub")) -> dict[str, dict[str, Any]]:
    """The deletion of an instrument."""
    gone = {"on": "2026-11-20", "reason": "scrapped"}
    return {tier: {"kind": "instrument", "id": id_, "deleted": gone} for tier in tiers}


class FakeNode:
    """One unit; `number` makes its name, code and keys."""

    def __init__(self, folder: Path, number: int = 1) -> None:
        self.folder, self.number = folder, number
        self.origin = f"u{number}.example/fenhe"
        first = f"1214000000000{number:04}"
        self.uscc = first + uscc_check_character(first)
        self.log_key = SigningKey.from_seed(bytes([number]) * 32)
        self.root_key = SigningKey.from_seed(bytes([number + 100]) * 32)
        self.request_key = SigningKey.from_seed(bytes([number + 200]) * 16 + bytes(16))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.now = START
        self.asked: list[str] = []
        self.signed: set[str] = set()  # of these, what was asked for under a signature
        self.hidden: dict[str, bytes] = {}  # what a test took away for a while
        self._trusted: dict[str, bytes] = {}
        self._verifier = RequestVerifier(self._trusted)
        self._slow: dict[str, float] = {}
        self.clock: Callable[[], int] = lambda: int(time.time())
        self.fingerprint = ""
        folder.mkdir(parents=True, exist_ok=True)
        self.rename(self.origin)

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def files(self, log: str) -> FolderFiles:
        """Where a log, or with `root` the root documents, lies."""
        sub = "" if log == ROOT else log
        public, held = self.folder / "public" / sub, self.folder / "held" / sub
        return FolderFiles(public, held, log=log)

    def writer(self, log: str) -> FeedWriter:
        """The writer of a log."""
        return FeedWriter(f"{self.origin}/{log}", self.files(log), self._heads)

    def _write_root(self) -> str:
        keys = (KeyRange(self.log_key.public),)
        text = compose_root(
            origin=self.origin,
            unit=self.uscc,
            url=self.url,
            time=self.now,
            root=[self.root_key.public],
            logs=[LogKeys("catalogue", keys), LogKeys("usage", keys)],
            request=[self.request_key.public],
        )
        note = sign_root(text, self.origin, [self.root_key])
        self.files(ROOT).write_all({root_path(1): note})
        return fingerprint(text)

    def rename(self, origin: str) -> None:
        """Become another unit by name, before anything is published."""
        self.origin = origin
        shutil.rmtree(self.folder)
        self._heads = HeadStore(self._made(self.folder) / "head.sqlite")
        self.fingerprint = self._write_root()
        for log in ("catalogue", "usage"):
            self.writer(log).recover(key=self.log_key, now=self.now)

    def change_key(self) -> None:
        """Sign both logs by another key from their present sizes on, as root document 2 says."""
        old, files = self.log_key.public, self.files(ROOT)
        self.log_key = SigningKey.from_seed(bytes([self.number, 99]) * 16)
        logs = [
            LogKeys(
                log,
                (
                    KeyRange(old, 0, self.size(log) + 1),
                    KeyRange(self.log_key.public, self.size(log) + 1),
                ),
            )
            for log in ("catalogue", "usage")
        ]
        text = compose_root(
            origin=self.origin,
            unit=self.uscc,
            url=self.url,
            time=self.now,
            root=[self.root_key.public],
            logs=logs,
            request=[self.request_key.public],
            n=2,
            prev=self.fingerprint,
        )
        files.write_all({root_path(2): sign_root(text, self.origin, [self.root_key])})

    def trust(self, public: bytes) -> None:
        """Let whoever holds this request key read what is held."""
        self._trusted[key_id(public)] = public

    # What it publishes.

    def publish(self, *records: Bodies, log: str = "catalogue") -> int:
        """Append records and sign; the new size."""
        return self.append([self.record(bodies, log) for bodies in records], log)

    def record(self, bodies: Bodies, log: str = "catalogue") -> Entry:
        """One entry with the unit's code in every body."""
        origin = f"{self.origin}/{log}"
        full = {tier: dumps({"unit": self.uscc, **body}) for tier, body in bodies.items()}
        return new_record(origin, full)

    def append(self, entries: Sequence[Entry], log: str = "catalogue") -> int:
        """Append entries as they are and sign; the new size."""
        self.now += 10
        return self.writer(log).publish(entries, key=self.log_key, now=self.now).size

    def append_unchecked(self, leaves: Sequence[bytes], log: str = "catalogue") -> int:
        """Append leaves that no honest writer would, and sign; the new size."""
        origin, files = f"{self.origin}/{log}", self.files(log)
        old = self._heads.get(origin) or Head(0, EMPTY_ROOT)
        for step in batch_files(files, old.size, [Entry(leaf) for leaf in leaves]):
            files.write_all(step)
        size = old.size + len(leaves)
        root = root_at(size, stored_hashes(files, size))
        self._heads.advance(origin, old, size=size, root=root, now=self.now)
        note = sign_checkpoint(Checkpoint(origin, size, root), self.log_key)
        files.write_all({CHECKPOINT: note})
        return size

    def beat(self, at: int | None = None) -> int:
        """Append a heartbeat."""
        return self.append([plain_entry(HeartbeatLeaf(self.now if at is None else at))])

    def erase(
        self, start: int, stop: int, tiers: tuple[str, ...] | None = None, log: str = "catalogue"
    ) -> int:
        """Append an `x` and take the lines out of the node's own files."""
        size = self.append([plain_entry(EraseLeaf(((start, stop),), tiers, "error"))], log)
        for tier in tiers or ("pub", "hub", "nat"):
            for path in list(self.files(log).paths(f"body/{tier}")):
                kept = [
                    line
                    for line in self.read(log, path).splitlines(keepends=True)
                    if not start <= int(line.split(b" ", 1)[0]) < stop
                ]
                self.files(log).write_all({path: b"".join(kept)})
        return size

    # How it misbehaves.

    def path(self, log: str, path: str) -> Path:
        """Where a file of a log lies."""
        return self.files(log).locate(path)

    def read(self, log: str, path: str) -> bytes:
        """The bytes of a file of a log."""
        return self.path(log, path).read_bytes()

    def size(self, log: str) -> int:
        """The signed size of a log."""
        head = self._heads.get(f"{self.origin}/{log}")
        return head.size if head else 0

    def flip_byte(self, log: str, path: str, at: int = 40) -> None:
        """Change one bit of a file; done twice it is as before."""
        raw = bytearray(self.read(log, path))
        raw[at % len(raw)] ^= 1
        self.path(log, path).write_bytes(raw)

    def withhold(self, log: str, path: str) -> bytes:
        """Take a file away; what it held, to put it back."""
        raw = self.read(log, path)
        self.path(log, path).unlink()
        return raw

    def put_back(self, log: str, path: str, raw: bytes) -> None:
        """Serve these bytes."""
        self.path(log, path).write_bytes(raw)

    def fork(self, log: str = "catalogue") -> None:
        """Sign another root for the size that was signed last."""
        origin = f"{self.origin}/{log}"
        head = parse_checkpoint(parse_note(self.read(log, CHECKPOINT)).text)
        other = sign_checkpoint(Checkpoint(origin, head.size, b"f" * 32), self.log_key)
        self.path(log, CHECKPOINT).write_bytes(other)

    def go_back(self, folder: Path) -> None:
        """Serve a former copy of the public tree."""
        shutil.rmtree(self.folder / "public")
        shutil.copytree(folder, self.folder / "public")

    def return_to(self, folder: Path) -> None:
        """Go on from a former copy of everything, of what was signed too."""
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder)
        self._heads = HeadStore(self.folder / "head.sqlite")

    def go_slow(self, seconds: float, path: str = "") -> None:
        """Wait before answering for paths that contain this; 0 ends it."""
        self._slow[path] = seconds

    # How it serves.

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeNode"]:
        """Answer at `url` until left."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        """What answers, for whoever serves it elsewhere."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.asked.append(path)
        if "Signature" in request.headers:
            self.signed.add(path)
        for part, seconds in self._slow.items():
            if seconds and part in path:
                await asyncio.sleep(seconds)
        public, held = self.folder / "public" / path, self.folder / "held" / path
        if is_held_path(path):
            try:
                uri = f"{self.url}{request.raw_path}"
                self._verifier.verify("GET", uri, request.headers, None, self.clock())
            except RequestError as error:
                return web.json_response(error.problem(), status=401)
        file = held if held.is_file() else public
        if not file.is_file():
            return web.Response(status=404, headers={"Cache-Control": "no-store"})
        return web.Response(body=file.read_bytes())


def is_held_path(path: str) -> bool:
    return path.startswith("usage") or ("/body/" in path and "/body/pub/" not in path)
