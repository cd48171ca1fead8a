"""What everyone may read of this unit, as records: read from the public files and nothing else.

The pages, the export and the heartbeat's rhythm come from here, so they cannot show a byte that the
unit has not signed for everyone. Start at `read_catalogue`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fenhe_client.reading.fitting_lines import fitting_lines
from fenhe_client.stored.files import FolderFiles
from fenhe_protocol import strict_json
from fenhe_protocol.body import BodyLine
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.tiles import blocks_between

Key = tuple[str, str]  # kind, id


@dataclass(frozen=True, slots=True)
class Published:
    """The state of one identity in tier `pub`: the last line that names it."""

    kind: str
    id: str
    index: int  # of its leaf
    fields: Mapping[str, Any]
    body: bytes  # the bytes that are bound to the leaf
    log: str = "catalogue"  # or a later epoch of it

    @property
    def name(self) -> str:
        """What to call it on a page; the id where it has no name."""
        return str(self.fields.get("name_zh") or self.fields.get("title") or self.id)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every living public record below the signed size of each epoch; `size` is the newest's."""

    size: int = 0
    signed_at: int = 0  # POSIX seconds: when the checkpoint file was written
    records: Mapping[Key, Published] = field(default_factory=dict)

    def of(self, kind: str) -> list[Published]:
        """All records of a kind, in the order in which they first came."""
        return [record for record in self.records.values() if record.kind == kind]

    def unit(self) -> Published | None:
        """The unit's own record."""
        return next(iter(self.of("unit")), None)


def read_catalogue(public: Path) -> Catalogue:
    """Read checkpoint and body files below `public/catalogue`, and of the epochs after it.

    A line that is not the one its leaf commits to is left out: a disk may change what lies on it.
    That the leaves fit the signed head `/healthz`, the self-check and every reader see.
    """
    records: dict[Key, Published] = {}
    for checkpoint in checkpoints(public):
        log = checkpoint.parent
        origin, number, _ = checkpoint.read_text(encoding="utf-8").split("\n", 2)
        size = int(number)
        for line in _lines(log, origin, size):
            _take(records, line, log.name)
    return Catalogue(size, int(checkpoint.stat().st_mtime), records)


def checkpoints(public: Path) -> list[Path]:
    """The checkpoints of the catalogue's epochs, the newest last."""
    later = [file for file in public.glob("catalogue.*/checkpoint")]
    later.sort(key=lambda file: split_log_name(file.parent.name))
    return [public / "catalogue" / "checkpoint", *later]


def _lines(log: Path, origin: str, size: int) -> Iterator[BodyLine]:
    files = FolderFiles(log, log, log=log.name)
    for block in blocks_between(0, size):
        yield from fitting_lines(files, origin, "pub", block, size)


def _take(records: dict[Key, Published], line: BodyLine, log: str) -> None:
    fields = strict_json.loads(line.body)
    key = (fields["kind"], fields["id"])
    if "deleted" in fields:
        records.pop(key, None)
    else:
        records[key] = Published(*key, line.index, fields, line.body, log)
