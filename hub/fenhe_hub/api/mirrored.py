"""One public leaf as the files of its log have it: read anew for every question, none remembered.

Proofs and verifications are made from these files and never from the index; the index is asked only
which bodies may be shown at all.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from fenhe_client.keys.roots import stored_roots
from fenhe_client.reading.fitting_lines import fitting_lines
from fenhe_client.stored.files import ROOT, FolderFiles, read_bundle, stored_hashes
from fenhe_hub.home import Home
from fenhe_hub.index.read import Log, Unit
from fenhe_hub.mirror.cosign import latest_note
from fenhe_hub.mirror.second_lines import second_wished
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.body import BodyLine
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, parse_checkpoint
from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import inclusion_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument, open_chain
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.tiles import EntryBundle


@dataclass(frozen=True)
class StoredLeaf(ABC):
    """A leaf in the files of its log, under the head that `note` signs."""

    index: int

    @property
    @abstractmethod
    def origin(self) -> str:
        """The origin of its log."""

    @property
    @abstractmethod
    def files(self) -> FolderFiles:
        """Where its log lies."""

    @property
    @abstractmethod
    def note(self) -> bytes:
        """The signed head; RequestError 404 where there is none that covers it."""

    @cached_property
    def head(self) -> Checkpoint:
        """What the note says, not yet verified."""
        return parse_checkpoint(parse_note(self.note).text)

    @cached_property
    def entry(self) -> bytes:
        """The leaf's bytes."""
        block = self.index // BLOCK
        width = min(BLOCK, self.head.size - block * BLOCK)
        leaves = read_bundle(self.files, EntryBundle(block, width), max_entry=DEFAULTS.leaf_bytes)
        return leaves[self.index % BLOCK]

    @cached_property
    def path(self) -> list[bytes]:
        """The inclusion proof of the leaf under the head."""
        hashes = stored_hashes(self.files, self.head.size)
        return inclusion_proof(self.index, self.head.size, hashes)

    @cached_property
    def line(self) -> BodyLine | None:
        """The public body line, if it is still there."""
        block = self.index // BLOCK
        lines = fitting_lines(self.files, self.origin, "pub", block, self.head.size)
        return next((line for line in lines if line.index == self.index), None)


@dataclass(frozen=True)
class MirroredLeaf(StoredLeaf):
    """A leaf of a unit under the last cosigned head of its log."""

    home: Home
    unit: Unit
    log: Log

    @property
    def origin(self) -> str:
        """See StoredLeaf."""
        return self.log.origin

    @cached_property
    def note(self) -> bytes:
        """The newest cosigned note, as it was kept; RequestError 404 if it does not cover us."""
        kept = latest_note(self.home.mirror(self.log.origin) / "notes")
        if kept is None or kept.size <= self.index:
            raise RequestError(
                "api.not-cosigned",
                status=404,
                where=f"{self.log.origin}#{self.index}",
                expected=f"> {self.index}",
                found=str(kept.size if kept else 0),
            )
        return kept.file.read_bytes()

    def root_document(self) -> RootDocument:
        """The unit's newest root document, its whole chain verified from the fingerprint."""
        folder = self.home.mirror(self.unit.origin)
        documents = stored_roots(FolderFiles(folder / "public", folder / "held", log=ROOT))
        if not documents:
            raise Refused("root.chain", where=self.unit.origin, expected="root/1")
        return open_chain(
            documents,
            fingerprint=self.unit.root1,
            origin=self.unit.origin,
            allow_loopback_http=True,
        )

    def keys(self, document: RootDocument) -> tuple[KeyRange, ...]:
        """The keys that the unit lists for this log."""
        if (listed := document.log(self.log.name)) is None:
            raise Refused("root.chain", where=self.log.name, expected="logs")
        return listed.keys

    @property
    def second(self) -> SecondLine | None:
        """What is asked of the unit's second line, where the operator enrolled its SM2 key."""
        unit = Registry(self.home.registry_file).get(self.unit.origin)
        return second_wished(unit) if unit else None

    @property
    def files(self) -> FolderFiles:
        """See StoredLeaf."""
        folder = self.home.mirror(self.log.origin)
        return FolderFiles(folder / "public", folder / "held", log=self.log.name)
