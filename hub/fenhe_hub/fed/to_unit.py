"""What `fed` says to one unit alone, given to that unit, line by line (feed §10)."""

from dataclasses import dataclass
from typing import Any

from fenhe_hub.fed.log import shown_size
from fenhe_hub.hub import Hub, fed_files
from fenhe_protocol.body import encode_line, read_body_file
from fenhe_protocol.fed import Act
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import body_path

TIER = "to"


@dataclass(frozen=True, slots=True)
class LineToUnit:
    """A body line as it is served, and what it says."""

    line: bytes
    kind: str
    id: str


def line_to(hub: Hub, unit: str, log: str, index: int) -> LineToUnit | None:
    """The line of this leaf of `fed` if it is for this unit; None for all that is not.

    An act is for nobody, and what is for another unit is as if it were not there.
    """
    if hub.root.log(log) is None:
        return None
    files = fed_files(hub.home, name=log)
    block = index // BLOCK
    raw = files.read(body_path(TIER, block)) if index < shown_size(files) else None
    for line in read_body_file(raw or b"", block)[0]:
        if line.index == index:
            said: dict[str, Any] = loads(line.body)
            if said.get("to") == unit and said["kind"] != Act.kind:
                return LineToUnit(encode_line(line), said["kind"], said["id"])
    return None
