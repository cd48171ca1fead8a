"""One log on its way from what the index knew to a larger head. Start at `Settling.rows`.

A block's rows come from the visit that has just judged it, or from what is stored; where something
of it is erased or refused, its files are brought to what may be kept before the index is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_client.reading.block_read import BlockRead, BlockReader
from fenhe_hub.index.apply import LogRow, Rows
from fenhe_hub.ingest.first_receipts import HeldLines
from fenhe_hub.ingest.intake import Intake
from fenhe_hub.ingest.judging import BlockOutcome, Places, judge_read, kept_bytes
from fenhe_hub.mirror.left_out import LeftOut
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.erasures import Erasures
from fenhe_protocol.tiles import body_path


@dataclass(frozen=True, slots=True)
class Settling:
    """One log on its way from `row` to `head`."""

    log: MirrorLog
    states: bool  # its records have a state in `resource`
    row: LogRow
    head: Checkpoint
    stop: int  # up to where it is indexed after this
    erasures: Erasures
    intake: Intake
    erased: frozenset[int]

    def rows(self, reader: BlockReader, block: int) -> Rows:
        """The rows of a block: as the visit judged it, or from what is stored."""
        given = self.intake.outcomes.get(block)
        if block not in self.erased and given is not None and not self._holds(given.left_out):
            for tier, left_out in given.left_out.items():
                self._note_left_out(tier, block, left_out)
            return given.rows
        read = reader.stored(block, self.head.size)
        known = {
            tier: self.log.left_out(tier, block)
            | self.intake.left_out.get(body_path(tier, block), {})
            for tier in read.tiers
        }
        outcome = judge_read(read, self.row.log_no, known, states=self.states)
        if block in self.erased or outcome.refused:
            self._settle(read, outcome)
        return outcome.rows

    def _holds(self, places: Places) -> bool:
        """Whether lines that are to be left out lie in the mirror."""
        held = HeldLines(self.log)
        return any(held(index, tier) for tier, lines in places.items() for index in lines)

    def _settle(self, read: BlockRead, outcome: BlockOutcome) -> None:
        """Bring the files to what the judgement says may be kept."""
        for tier, judged in read.tiers.items():
            left_out = outcome.left_out.get(tier, {})
            self._note_left_out(tier, read.block, left_out)
            path = body_path(tier, read.block)
            kept = kept_bytes(judged, left_out)
            if not kept:
                self.log.files.remove([path])
            elif kept != self.log.files.read(path):
                self.log.files.write_all({path: kept})

    def _note_left_out(self, tier: str, block: int, left_out: Mapping[int, LeftOut]) -> None:
        """Keep which lines of a file are left out, and why."""
        if left_out != self.log.left_out(tier, block):
            self.log.put_left_out(tier, block, left_out)
