"""What a whole log comes to: the last valid body of each identity in each tier (feed §4). Pure.

This is the definition in a few lines; a large reader keeps the same in a database. Start at
`log_state`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fenhe_protocol.block import Gap
from fenhe_protocol.leaf import EraseLeaf, Leaf, LeafForm
from fenhe_protocol.record import Identity, Record, Skip, Verdict, check_envelope

LEAF = "-"  # stands for the tier where a whole leaf is refused
OK = "ok"  # lifts a refusal

Place = tuple[int, str]
"""Index and tier."""

ErasedRange = tuple[str, int, int]
"""Tier and half-open index range, erased by an `era` or by an `x` of a later epoch."""


@dataclass(frozen=True, slots=True)
class LogState:
    """For each tier the state of every identity, deleted ones too, and what was skipped."""

    states: dict[str, dict[Identity, Record]]
    skips: dict[Place, Skip]
    missing: list[Place]


def is_erased(
    leaves: Sequence[Leaf | LeafForm], index: int, tier: str, elsewhere: Iterable[ErasedRange] = ()
) -> bool:
    """Whether an `x` among these leaves of the log, or something from elsewhere, covers a body."""
    return any(
        isinstance(leaf, EraseLeaf) and leaf.log is None and leaf.covers(index, tier)
        for leaf in leaves
    ) or any(tier == of and start <= index < stop for of, start, stop in elsewhere)


def log_state(
    leaves: Sequence[Leaf | LeafForm],
    verdicts: Mapping[str, Mapping[int, Verdict | Gap]],
    rejected: Mapping[Place, str],
) -> LogState:
    """Bring together all leaves of a log, their judged bodies by tier, and what the hub refused.

    `rejected` holds the code last said for each body, or with tier `-` for a leaf.
    """
    skips = {
        (index, LEAF): Skip("leaf-form", leaf.expected, leaf.found)
        for index, leaf in enumerate(leaves)
        if isinstance(leaf, LeafForm)
    }
    said = {place: Skip(code) for place, code in rejected.items() if code != OK}
    skips |= {place: skip for place, skip in said.items() if place[1] in (LEAF, *verdicts)}
    missing: list[Place] = []
    states: dict[str, dict[Identity, Record]] = {}
    for tier, judged in _with_envelopes(verdicts).items():
        states[tier] = {}
        for index, verdict in sorted(judged.items()):
            if (index, tier) in skips or (index, LEAF) in skips:
                continue
            if isinstance(verdict, Skip):
                skips[index, tier] = verdict
            elif isinstance(verdict, Record):
                states[tier][verdict.identity] = verdict
            elif verdict is Gap.MISSING:
                missing.append((index, tier))
    return LogState(states, skips, missing)


def _with_envelopes(
    verdicts: Mapping[str, Mapping[int, Verdict | Gap]],
) -> dict[str, dict[int, Verdict | Gap]]:
    checked = {tier: dict(judged) for tier, judged in verdicts.items()}
    pub, hub = checked.get("pub", {}), checked.get("hub", {})
    for index in pub.keys() & hub.keys():
        one, other = pub[index], hub[index]
        if not isinstance(one, Gap) and not isinstance(other, Gap):
            pub[index], hub[index] = check_envelope(one, other)
    return checked
