"""Which rule set was in force when, as the hub's own log says it. Start at `rules_in_force`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.fed.log import FedBlock, FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.judging.kept_rules import kept_bytes
from fenhe_protocol.encoding import format_time
from fenhe_protocol.strict_json import loads


@dataclass(frozen=True, slots=True)
class InForce:
    """One `rule` of the log: the set from then on. `at` is the heartbeat before it, POSIX seconds.

    `kept`: its bytes lie in the hub's home.
    """

    epoch: int
    index: int
    at: int
    name: str
    sha256: str
    kept: bool

    def as_json(self) -> dict[str, object]:
        """One row of the answer."""
        return {
            "epoch": self.epoch,
            "index": self.index,
            "from": format_time(self.at),
            "name": self.name,
            "sha256": self.sha256,
            "kept": self.kept,
        }


def rules_in_force(hub: Hub) -> list[InForce]:
    """Every rule set that came into force, the oldest first; reads the whole log."""
    fed = FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads))
    found: list[InForce] = []
    at = 0
    for block in fed.blocks():
        for index, when, body in _rules_of(block, at):
            said = loads(body.encode())
            kept = kept_bytes(hub.home, said["sha256"]) is not None
            found.append(InForce(block.stop.epoch, index, when, said["id"], said["sha256"], kept))
        at = block.beats[-1][1] if block.beats else at
    return found


def _rules_of(block: FedBlock, at: int) -> Iterator[tuple[int, int, str]]:
    """(index, time, body) of each word `rule`; the time is that of the last heartbeat before."""
    for saying in block.sayings:
        if saying.kind == "rule":
            before = [when for index, when in block.beats if index < saying.index]
            yield saying.index, before[-1] if before else at, saying.body
