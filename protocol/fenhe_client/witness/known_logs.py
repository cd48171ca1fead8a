"""Whose checkpoints a witness judges: `logs/<H(origin)>`, one file for each log.

A log is known by a verifier key that its operator gave, or by its unit's root documents, whose
fingerprint was compared; then its keys have their ranges, and nothing beyond its end is cosigned.
Files are read at each request, so that a running witness knows of what was added meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.origin import log_origin, origin_hash
from fenhe_protocol.root_document import LogKeys, RootDocument
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log and the keys that may sign its heads."""

    origin: str
    keys: tuple[KeyRange, ...]


class KnownLogs:
    """The folder of known logs; one writer at a time, the last one counts."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or Disk()

    def __iter__(self) -> Iterator[KnownLog]:
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        return iter(sorted((_read(file) for file in files), key=lambda log: log.origin))

    def get(self, origin: str) -> KnownLog | None:
        """The log of this origin, None if it is unknown."""
        file = self._file(origin)
        return _read(file) if file.is_file() else None

    def put(self, log: KnownLog) -> None:
        """Know a log by these keys from now on."""
        keys = [{"key": b64_encode(k.public), "from": k.start, "to": k.end} for k in log.keys]
        replace_files(
            self._disk, {self._file(log.origin): dumps({"origin": log.origin, "keys": keys})}
        )

    def remove(self, origin: str) -> None:
        """Forget a log. What was promised about it is never forgotten."""
        remove_files(self._disk, [self._file(origin)])

    def _file(self, origin: str) -> Path:
        return self._folder / origin_hash(origin)


def _read(file: Path) -> KnownLog:
    try:
        value = loads(file.read_bytes())
        keys = (KeyRange(b64_decode(k["key"], size=32), k["from"], k["to"]) for k in value["keys"])
        return KnownLog(value["origin"], tuple(keys))
    except (OSError, NotStrictJson, KeyError, TypeError, ValueError) as error:
        raise StoreError("store.damaged", where=str(file), found=str(error)) from error


def log_by_keys(keys: list[VerifierKey]) -> KnownLog:
    """A log known by verifier keys of one name, which is its origin."""
    (origin,) = {key.name for key in keys}
    return KnownLog(origin, tuple(KeyRange(key.public) for key in keys))


def logs_of(root: RootDocument, *, usage: bool) -> Iterator[KnownLog]:
    """The logs that a root document lists; those of usage only where asked for.

    A witness shows everyone how long a log is, and a usage log's length alone tells how much a unit
    serves (feed §1).
    """
    for log in root.logs:
        if usage or split_log_name(log.name)[0] != "usage":
            yield KnownLog(log_origin(root.origin, log.name), tuple(_within(log)))


def _within(log: LogKeys) -> Iterator[KeyRange]:
    """The log's keys, none of them beyond the size at which the log ended (feed §11)."""
    for key in log.keys:
        ends = [end for end in (key.end, log.end.size + 1 if log.end else None) if end is not None]
        yield KeyRange(key.public, key.start, min(ends, default=None))
