"""One block of a log as a reader holds it: leaves, and what each body has come to.

`BlockReader` judges a block from what is stored and what was just fetched: a publisher that drops a
line it has served before takes nothing away from us.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fenhe_client.stored.files import FeedFiles, read_bundle
from fenhe_protocol.block import BlockJudge, Erased, Gap, JudgedBlock, Sound, check_envelopes
from fenhe_protocol.body import encode_lines
from fenhe_protocol.leaves import Leaves, commitments_of, parse_leaves, tiers_of
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.record import Schemas
from fenhe_protocol.tiles import EntryBundle, body_path

ENVELOPE_TIERS = ("pub", "hub")

InMemory = Callable[[EntryBundle], Sequence[bytes] | None]
"""The entries of a stored bundle where a visit still has them at hand, to spare the reading."""


@dataclass(slots=True)
class BlockRead:
    """A block below the verified size: leaves from index 256 * `block` on, and bodies by tier.

    In a tier of `sound` every leaf has a good body, and nothing more was looked at.
    """

    block: int
    leaves: Leaves
    tiers: dict[str, JudgedBlock] = field(default_factory=dict)
    sound: dict[str, Sound] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The index of the first leaf."""
        return self.block * BLOCK

    @property
    def stop(self) -> int:
        """The index after the last leaf."""
        return self.start + len(self.leaves)

    def committed_tiers(self, tiers: Sequence[str]) -> list[str]:
        """Those of `tiers` in which some leaf has a body."""
        found = tiers_of(self.leaves)
        return [tier for tier in tiers if tier in found]

    def missing(self) -> dict[str, list[int]]:
        """The indices whose bodies are to be asked for again, by tier."""
        return {tier: judged.missing for tier, judged in self.tiers.items() if judged.missing}


class BlockReader:
    """Reads and judges the blocks of one log as it lies in `files`."""

    def __init__(
        self,
        files: FeedFiles,
        schemas: Schemas,
        *,
        origin: str,
        unit: str,
        tiers: Sequence[str],
        erased: Erased | None = None,
        in_memory: InMemory = lambda bundle: None,
    ) -> None:
        self._files, self.tiers, self._in_memory = files, tuple(tiers), in_memory
        self._log = origin.rpartition("/")[2]
        self._judges = {
            tier: BlockJudge(schemas, origin=origin, tier=tier, unit=unit, erased=erased)
            for tier in tiers
        }

    def leaves(self, block: int, size: int) -> BlockRead:
        """The leaves of a stored block below `size`, no bodies yet."""
        bundle = EntryBundle(block, min(BLOCK, size - block * BLOCK))
        entries = self._in_memory(bundle)
        if entries is None:
            entries = read_bundle(self._files, bundle, max_entry=DEFAULTS.leaf_bytes)
        return BlockRead(block, parse_leaves(entries, block * BLOCK, self._log))

    def judge(self, read: BlockRead, tier: str, fetched: bytes) -> None:
        """Judge one tier from a file; what it lacks is taken from before or from what is stored."""
        judged = self._judges[tier].judge(fetched, read.block, read.leaves)
        if judged.missing:
            before = read.tiers.get(tier) or self._held(read, tier)
            judged = judged if before is None else _combine(judged, before)
        read.tiers[tier] = judged

    def lacking(self, read: BlockRead, tier: str) -> list[int]:
        """The indices of which no body is stored."""
        raw = self._files.read(body_path(tier, read.block)) or b""
        return self._judges[tier].lacking(raw, read.block, read.leaves)

    def find_sound(self, read: BlockRead, tier: str, raw: bytes) -> Sound | None:
        """What a second process would find, of a block of which it were asked."""
        commitments = [*commitments_of(read.leaves, tier, read.start).values()]
        return self._judges[tier].find_sound(raw, read.block, commitments)

    def commitments(self, read: BlockRead, tier: str) -> bytes | None:
        """What a second process needs to look at a tier; None if the block cannot be sound."""
        return self._judges[tier].all_commitments(read.start, read.leaves)

    def _held(self, read: BlockRead, tier: str) -> JudgedBlock | None:
        raw = self._files.read(body_path(tier, read.block))
        return None if raw is None else self._judges[tier].judge(raw, read.block, read.leaves)

    def stored(self, block: int, size: int) -> BlockRead:
        """A block as it is stored, judged whole: for an index that is made again."""
        read = self.leaves(block, size)
        for tier in read.committed_tiers(self.tiers):
            self.judge(read, tier, b"")
        compare_envelopes(read)
        return read


def compare_envelopes(read: BlockRead) -> None:
    """Once all tiers are judged: bodies of one leaf whose envelopes differ become SKIP."""
    if all(tier in read.tiers for tier in ENVELOPE_TIERS):
        check_envelopes(read.tiers["pub"], read.tiers["hub"])


def body_bytes(judged: JudgedBlock, fetched: bytes) -> bytes:
    """The body file to store: the lines that belong to the log, verbatim where all do."""
    if not judged.ended_early and fetched.count(b"\n") == len(judged.lines):
        return fetched
    return encode_lines(judged.lines)


def _combine(fetched: JudgedBlock, held: JudgedBlock) -> JudgedBlock:
    verdicts = {
        index: held.verdicts[index] if found is Gap.MISSING else found
        for index, found in fetched.verdicts.items()
    }
    lines = {line.index: line for line in (*held.lines, *fetched.lines)}
    ordered = [lines[index] for index in sorted(lines)]
    missing = [index for index in fetched.missing if held.verdicts[index] is Gap.MISSING]
    in_parts = len(fetched.lines) < len(ordered) and (bool(fetched.lines) or held.in_parts)
    return JudgedBlock(verdicts, ordered, missing, ended_early=True, in_parts=in_parts)
