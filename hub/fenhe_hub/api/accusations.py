"""What is kept against a unit: the list for everyone, and the files that convict (feed §14).

What is said to be withheld is shown until it comes; the operator keeps the file. Of heads by a key
that the unit has disowned since, both are said: it may have been stolen, or only be said to be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fenhe_client.evidence_check import told_fault
from fenhe_hub.api.operation import Asked, TextFile, not_found
from fenhe_hub.api.shapes import Origin, Source
from fenhe_hub.index.read import Unit, lacking_tiers
from fenhe_hub.mirror.accusing import is_by_listed_keys
from fenhe_hub.mirror.evidence import KeptEvidence, kept_evidence
from fenhe_protocol.conviction import Conviction
from fenhe_protocol.error_texts import Text
from fenhe_protocol.evidence import Kind
from fenhe_protocol.root_document import root_key_name

_DISOWNED = Text(
    "；单位此后的根文档不再承认这把密钥签的这一段（可能已泄露）",
    "; a later root document of the unit disowns what this key signed there (it may be stolen)",
)


@dataclass(frozen=True, slots=True)
class Accusation:
    """一份证据 One piece of evidence: a file that anyone may judge offline."""

    id: str
    kind: Literal["fork", "ended", "clock", "withheld", "roots"]
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
    return Accusations(
        tuple(_told(asked, *each) for each in _kept(asked, unit)), asked.source(unit)
    )


def evidence_file(asked: Asked) -> TextFile:
    """One evidence file, as it was made."""
    unit, wanted = asked.unit(), asked.text("evidence")
    for _, kept in _kept(asked, unit):
        if kept.id == wanted:
            return TextFile(kept.raw, asked.source(unit))
    raise not_found(f"{unit.uscc} {wanted}")


def _kept(asked: Asked, unit: Unit) -> Iterator[tuple[str, KeptEvidence]]:
    logs = [log.origin for log in unit.logs if log.public]
    for origin in (*logs, root_key_name(unit.origin)):
        for kept in kept_evidence(asked.reading.home, origin):
            if _stands(asked, kept.conviction):
                yield origin, kept


def _stands(asked: Asked, found: Conviction) -> bool:
    """Whether nothing here refutes it: not a body that came since, nor an erasure."""
    if found.kind is not Kind.WITHHELD or found.index is None:
        return True
    return found.lacking.keys() <= lacking_tiers(asked.db, found.log, found.index)


def _told(asked: Asked, origin: str, kept: KeptEvidence) -> Accusation:
    found, fault = kept.conviction, told_fault(kept.conviction)
    sizes = tuple(head.checkpoint.size for head in found.heads)
    if not is_by_listed_keys(asked.reading.home, found):
        fault = Text(f"{fault.zh}{_DISOWNED.zh}", f"{fault.en}{_DISOWNED.en}")
    return Accusation(kept.id, found.kind.value, origin, sizes, fault.zh, fault.en)
