"""A unit's log for tests: published by the real writer, served from a dict, read into a folder."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fenhe_client.fetching.answers import ABSENT, NOT_MODIFIED, OK
from fenhe_client.fetching.fetch import Answer
from fenhe_client.reading.visit import LogReader, LogToRead
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.entry import Entry, record_entry
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import DEFAULTS, Limits
from fenhe_protocol.schema import SchemaSet

USCC = "12140000000000019W"
UNIT = "u1.example/fenhe"
CATALOGUE = f"{UNIT}/catalogue"
KEY = SigningKey.from_seed(b"log".ljust(32))
NOW = 1795392065
TIERS = ("pub", "hub")


class Files(dict[str, bytes]):
    """Files by path; their bytes are never shown when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} files>"


class QuickDisk(Disk):
    """A disk that never waits for the medium."""

    def flush(self, path: Path) -> None:
        pass

    def flush_filesystem(self, handle: int) -> None:
        pass


def instrument(number: int, *, tiers: Sequence[str] = TIERS, **fields: object) -> Entry:
    """An instrument with salts that follow from its number and tier."""
    envelope: dict[str, object] = {"unit": USCC, "kind": "instrument", "id": f"A-{number}"}
    own: dict[str, dict[str, object]] = {
        "pub": {"name_zh": f"示例仪器 {number}", "status": "normal"},
        "hub": {"value_yuan": 500_000},
    }
    bodies = {tier: _body(envelope | own[tier] | fields) for tier in tiers}
    salts = {tier: hashlib.sha256(f"{tier} {number}".encode()).digest()[:16] for tier in tiers}
    return record_entry(CATALOGUE, bodies, salts)


def _body(fields: dict[str, object]) -> bytes:
    given = {name: value for name, value in fields.items() if value is not None}
    text = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


class Publisher:
    """Publishes into a folder; `files` is what a reader may find there."""

    def __init__(self, folder: Path, origin: str = CATALOGUE) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        log = origin.rpartition("/")[2]
        store = FolderFiles(folder / "log", folder / "log", log=log, disk=QuickDisk())
        self._writer = FeedWriter(origin, store, HeadStore(folder / "head.sqlite"))

    def publish(self, entries: Sequence[Entry]) -> Files:
        self._writer.publish(entries, key=KEY, now=NOW)
        return self.files()

    def files(self) -> Files:
        return files_below(self.folder / "log")


def files_below(folder: Path) -> Files:
    """Every file of a folder by its relative path, hidden ones left out."""
    return Files(
        (path.relative_to(folder).as_posix(), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


class DictFetcher:
    """A fetcher over files in a dict; `before` may raise for a path, as a network does."""

    def __init__(
        self, files: Mapping[str, bytes], before: Callable[[str], FenheError | None] | None = None
    ) -> None:
        self.files, self._before = files, before or (lambda path: None)
        self.asked: list[str] = []
        self.fresh: list[str] = []

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        (self.fresh if fresh else self.asked).append(path)
        if (error := self._before(path)) is not None:
            raise error
        if (body := self.files.get(path)) is None:
            return Answer(ABSENT)
        if len(body) > limit:
            raise Refused("fetch.size", where=path)
        served = f'"{hashlib.sha256(body).hexdigest()}"'
        return Answer(NOT_MODIFIED) if etag == served else Answer(OK, body, served)


class Mirror:
    """A reader's folder for one log."""

    def __init__(self, folder: Path, *, origin: str = CATALOGUE, disk: Disk | None = None) -> None:
        self.folder, self.origin, self.disk = folder, origin, disk or QuickDisk()
        log = origin.rpartition("/")[2]
        self.store = FolderFiles(folder / "log", folder / "log", log=log, disk=self.disk)
        self.spool = SpoolFolder(folder / "spool", log=log, disk=self.disk)

    def reader(
        self,
        *,
        keys: Sequence[KeyRange] = (KeyRange(KEY.public),),
        unit: str = USCC,
        tiers: Sequence[str] = TIERS,
        limits: Limits = DEFAULTS,
    ) -> LogReader:
        log = LogToRead(self.origin, unit, keys, tiers)
        return LogReader(log, self.store, self.spool, SchemaSet.load(), limits)

    def files(self) -> Files:
        return files_below(self.folder / "log")

    def spooled(self) -> Files:
        return files_below(self.folder / "spool") if (self.folder / "spool").exists() else Files()
