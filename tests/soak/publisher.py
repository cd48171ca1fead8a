"""One simulated unit: real keys and real signed logs, written by the product's own writer.

What it signs it remembers in its `Ledger`: that is what the hub has to know. Start at `Publisher`.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT, ROOT, FolderFiles, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.erasing import obey
from fenhe_client.writing.feed_writer import FeedWriter, new_records
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, parse_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from tests.soak.ledger import Ledger
from tests.soak.records import Bodies, whole

LOGS = ("catalogue", "usage")
Range = tuple[int, int]


class UnflushedDisk(Disk):
    """The nodes' disks lose no power in this story."""

    def flush(self, path: Path) -> None:
        """Nothing."""

    def flush_filesystem(self, handle: int) -> None:
        """Nothing."""


class Publisher:
    """The unit of a number; `url` is where its node answers."""

    def __init__(self, folder: Path, number: int, seed: str, url: str, now: int) -> None:
        self.folder, self.number, self.url = folder / f"u{number}", number, url
        self.origin = f"u{number}.example/fenhe"
        code = f"1214000000{number:07}"
        self.uscc = code + uscc_check_character(code)
        self.ledger = Ledger()
        self._seed, self._turns = seed, {"log": 0, "root": 0, "request": 0}
        first = (KeyRange(self._key("log").public),)
        self._ranges: dict[str, tuple[KeyRange, ...]] = dict.fromkeys(LOGS, first)
        self._texts: list[bytes] = []
        self.folder.mkdir(parents=True)
        self._heads = HeadStore(self.folder / "head.sqlite")
        self._sign_root([self._key("root")], now)
        for log in LOGS:
            self.writer(log).recover(key=self._key("log"), now=now)

    @property
    def fingerprint(self) -> str:
        """Of its first root document."""
        return fingerprint(self._texts[0])

    def writer(self, log: str, disk: Disk | None = None) -> FeedWriter:
        """The writer of a log, as a node that has just started opens it."""
        return FeedWriter(f"{self.origin}/{log}", self.files(log, disk), self._heads)

    def files(self, log: str, disk: Disk | None = None) -> FolderFiles:
        """Where a log lies, or with `root` its root documents."""
        sub = "" if log == ROOT else log
        public, held = self.folder / "public" / sub, self.folder / "held" / sub
        return FolderFiles(public, held, log=log, disk=disk or UnflushedDisk())

    def head(self, log: str) -> Checkpoint:
        """What its node shows of a log."""
        return parse_checkpoint(parse_note(self.files(log).read(CHECKPOINT) or b"").text)

    @property
    def size(self) -> int:
        """How many leaves it has signed."""
        return sum(self.head(log).size for log in LOGS)

    @property
    def roots(self) -> int:
        """How many root documents it has."""
        return len(self._texts)

    # What it says.

    def publish(self, log: str, records: Sequence[Bodies], now: int) -> None:
        """Append records and sign."""
        entries = self.entries(log, records)
        self._append(log, entries, now)
        self.ledger.add(log, self.head(log).size - len(records), entries)

    def entries(self, log: str, records: Sequence[Bodies]) -> Sequence[Entry]:
        """Records with the unit's code and fresh salts."""
        return new_records(f"{self.origin}/{log}", [whole(each, self.uscc) for each in records])

    def publish_killed(self, log: str, records: Sequence[Bodies], now: int, write: int) -> bool:
        """Do so in a process that is killed before its nth write, then start; whether it died.

        What was not signed when it died is published anew.
        """
        before, entries = self.head(log).size, self.entries(log, records)
        died = _killed_at(write, lambda disk: self._append(log, entries, now, disk))
        self.writer(log).recover(key=self._key("log"), now=now)
        if self.head(log).size == before:
            self._append(log, entries, now)
        self.ledger.add(log, before, entries)
        return died

    def beat(self, now: int) -> None:
        """Append a heartbeat."""
        self._append("catalogue", [plain_entry(HeartbeatLeaf(now))], now)

    def erase(self, log: str, ranges: Sequence[Range], now: int) -> None:
        """Append an `x` of these lines and take them out of the unit's own files."""
        self._append(log, [plain_entry(EraseLeaf(tuple(ranges), None, "error"))], now)
        obey({log: self.files(log)})
        self.ledger.erase(log, ranges)

    def _append(
        self, log: str, entries: Sequence[Entry], now: int, disk: Disk | None = None
    ) -> None:
        writer = self.writer(log, disk)
        writer.publish(entries, key=self._key("log"), now=now)
        writer.sweep(now)

    # What it changes about itself.

    def change_log_key(self, now: int) -> None:
        """Sign both logs by another key from their present sizes on, if this one has signed any."""
        starts = {log: self.head(log).size + 1 for log in LOGS}
        if any(starts[log] <= self._ranges[log][-1].start for log in LOGS):
            return
        self._turns["log"] += 1
        for log, start in starts.items():
            *former, last = self._ranges[log]
            ended = (*former, replace(last, end=start))
            self._ranges[log] = (*ended, KeyRange(self._key("log").public, start))
        self._sign_root([self._key("root")], now)

    def change_request_key(self, now: int) -> None:
        """Ask with another key."""
        self._turns["request"] += 1
        self._sign_root([self._key("root")], now)

    def change_root_key(self, now: int) -> None:
        """Sign root documents by another key; this one by both."""
        former = self._key("root")
        self._turns["root"] += 1
        self._sign_root([former, self._key("root")], now)

    def move(self, url: str, now: int) -> None:
        """Answer at another address."""
        self.url = url
        self._sign_root([self._key("root")], now)

    def _sign_root(self, keys: Sequence[SigningKey], now: int) -> None:
        text = compose_root(
            origin=self.origin,
            unit=self.uscc,
            url=self.url,
            time=now,
            root=[self._key("root").public],
            logs=[LogKeys(log, self._ranges[log]) for log in LOGS],
            request=[self._key("request").public],
            n=len(self._texts) + 1,
            prev=fingerprint(self._texts[-1]) if self._texts else None,
        )
        self._texts.append(text)
        note = sign_root(text, self.origin, keys)
        self.files(ROOT).write_all({root_path(len(self._texts)): note})

    def _key(self, purpose: str) -> SigningKey:
        spoken = f"{self._seed} {self.number} {purpose} {self._turns[purpose]}"
        return SigningKey.from_seed(hashlib.sha256(spoken.encode()).digest())


def _killed_at(write: int, publish: Callable[[Disk], None]) -> bool:
    """Let a child do it and die before its nth write; whether it came so far."""
    if (child := os.fork()) == 0:
        with suppress(BaseException):
            publish(DyingDisk(write))
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, -9):
        raise RuntimeError(f"a publish broke: {status}")
    return os.WIFSIGNALED(status)


class DyingDisk(UnflushedDisk):
    """Kills its own process before its nth write."""

    def __init__(self, write: int) -> None:
        super().__init__()
        self._left = write

    def write(self, path: Path, data: bytes) -> None:
        """See Disk."""
        self._count()
        super().write(path, data)

    def rename(self, source: Path, target: Path) -> None:
        """See Disk."""
        self._count()
        super().rename(source, target)

    def _count(self) -> None:
        if self._left <= 0:
            os.kill(os.getpid(), 9)
        self._left -= 1
