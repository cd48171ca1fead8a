"""Receipts that were given once: each is proven offline, and no record's first date grows later."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

from fenhe_client.proof_check import check_proof
from fenhe_hub.index.facts import gather_units
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.mirror.cosign import KeptNote, kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_node.receipts.earliest import log_vkey
from fenhe_node.receipts.proof_file import make_proof
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.root_document import cosigner_name
from tests.federation.restoring_house import Pair

TIERS = ("pub", "hub")


@dataclass(frozen=True)
class Proof:
    """What somebody may have put away: a proof file, and the key of its log as it was told then."""

    raw: bytes
    key: VerifierKey
    at: int


@dataclass
class GivenReceipts:
    """The proof files of every receipt, and since when each record counted at its earliest."""

    proofs: dict[tuple[str, int], Proof] = field(default_factory=dict)
    first: dict[tuple[str, str], date] = field(default_factory=dict)

    def look(self, pair: Pair, logs: Iterable[tuple[str, MirrorLog]]) -> None:
        """Put away what a unit can have by now."""
        for name, log in logs:
            for note in sorted(kept_notes(log.notes), key=lambda note: (note.size, note.at)):
                self._put_away(pair, name, log, note)
        for key, day in _first_days(pair):
            self.first[key] = min(day, self.first.get(key, day))

    def _put_away(self, pair: Pair, name: str, log: MirrorLog, note: KeptNote) -> None:
        known = sum(1 for each, _ in self.proofs if each == name)
        for index in range(known, note.size):
            raw = make_proof(log.for_reading(), index, note.file.read_bytes(), TIERS)
            key = log_vkey(pair.node.root, name, note.size)
            self.proofs[name, index] = Proof(raw, key, note.at)

    def check(self, pair: Pair) -> None:
        """No record counts from a later day than it did."""
        for key, day in _first_days(pair):
            assert day <= self.first.get(key, day), key

    def heads(self, pair: Pair) -> Iterator[tuple[str, int, bytes]]:
        """The heads of all that was put away, once each is verified offline."""
        hub = cosigner_name(pair.hub.origin)
        cosigners = [key for key in pair.hub.root.cosigners if key.name == hub]
        for (name, index), proof in self.proofs.items():
            found = check_proof(proof.raw, proof.key, cosigners).record
            assert (found.index, found.cosignatures[0].time) == (index, proof.at), name
            head = found.checkpoint
            yield head.origin, head.size, head.root


def _first_days(pair: Pair) -> Iterator[tuple[tuple[str, str], date]]:
    with closing(open_index(pair.hub.home.index)) as db:
        for _, unit in gather_units(db, body_reader(pair.hub.home)):
            for each in unit.resources:
                if each.first_delivered_on is not None:
                    yield (each.kind, each.id), each.first_delivered_on
