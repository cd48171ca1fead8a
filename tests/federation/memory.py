"""The memory of running processes, searched for the invented persons of `planting`. Linux only.

What a program once had in its hands, and let go of, mostly still lies there. The processes are held
still and every mapping is read to its end, as a core would hold it and more: files too, and pages
that nobody may read any longer. `Searched` says what could not be read and how much was, so that a
search of nothing is no good news. Start at `search`.
"""

import base64
import hashlib
import math
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from tests.patience import until

_CODINGS = ("utf-8", "utf-16-le", "utf-32-le", "gb18030")  # Python keeps text as two of these
PERSONS = ("1397654", "14010519491231", "lisi70", "zhangsan70", "诸葛示例")  # of `planting`
_LEAST_BYTES = 6  # less than that, in base64, stands anywhere by chance
_PIECE = 16 << 20
_CHUNK = 64 << 10
_OVERLAP = 512  # more than any text in any coding
_AROUND = 20
_PAGE = os.sysconf("SC_PAGESIZE")
_KERNELS = ("[vvar]", "[vvar_vclock]", "[vsyscall]")  # its clocks: in no core either
_IN_USE = 0b11 << 62  # pagemap: present, swapped

# SHA-256 of pattern and chunk where nothing was found. Processes that were forked from one hold
# mostly the same, and so does one process a second later: it is searched once.
_clean: set[bytes] = set()


def needles(*texts: str) -> re.Pattern[bytes]:
    """A pattern that finds these texts in whatever coding a program may keep them."""
    coded = {each for text in texts for each in _codings(text)}
    return re.compile(b"|".join(map(re.escape, sorted(coded))))


def _codings(text: str) -> Iterator[bytes]:
    for coding in _CODINGS:
        yield text.encode(coding)
    escaped = text.encode("ascii", "backslashreplace")  # as JSON writes it
    yield from (escaped, re.sub(rb"(?<=\\u)[0-9a-f]{4}", lambda digits: digits[0].upper(), escaped))
    raw = text.encode()
    if len(raw) >= _LEAST_BYTES:
        for before in range(3):
            coded = base64.b64encode(bytes(before) + raw)
            ours = coded[math.ceil(before * 8 / 6) : (before + len(raw)) * 8 // 6]
            yield from (ours, ours.translate(bytes.maketrans(b"+/", b"-_")))


MARKS = needles(*PERSONS)


@dataclass(frozen=True)
class Searched:
    """What was found, with what stands around it; the mappings that could not all be read, but the
    kernel's own; bytes read, and how many of them had to be there by the system's own count."""

    found: frozenset[bytes] = frozenset()
    unread: frozenset[str] = frozenset()
    read: int = 0
    resident: int = 0

    def __add__(self, other: "Searched") -> "Searched":
        return Searched(
            self.found | other.found,
            self.unread | other.unread,
            self.read + other.read,
            self.resident + other.resident,
        )

    def like(self, pattern: re.Pattern[bytes]) -> set[bytes]:
        """What of it matches a narrower pattern."""
        return {each for each in self.found if pattern.search(each)}

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return not self.unread and self.read >= self.resident > 0


def may_read(pid: int) -> bool:
    """Whether this system lets us read that process's memory."""
    try:
        next(_mappings(pid))
        with Path(f"/proc/{pid}/mem").open("rb"), Path(f"/proc/{pid}/pagemap").open("rb"):
            return True
    except (OSError, StopIteration):
        return False


def search(pid: int, pattern: re.Pattern[bytes]) -> Searched:
    """Search the memory of a process and of all that it started, held still meanwhile."""
    with _held(pid) as pids:
        return reduce(Searched.__add__, (_search(each, pattern) for each in pids))


@contextmanager
def _held(pid: int) -> Iterator[list[int]]:
    held: list[int] = []
    try:
        # The first before its children are counted: held, it starts no more.
        while fresh := [each for each in _family(pid) if each not in held]:
            for each in fresh:
                os.kill(each, signal.SIGSTOP)
                held.append(each)
                until(lambda: _state(held[-1]) == "T")
        yield held
    finally:
        for each in held:
            os.kill(each, signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2][0]


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield from _family(int(child))


def _search(pid: int, pattern: re.Pattern[bytes]) -> Searched:
    found: set[bytes] = set()
    unread: set[str] = set()
    read = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, stop, mapping in _used(pid):
            tail, at = b"", start
            while at < stop:
                memory.seek(at)
                try:
                    fresh = memory.read(min(stop - at, _PIECE))
                except OSError:
                    fresh = b""
                if not fresh:  # beyond the end of a file, a device: this page, not the rest
                    unread.add(mapping)
                    tail, at = b"", at + _PAGE
                    continue
                at, read = at + len(fresh), read + len(fresh)
                found.update(_matches(tail + fresh, pattern))
                tail = fresh[-_OVERLAP:]
    return Searched(frozenset(found), frozenset(unread), read, _resident(pid))


def _matches(piece: bytes, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
    """Every match, with what stands around it."""
    for start in range(0, len(piece), _CHUNK):
        chunk = piece[start : start + _CHUNK + _OVERLAP]
        digest = hashlib.sha256(pattern.pattern + chunk).digest()
        if digest in _clean:
            continue
        found = [
            chunk[max(0, match.start() - _AROUND) : match.end() + _AROUND]
            for match in pattern.finditer(chunk)
        ]
        yield from found
        if not found:
            _clean.add(digest)


def _resident(pid: int) -> int:
    """Bytes of a process in memory or swapped out, as the system counts them."""
    counted = re.findall(
        r"^(?:VmRSS|VmSwap):\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text("utf-8"), re.M
    )
    return sum(map(int, counted)) * 1024


def _used(pid: int) -> Iterator[tuple[int, int, str]]:
    """The spans that hold anything: of what is no file, only pages that were ever touched."""
    with Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as pages:
        for start, stop, mapping in _mappings(pid):
            if mapping.split()[4] != "0":  # a file's, or shared
                yield start, stop, mapping
                continue
            pages.seek(start // _PAGE * 8)
            raw = pages.read((stop - start) // _PAGE * 8)
            assert len(raw) == (stop - start) // _PAGE * 8, mapping
            first = None
            for number, flags in enumerate((*memoryview(raw).cast("Q"), 0)):
                if flags & _IN_USE:
                    first = number if first is None else first
                elif first is not None:
                    yield start + first * _PAGE, start + number * _PAGE, mapping
                    first = None


def _mappings(pid: int) -> Iterator[tuple[int, int, str]]:
    for line in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines():
        if not line.endswith(_KERNELS):
            start, stop = (int(edge, 16) for edge in line.split()[0].split("-"))
            yield start, stop, line
