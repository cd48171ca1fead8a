"""Feed files in a dict, for tests that make thousands of visits."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fenhe_client.stored.files import check_path


class MemoryFiles:
    """See `files.FeedFiles`."""

    def __init__(self, log: str = "catalogue") -> None:
        self._log = log
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(check_path(self._log, path))

    def write_all(self, files: Mapping[str, bytes]) -> None:
        self.files.update((check_path(self._log, path), raw) for path, raw in files.items())

    def take_in(self, files: Mapping[str, Path]) -> None:
        self.write_all({path: source.read_bytes() for path, source in files.items()})
        for source in files.values():
            source.unlink()

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.files.pop(check_path(self._log, path), None)

    def paths(self, folder: str) -> Iterator[str]:
        return iter([path for path in self.files if path.startswith(f"{folder}/")])

    def changed_at(self, path: str) -> int | None:
        return 0 if path in self.files else None
