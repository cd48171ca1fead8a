"""One log in the mirror: its files as the unit signed them, and what the hub keeps beside them.

    mirror/<H(origin)>/public, held    entries, tiles, body lines; `checkpoint` is the cosigned head
    mirror/<H(origin)>/verified        the note of the verified head, which may be ahead of that
    mirror/<H(origin)>/notes           every note that the mirror cosigned
    mirror/<H(origin)>/beneath             notes that hubs beneath cosigned (`below.attested`)
    mirror/<H(origin)>/refused         which lines were left out for privacy (ADR 0003)
    mirror/<H(origin)>/late            the lowest index of bodies that came after their head

Start at `MirrorLog`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import astuple
from functools import cached_property
from pathlib import Path

import orjson

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import CHECKPOINT, FolderFiles
from fenhe_client.stored.stored_head import checkpoint_of
from fenhe_hub.home import Home, locked
from fenhe_hub.mirror.left_out import LeftOut
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.tiles import body_path, index_path

_LATE = re.compile(rb"(0|[1-9][0-9]{0,15})\n")
_BLOCK = re.compile(r"[0-9]{3}")

Mark = tuple[int, int]
"""One writing of a small file: no two have the same."""


class ReadingFiles(FolderFiles):
    """The files as a reader sees them: its checkpoint is the verified head."""

    def __init__(self, folder: Path, *, log: str, disk: Disk) -> None:
        super().__init__(folder / "public", folder / "held", log=log, disk=disk)
        self._verified = folder / "verified"

    def locate(self, path: str) -> Path:
        """Where a file lies, whether it is there or not; ValueError for a path that is none."""
        return self._verified if path == CHECKPOINT else super().locate(path)


class MirrorLog:
    """Where one log lies, and the hub's own marks beside it."""

    def __init__(self, home: Home, origin: str, disk: Disk | None = None) -> None:
        self.origin = origin
        self.name = origin.rpartition("/")[2]
        self.folder = home.mirror(origin)
        self.disk = disk or Disk()
        self.files = FolderFiles(
            self.folder / "public", self.folder / "held", log=self.name, disk=self.disk
        )

    def for_reading(self) -> ReadingFiles:
        """The files for a visit."""
        return self._for_reading

    @cached_property
    def _for_reading(self) -> ReadingFiles:
        return ReadingFiles(self.folder, log=self.name, disk=self.disk)

    @property
    def notes(self) -> Path:
        """The cosigned notes."""
        return self.folder / "notes"

    @property
    def beneath(self) -> Path:
        """The notes that hubs beneath cosigned."""
        return self.folder / "beneath"

    def verified(self) -> bytes | None:
        """The note of the verified head, None before the first."""
        return _read(self.folder / "verified")

    def head(self) -> Checkpoint | None:
        """The verified head."""
        raw = self.verified()
        if raw is None:
            return None
        try:
            return checkpoint_of(raw)
        except Refused as error:
            raise StoreError("store.damaged", where=f"{self.origin} verified") from error

    def body(self, tier: str, index: int) -> bytes | None:
        """The body of one leaf, None where its line is not here."""
        raw = self.files.read(body_path(tier, index // BLOCK)) or b""
        lines, _ = read_body_file(raw, index // BLOCK)
        return next((line.body for line in lines if line.index == index), None)

    def late(self) -> int | None:
        """The lowest index of bodies completed since the last `adv`, if any came late."""
        raw = _read(self.folder / "late")
        if raw is None:
            return None
        return int(raw) if is_late(raw) else 0  # damaged: all of it is told again

    def add_late(self, index: int) -> None:
        """Remember that a body at `index` comes after its head: before it is stored, and after."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / "late.lock"):
            known = self.late()
            lowest = index if known is None else min(index, known)
            replace_files(self.disk, {self.folder / "late": b"%d\n" % lowest})

    def renew_late(self, index: int) -> None:
        """`add_late` once more, of whoever has added as low an index: nothing to be flushed."""
        with locked(self.folder / "late.lock"):
            raw = _read(self.folder / "late") or b""
            if is_late(raw) and int(raw) <= index and _mark_anew(self.folder / "late"):
                return
        self.add_late(index)

    def late_mark(self) -> Mark | None:
        """Which writing of `late` this is: taken before it is told, for `clear_late` after."""
        return mark_of(self.folder / "late")

    def clear_late(self, told: Mark | None) -> None:
        """An `adv` has told of them; what came since that mark is still to be told."""
        if told is None:
            return
        with locked(self.folder / "late.lock"):
            if self.late_mark() == told:
                remove_files(self.disk, [self.folder / "late"])

    def left_out(self, tier: str, block: int) -> dict[int, LeftOut]:
        """The lines of a block that were not stored because of what they hold, by index.

        Nothing where that is damaged: visits ask for them again, and they are judged again.
        """
        raw = _read(self._left_out(tier, block)) or b""
        return read_left_out(raw) or {}

    def put_left_out(self, tier: str, block: int, lines: Mapping[int, LeftOut]) -> None:
        """Set them; with none the file goes."""
        file = self._left_out(tier, block)
        if lines:
            rows = ([index, *astuple(told)] for index, told in sorted(lines.items()))
            replace_files(self.disk, {file: b"".join(orjson.dumps(row) + b"\n" for row in rows)})
        else:
            remove_files(self.disk, [file])

    def left_out_files(self) -> list[Path]:
        """All files of lines that were left out."""
        found = (self.folder / "refused").rglob("*")
        return sorted(each for each in found if each.is_file() and is_block(each.name))

    @property
    def lacks_lines(self) -> bool:
        """Whether any line was left out."""
        return any(each.is_file() for each in (self.folder / "refused").rglob("*"))

    def _left_out(self, tier: str, block: int) -> Path:
        return self.folder / "refused" / tier / index_path(block)


def is_late(raw: bytes) -> bool:
    """Whether this is a `late` as it was written."""
    return _LATE.fullmatch(raw) is not None


def is_block(name: str) -> bool:
    """Whether a file is named as the last part of a block's number (tlog-tiles)."""
    return _BLOCK.fullmatch(name) is not None


def read_left_out(raw: bytes) -> dict[int, LeftOut] | None:
    """The lines of one file by index; None where it is not as it was written."""
    found: dict[int, LeftOut] = {}
    try:
        for index, *told in map(orjson.loads, raw.splitlines()):
            found[int(index)] = LeftOut(*map(str, told))
    except (ValueError, TypeError):
        return None
    return found


def mark_of(file: Path | str) -> Mark | None:
    """Which writing of a small file this is; None where it is not there."""
    try:
        found = os.stat(file)  # noqa: PTH116 — also as text: a Path takes longer
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _mark_anew(file: Path) -> bool:
    """Let a file that says the same count as another writing; whether its file system can."""
    before = file.stat()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    return mark_of(file) != (before.st_ino, before.st_mtime_ns)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError("store.read", where=str(file), found=str(error)) from error
