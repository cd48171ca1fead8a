"""What one unit has said and not taken back: what the hub has to know of it. Start at `Ledger`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from fenhe_protocol.entry import Entry
from tests.soak.records import MARK

TIERS = ("pub", "hub")


class Line(NamedTuple):
    """One body that is held somewhere, as the hub's index knows it."""

    log: str
    at: int
    tier: int
    kind: str
    id: str
    deleted: int


class Ledger:
    """The bodies of all leaves but the erased, and the last body of each catalogue record."""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, int], list[Line]] = {}
        self.states: dict[tuple[str, str], dict[str, bytes]] = {}
        self.erased: set[bytes] = set()  # marks that are to be nowhere any more
        self._marks: dict[tuple[str, int], list[bytes]] = {}

    def add(self, log: str, start: int, entries: Sequence[Entry]) -> None:
        """Take down what stands in a log from an index on."""
        for index, entry in enumerate(entries, start):
            for tier, (_, body) in entry.bodies.items():
                self._add(log, index, tier, body)

    def _add(self, log: str, index: int, tier: str, body: bytes) -> None:
        fields = orjson.loads(body)
        kind, id_, gone = fields["kind"], fields["id"], "deleted" in fields
        line = Line(log, index, TIERS.index(tier), kind, id_, int(gone))
        self.lines.setdefault((log, index), []).append(line)
        self._marks.setdefault((log, index), []).extend(MARK.findall(body))
        if log == "catalogue":
            self.states.setdefault((kind, id_), {})[tier] = body

    def erase(self, log: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Forget these lines; what succeeded them in the catalogue stays."""
        for index in (at for start, stop in ranges for at in range(start, stop)):
            self.lines.pop((log, index), None)
            self.erased.update(self._marks.pop((log, index), ()))

    def bodies(self) -> Iterator[Line]:
        """Every body that is to be held."""
        for lines in self.lines.values():
            yield from lines

    def of(self, kind: str, id_: str) -> list[int]:
        """The indexes of the leaves of a record."""
        log = "usage" if kind == "service_record" else "catalogue"
        return [
            index
            for (name, index), lines in self.lines.items()
            if name == log and (lines[0].kind, lines[0].id) == (kind, id_)
        ]
