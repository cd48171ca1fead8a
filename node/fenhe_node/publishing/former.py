"""What the log said of records before a publish: read from the unit's own body files."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from fenhe_client.stored.files import FolderFiles
from fenhe_node.publishing.wanted_lines import READ_TIERS, Key
from fenhe_protocol.body import read_body_file
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import parse_path

Place = tuple[int, int]  # epoch, index


@dataclass
class Former:
    """The last leaf before the publish that says anything of a record: its bodies by tier."""

    place: Place = (0, -1)
    bodies: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The open part of the state: what stood in any tier that can be read."""
        merged: dict[str, Any] = {}
        for tier, body in self.bodies.items():
            merged |= {name: value for name, value in body.items() if name != "ext"}
            if "ext" in body:
                merged.setdefault("ext", {})[tier] = body["ext"]
        return merged


def former_states(
    logs: Mapping[str, FolderFiles], keys: Set[Key], start: Place
) -> dict[Key, Former]:
    """By record, what the epochs of one log said of it last below `start`, if anything."""
    found: dict[Key, Former] = {}
    for log, files in logs.items():
        epoch = split_log_name(log)[1]
        for tier in READ_TIERS:
            for path in sorted(files.paths(f"body/{tier}")):
                _read(
                    files.read(path) or b"", parse_path(path).index, epoch, tier, keys, start, found
                )
    return found


def _read(
    raw: bytes,
    block: int,
    epoch: int,
    tier: str,
    keys: Set[Key],
    start: Place,
    found: dict[Key, Former],
) -> None:
    for line in read_body_file(raw, block)[0]:
        place = (epoch, line.index)
        if place >= start:
            continue
        fields = loads(line.body)
        key = (fields["kind"], fields["id"])
        if key not in keys:
            continue
        former = found.setdefault(key, Former())
        if place > former.place:
            former.place, former.bodies = place, {}
        if place == former.place:
            former.bodies[tier] = fields
