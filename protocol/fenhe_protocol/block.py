"""One body file judged against the leaves of its block (feed §3, §4). Start at `judge_block`.

The hot path of every reader: up to 256 lines are hashed, parsed and judged in one go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from fenhe_protocol.body import BodyLine, Committer, read_body_file, read_full_file
from fenhe_protocol.leaves import Leaves, commitments_of, indices_of
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.record import BodyJudge, Schemas, Verdict, check_envelope

# A unit whose bodies are all bad must not cost a hundred times what a good one does. Counted by
# block, so that however often and in whatever order blocks are judged, the words are the same.
EXPLAINED = 8

Erased = Callable[[int, str], bool]
"""(index, tier) -> whether an `x` below the verified size or an `era` covers the body."""


class Sound(NamedTuple):
    """The valid bodies of a block in which every leaf has one: one kind, their ids in order.

    `deleting` are the places in `ids` of the bodies that delete their record.
    """

    kind: str
    ids: list[str]
    deleting: list[int]


class Gap(Enum):
    """Why there is no body to judge."""

    MISSING = "missing"  # absent, or of another hash
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class JudgedBlock:
    """What each leaf that commits to the tier has come to, by index.

    `lines` are those that belong to the log and may be stored: committed to and not erased;
    `missing` are the indices whose bodies are to be asked for again. `in_parts`: more than one file
    was judged, and each had its own share of `EXPLAINED` refusals.
    """

    verdicts: dict[int, Verdict | Gap]
    lines: list[BodyLine]
    missing: list[int]
    ended_early: bool
    in_parts: bool = False


class BlockJudge:
    """Judges the body files of one tier of one log of one unit."""

    def __init__(
        self, schemas: Schemas, *, origin: str, tier: str, unit: str, erased: Erased | None = None
    ) -> None:
        self._tier, self._erased = tier, erased
        self._committer = Committer(origin, tier)
        self._judge = BodyJudge(schemas, tier=tier, log=origin.rpartition("/")[2], unit=unit)

    def judge(self, raw: bytes, block: int, leaves: Leaves) -> JudgedBlock:
        """Judge the file `raw` (empty where there is none) of block `block`.

        `leaves` are those of the block below the verified size, from index 256 * block on.
        """
        if not raw:
            return self._nothing(indices_of(leaves, self._tier, block * BLOCK))
        commitments = commitments_of(leaves, self._tier, block * BLOCK)
        wanted = self._not_erased(commitments)
        lines, ended_early = read_body_file(raw, block)
        kept = self._committer.fitting(lines, wanted)
        judged = self._judge.judge_many([line.body for line in kept], explained=EXPLAINED)
        verdicts: dict[int, Verdict | Gap] = dict.fromkeys(commitments, Gap.ERASED)
        found = dict(zip([line.index for line in kept], judged, strict=True))
        missing = [index for index in wanted if index not in found]
        verdicts |= dict.fromkeys(missing, Gap.MISSING)
        verdicts |= found
        return JudgedBlock(verdicts, kept, missing, ended_early)

    def _nothing(self, indices: Sequence[int]) -> JudgedBlock:
        """What a block is of which no body is there."""
        erased = self._erased
        missing = [i for i in indices if erased is None or not erased(i, self._tier)]
        verdicts: dict[int, Verdict | Gap] = dict.fromkeys(indices, Gap.ERASED)
        verdicts |= dict.fromkeys(missing, Gap.MISSING)
        return JudgedBlock(verdicts, [], missing, ended_early=False)

    def lacking(self, raw: bytes, block: int, leaves: Leaves) -> list[int]:
        """The indices that a stored file lacks; its lines were judged before they were stored."""
        wanted = self._not_erased(commitments_of(leaves, self._tier, block * BLOCK))
        there = {line.index for line in read_body_file(raw, block)[0]}
        return [index for index in wanted if index not in there]

    def find_sound(self, raw: bytes, block: int, commitments: Sequence[bytes]) -> Sound | None:
        """What the bodies of a sound block are; None for any other block.

        Sound means: each leaf commits to this tier, as `commitments` say, and nothing is erased,
        missing, refused or besides. Then `judge` would come to the same.
        """
        start = block * BLOCK
        file = read_full_file(raw, range(start, start + len(commitments)))
        if file is None or not self._committer.fits(file, commitments):
            return None
        values = self._judge.all_good(file.bodies)
        if values is None:
            return None
        deleting = [place for place, value in enumerate(values) if "deleted" in value]
        return Sound(values[0]["kind"], [value["id"] for value in values], deleting)

    def all_commitments(self, start: int, leaves: Leaves) -> bytes | None:
        """What `find_sound` needs of leaves from `start` on, joined; None if none can be sound."""
        wanted = self._not_erased(commitments_of(leaves, self._tier, start))
        return b"".join(wanted.values()) if len(wanted) == len(leaves) else None

    def _not_erased(self, commitments: dict[int, bytes]) -> dict[int, bytes]:
        erased = self._erased
        if erased is None:
            return commitments
        return {i: each for i, each in commitments.items() if not erased(i, self._tier)}


def check_envelopes(one: JudgedBlock, other: JudgedBlock) -> None:
    """Compare the envelopes of two tiers of one block; what disagrees becomes SKIP in both."""
    for index in one.verdicts.keys() & other.verdicts.keys():
        first, second = one.verdicts[index], other.verdicts[index]
        if not isinstance(first, Gap) and not isinstance(second, Gap):
            one.verdicts[index], other.verdicts[index] = check_envelope(first, second)
