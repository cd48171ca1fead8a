"""What a visit brings, on its way to the disk and to the index. Start at `Intake`.

The reader judges each block once and hands it over before it is stored; it becomes rows at once. A
block is judged again from what was stored only where that would come to something else
(`will_stand`), or where a visit brought more refusals than are kept in memory. Lines with personal
data go no further than here.
"""

from collections.abc import Mapping

from fenhe_client.reading.block_read import BlockRead
from fenhe_client.reading.bodies import keep_lines
from fenhe_client.stored.files import read_bundle
from fenhe_hub.ingest.first_receipts import HeldLines
from fenhe_hub.ingest.gaps import Gaps, bits_of
from fenhe_hub.ingest.judging import BlockOutcome, judge_read, kept_bytes, will_stand
from fenhe_hub.mirror.left_out import LeftOut
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf, LeafForm
from fenhe_protocol.leaves import Leaves, other_than_records, parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.tiles import EntryBundle, body_path

_RECORD = b'{"c":'  # a leaf that begins so has a member `c`, so it is no `x` and no `h`

MOST_REFUSALS = 20_000  # of one visit in memory, each with its words

Marks = tuple[tuple[int, EraseLeaf | HeartbeatLeaf], ...]
"""The leaves of a block that are no records, with their indexes."""


def marks_in(leaves: Leaves, start: int) -> Marks:
    """Find the `x` and `h` among leaves from index `start` on."""
    return tuple(
        (index, leaf)
        for index, leaf in other_than_records(leaves, start)
        if not isinstance(leaf, LeafForm)
    )


def stored_marks(log: MirrorLog, block: int, size: int) -> Marks:
    """The same of a block that lies in the mirror, below `size`."""
    bundle = EntryBundle(block, min(BLOCK, size - block * BLOCK))
    entries = read_bundle(log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
    start = block * BLOCK
    if all(raw.startswith(_RECORD) for raw in entries):
        return ()
    return marks_in(parse_leaves(entries, start, log.name), start)


class Intake:
    """Takes the blocks of one visit to one log; `states`: it is a catalogue.

    `gaps` are the bodies that it lacked before.
    """

    def __init__(self, log: MirrorLog, log_no: int, *, states: bool, gaps: Gaps) -> None:
        self._log, self._log_no, self._states, self._gaps = log, log_no, states, gaps
        self.outcomes: dict[int, BlockOutcome] = {}  # those that need no second judgement
        self.taken: set[int] = set()
        self._refusals = 0  # in `outcomes`
        self.unmarked: set[int] = set()  # those of them without any `x` or `h`
        self.left_out: dict[str, dict[int, LeftOut]] = {}  # by path of the body file
        self.late: int | None = None

    def __call__(self, read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Take one block, and say what of its body files to store."""
        self.taken.add(read.block)
        if not marks_in(read.leaves, read.start):  # the others are read again: they may be large
            self.unmarked.add(read.block)
        known = {
            tier: self._log.left_out(tier, read.block)
            for tier, judged in read.tiers.items()
            if judged.missing
        }
        outcome = judge_read(read, self._log_no, known, states=self._states)
        for tier, lines in outcome.left_out.items():
            self.left_out[body_path(tier, read.block)] = lines
        self._note_late(read)
        left_out = outcome.left_out
        self._remember(read, outcome)
        return {
            tier: kept_bytes(read.tiers[tier], left_out[tier]) if tier in left_out else raw
            for tier, raw in keep_lines(read, fetched).items()
        }

    def _remember(self, read: BlockRead, outcome: BlockOutcome) -> None:
        refusals = self._refusals + len(outcome.rows.skips)
        if not outcome.refused or (refusals <= MOST_REFUSALS and will_stand(read, outcome)):
            self.outcomes[read.block], self._refusals = outcome, refusals

    def changed(self) -> set[int]:
        """The blocks that lacked bodies and lack fewer now: what a visit before stored counts too.

        A visit that was killed may have stored what the index has not seen.
        """
        held = HeldLines(self._log)

        def is_here(tier: str, block: int, bits: int) -> bool:
            there = bits_of(held.of_block(tier, block)) | bits_of(self._log.left_out(tier, block))
            return bool(there & bits)

        return {
            block
            for tier, by_block in self._gaps.bits.items()
            for block, bits in by_block.items()
            if block in self.taken or is_here(tier, block, bits)
        }

    def _note_late(self, read: BlockRead) -> None:
        """Say that bodies came late before they are stored: a kill costs one more `adv` at most."""
        if self._gaps.came(read.block, read.missing()):
            if self.late is not None and self.late <= read.start:
                self._log.renew_late(self.late)
            else:
                self.late = read.start
                self._log.add_late(self.late)
