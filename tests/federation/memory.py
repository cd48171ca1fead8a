"""The memory of a running process, searched for the invented persons of `planting`.

What a program once had in its hands, and let go of, mostly still lies there. Linux only.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_CODINGS = ("utf-8", "utf-16-le", "utf-32-le", "gb18030")  # Python keeps text as two of these
_DIGITS = ("1397654", "14010519491231", "lisi7", "zhangsan7")
_NAMES = ("诸葛示例",)
_PIECE = 16 * 1024 * 1024
_OVERLAP = 4096


def needles(*texts: str) -> re.Pattern[bytes]:
    """A pattern that finds these texts in whatever coding a program may keep them."""
    coded = {text.encode(coding) for text in texts for coding in _CODINGS}
    return re.compile(b"|".join(map(re.escape, sorted(coded))))


MARKS = needles(*_DIGITS, *_NAMES)


def may_read(pid: int) -> bool:
    """Whether this system lets us read that process's memory."""
    try:
        next(_regions(pid))
        with Path(f"/proc/{pid}/mem").open("rb"):
            return True
    except (OSError, StopIteration):
        return False


def found_in(pid: int, pattern: re.Pattern[bytes]) -> set[bytes]:
    """Everything in the process's memory that the pattern matches, with what stands around it."""
    found: set[bytes] = set()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, stop in _regions(pid):
            for at in range(start, stop, _PIECE):
                memory.seek(at)
                try:
                    piece = memory.read(min(stop - at, _PIECE + _OVERLAP))
                except OSError:
                    break  # mapped, but not readable: a guard page, a device
                for match in pattern.finditer(piece):
                    found.add(piece[max(0, match.start() - 20) : match.end() + 20])
    return found


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield from family(int(child))


def _regions(pid: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("r") and not line.endswith(("[vvar]", "[vsyscall]")):
            start, stop = (int(edge, 16) for edge in span.split("-"))
            yield start, stop
