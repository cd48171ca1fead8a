"""What one block of a log comes to at the hub: rows for the index, lines not to be stored. Pure.

The reader's `BlockRead` holds the verdicts; here they become rows. A line whose body holds
something personal, whatever else is wrong with it, is named, so that it never reaches the disk
(ADR 0003); so is one of tier `nat` that is not of the sealed form. Of what is sealed the index
knows that it is there and no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, repeat

import orjson

from fenhe_client.reading.block_read import BlockRead
from fenhe_hub.index.apply import Rows, State
from fenhe_hub.index.bulk import BodyRun
from fenhe_hub.index.gap_rows import runs_between
from fenhe_hub.index.tables import TIERS
from fenhe_hub.mirror.left_out import LeftOut
from fenhe_protocol.block import EXPLAINED, JudgedBlock, Sound
from fenhe_protocol.body import encode_line
from fenhe_protocol.leaf import LeafForm
from fenhe_protocol.leaves import other_than_records
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.record import SEALED_TIER, Record, Sealed, Skip
from fenhe_protocol.strict_json import is_deeper

PRIVACY, ENVELOPE = "privacy", "envelope"
NOTHING_PERSONAL = "没有个人信息 nothing personal"
_LONGEST = 200
_DEEPEST = 256  # brackets within brackets; a body that counts has at most 32

Places = Mapping[str, Mapping[int, LeftOut]]
"""Lines that are not stored: by tier, then by index."""


@dataclass(slots=True)
class BlockOutcome:
    """One block: its rows, and which lines are left out of its files."""

    rows: Rows
    left_out: dict[str, dict[int, LeftOut]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether any body or leaf was refused."""
        return bool(self.rows.skips)


def judge_read(read: BlockRead, log_no: int, known: Places, *, states: bool) -> BlockOutcome:
    """Turn a block into rows; `known` are lines left out before, `states`: keep the bodies."""
    outcome = BlockOutcome(Rows(read.start, read.stop))
    for index, leaf in other_than_records(read.leaves, read.start):
        if isinstance(leaf, LeafForm):
            outcome.rows.skips.append((log_no, index, "-", "leaf-form", *_leaf_words(leaf)))
    for number, tier in enumerate(TIERS):
        if (sound := read.sound.get(tier)) is not None:
            _add_sound(outcome.rows, sound, log_no, number)
        if (judged := read.tiers.get(tier)) is not None:
            _add_records(outcome.rows, judged, log_no, number, states)
            _add_refusals(outcome, judged, log_no, tier)
            _add_missing(outcome, judged, log_no, number, known.get(tier, {}))
    return outcome


def will_stand(read: BlockRead, outcome: BlockOutcome) -> bool:
    """Whether a judgement of what is stored after this one would come to the same.

    A line left out is there no more: then its envelope is compared with none, and where a file has
    many refusals, which of them come with words (`EXPLAINED`) depends on the lines that it has.
    """
    if any(told.code == ENVELOPE for lines in outcome.left_out.values() for told in lines.values()):
        return False
    return not any(
        (judged.in_parts or outcome.left_out.get(tier))
        and sum(type(verdict) is Skip for verdict in judged.verdicts.values()) > EXPLAINED
        for tier, judged in read.tiers.items()
    )


def _leaf_words(leaf: LeafForm) -> tuple[str, str]:
    personal = find_personal({"leaf": leaf.found})
    return leaf.expected[:_LONGEST], "" if personal else leaf.found[:_LONGEST]


def _add_sound(rows: Rows, sound: Sound, log_no: int, number: int) -> None:
    if not sound.deleting:
        rows.runs.append(BodyRun(log_no, rows.start, number, sound.kind, 0, sound.ids))
        return
    deleted = [0] * len(sound.ids)
    for place in sound.deleting:
        deleted[place] = 1
    logs, tiers, kinds = repeat(log_no), repeat(number), repeat(sound.kind)
    rows.bodies += zip(logs, count(rows.start), tiers, kinds, sound.ids, deleted, strict=False)


def _add_records(rows: Rows, judged: JudgedBlock, log_no: int, number: int, states: bool) -> None:
    bodies = rows.bodies
    for index, verdict in judged.verdicts.items():
        if type(verdict) is Record:
            _, kind, id_ = verdict.identity
            bodies.append((log_no, index, number, kind, id_, int(verdict.deleted is not None)))
            if states:
                rows.states.append(State(index, number, kind, id_, verdict.body))
            if verdict.lags:
                rows.lagging.append((log_no, index, number))
        elif type(verdict) is Sealed:
            rows.sealed.append((log_no, index))


def _add_missing(
    outcome: BlockOutcome,
    judged: JudgedBlock,
    log_no: int,
    number: int,
    known: Mapping[int, LeftOut],
) -> None:
    """Bodies that are not here: left out before, or still to come."""
    to_come = [index for index in judged.missing if index not in known]
    outcome.rows.gaps += runs_between(log_no, number, to_come)
    for index in judged.missing:
        if (told := known.get(index)) is not None:
            _refuse(outcome, log_no, index, TIERS[number], told)
            outcome.left_out.setdefault(TIERS[number], {})[index] = told


def _add_refusals(outcome: BlockOutcome, judged: JudgedBlock, log_no: int, tier: str) -> None:
    skips = {i: verdict for i, verdict in judged.verdicts.items() if type(verdict) is Skip}
    bodies = {line.index: line.body for line in judged.lines if line.index in skips}
    for index, skip in skips.items():
        told = LeftOut(skip.code, skip.expected[:_LONGEST], skip.found[:_LONGEST])
        if tier == SEALED_TIER:
            # What is not of the sealed form may be anything, a name in clear included.
            outcome.left_out.setdefault(tier, {})[index] = told
        elif skip.code == PRIVACY or holds_personal(bodies[index]):
            if skip.code != PRIVACY:
                told = LeftOut(skip.code, NOTHING_PERSONAL, "")
            outcome.left_out.setdefault(tier, {})[index] = told
        _refuse(outcome, log_no, index, tier, told)


def _refuse(outcome: BlockOutcome, log_no: int, index: int, tier: str, told: LeftOut) -> None:
    outcome.rows.skips.append((log_no, index, tier, told.code, told.expected, told.found))


def holds_personal(body: bytes) -> bool:
    """Whether a refused body, whatever it is, holds something personal; errs on that side."""
    if is_deeper(body, _DEEPEST):
        return True  # what is in there was never looked at
    text = body.decode("utf-8", "replace")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    # As text too: what stands in member names, or in a part that a parser drops.
    return bool(find_personal({"text": text}) or find_personal({"ext": {"value": value}}))


def kept_bytes(judged: JudgedBlock, left_out: Mapping[int, LeftOut]) -> bytes:
    """The lines of one tier that belong to a leaf, are not erased and may be stored."""
    return b"".join(encode_line(line) for line in judged.lines if line.index not in left_out)
