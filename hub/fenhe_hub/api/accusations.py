"""What is kept against a unit: the list for everyone, and the files that convict (feed §14).

What is said to be withheld is shown until it comes; the operator keeps the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fenhe_client.evidence_check import told_fault
from fenhe_hub.api.operation import Asked, TextFile, not_found
from fenhe_hub.api.shapes import Origin, Source
from fenhe_hub.index.read import Unit, lacking_tiers
from fenhe_hub.mirror.evidence import KeptEvidence, kept_evidence
from fenhe_protocol.conviction import Conviction
from fenhe_protocol.evidence import Kind


@dataclass(frozen=True, slots=True)
class Accusation:
    """一份证据 One piece of evidence: a file that anyone may judge offline."""

    id: str
    kind: Literal["fork", "ended", "clock", "withheld"]
    origin: Origin
    sizes: Annotated[tuple[int, ...], "所签各结果的大小 sizes of the heads that were signed"]
    fault_zh: Annotated[str, "证明什么 what it proves"]
    fault_en: Annotated[str, "同上，英文 the same in English"]


@dataclass(frozen=True, slots=True)
class Accusations:
    """对一个单位不利的证据 What is kept against a unit; of its public logs alone."""

    items: tuple[Accusation, ...]
    source: Source


def list_accusations(asked: Asked) -> Accusations:
    """All evidence against a unit that everyone may know of."""
    unit = asked.unit()
    return Accusations(tuple(_told(*each) for each in _kept(asked, unit)), asked.source(unit))


def evidence_file(asked: Asked) -> TextFile:
    """One evidence file, as it was made."""
    unit, wanted = asked.unit(), asked.text("evidence")
    for _, kept in _kept(asked, unit):
        if kept.id == wanted:
            return TextFile(kept.raw, asked.source(unit))
    raise not_found(f"{unit.uscc} {wanted}")


def _kept(asked: Asked, unit: Unit) -> Iterator[tuple[str, KeptEvidence]]:
    for log in unit.logs:
        if log.public:
            for kept in kept_evidence(asked.reading.home, log.origin):
                if _stands(asked, kept.conviction):
                    yield log.origin, kept


def _stands(asked: Asked, found: Conviction) -> bool:
    """Whether nothing here refutes it: not a body that came since, nor an erasure."""
    if found.kind is not Kind.WITHHELD or found.index is None:
        return True
    return found.lacking.keys() <= lacking_tiers(asked.db, found.log, found.index)


def _told(origin: str, kept: KeptEvidence) -> Accusation:
    found, fault = kept.conviction, told_fault(kept.conviction)
    sizes = tuple(head.checkpoint.size for head in found.heads)
    return Accusation(kept.id, found.kind.value, origin, sizes, fault.zh, fault.en)
