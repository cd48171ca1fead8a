"""One history of a log for tests: leaves, roots, proofs and signed heads of every size."""

from collections.abc import Sequence

from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import CompactRange, consistency_proof, leaf_hash, root_at
from fenhe_protocol.witness import AddCheckpoint

LOG_KEY = SigningKey.from_seed(bytes(range(32)))


class History:
    """Leaves of a log by their hashes; another `tale` is another history of the same log."""

    def __init__(self, origin: str, *, size: int = 40, tale: str = "") -> None:
        self.origin = origin
        self._leaves: Sequence[bytes] = [leaf_hash(f"{tale}{n}".encode()) for n in range(size)]

    def _hash(self, level: int, index: int) -> bytes:
        part = CompactRange()
        part.extend(self._leaves[index << level : (index + 1) << level])
        return part.root()

    def root(self, size: int) -> bytes:
        return root_at(size, self._hash)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        """The consistency proof; none from size 0, and none where there can be none."""
        return tuple(consistency_proof(old, size, self._hash)) if 0 < old <= size else ()

    def note(self, size: int, *, root: bytes | None = None, key: SigningKey = LOG_KEY) -> bytes:
        found = self.root(size) if root is None else root
        return sign_checkpoint(Checkpoint(self.origin, size, found), key)

    def request(self, old: int, size: int) -> AddCheckpoint:
        """What an honest client submits to who knows `old`."""
        return AddCheckpoint(old, self.proof(old, size), self.note(size))
