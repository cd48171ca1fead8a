"""A control group that bounds memory, where this machine lets us make one; and one core."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

ROOTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/memory"))


class Group:
    """Processes that `enter` share one core and at most so many MiB, page cache and all."""

    def __init__(self, mib: int) -> None:
        self._mib = mib
        self._folder: Path | None = None

    @property
    def told(self) -> str:
        """How memory is bounded."""
        bound = f"a control group of {self._mib} MiB"
        return bound if self._folder else f"memory measured, not bounded at {self._mib} MiB"

    def enter(self) -> None:
        """Called in the child before it runs anything."""
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        if self._folder is not None:
            (self._folder / "cgroup.procs").write_text(str(os.getpid()), "ascii")

    def __enter__(self) -> Group:
        for root, limit in zip(ROOTS, ("memory.max", "memory.limit_in_bytes"), strict=True):
            folder = root / f"fenhe-footprint-{os.getpid()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            try:
                # Where no group is mounted the folder is a plain one, without that file.
                (folder / limit).open("r+").close()
                (folder / limit).write_text(str(self._mib << 20), "ascii")
            except OSError:
                folder.rmdir()
                continue
            self._folder = folder
            break
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            self._folder.rmdir()
