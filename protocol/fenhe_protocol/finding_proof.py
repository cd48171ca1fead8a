"""What a finding's file proves, judged from the file and a fingerprint alone (feed §15).

`examine` recomputes every hash, tree and signature in it and returns what stands there then, or
refuses the file: one changed byte, and it is refused or says something else. What follows from it
for people is the shell's. Pure; start at `examine`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import open_roots
from fenhe_protocol.excerpt import root_over
from fenhe_protocol.fed import (
    Act,
    EraseOrder,
    FirstReceipt,
    Place,
    Registration,
    RuleSet,
    Word,
    recall_word,
)
from fenhe_protocol.finding_file import FedPart, FindingFile, ShownLeaf
from fenhe_protocol.finding_logs import check_body, judge_logs, read_leaf, signed_head
from fenhe_protocol.finding_seen import Examined
from fenhe_protocol.leaf import HeartbeatLeaf, Leaf, RecordLeaf, split_log_name
from fenhe_protocol.merkle import leaf_hash
from fenhe_protocol.root_document import RootDocument

_Said = tuple[Place, Word]


def examine(raw: bytes, *, fingerprint: str | None = None) -> Examined:
    """Judge a file; `fingerprint` is the hub's, as people compared it.

    Raises InputError `finding.form`; Refused `root.*`, `note.*`, `checkpoint.*`, `evidence.line`,
    or `finding.*` where something does not hash to what is signed.
    """
    file = FindingFile.decode(raw)
    if not file.hub or not file.unit:
        raise Refused("finding.roots")
    hub, found = open_roots(file.hub, fingerprint)
    parts = [_fed(part, hub) for part in file.fed]
    said = [each for part in parts for each in part.said]
    registered_at, registration = _registration(file, said)
    unit, _ = open_roots(file.unit, registration.root1)
    if (unit.unit, unit.origin) != (file.claim["unit"], registration.origin):
        raise Refused("finding.unit", expected=registration.origin, found=unit.origin)
    orders = [word for _, word in said if isinstance(word, EraseOrder)]
    logs = judge_logs(file, unit, hub, orders)
    listed = [each.name for each in unit.logs if split_log_name(each.name)[0] == "catalogue"]
    rule_at, rule = _rule(file, said)
    return Examined(
        claim=file.claim,
        grounds=file.grounds,
        rules=file.rules,
        hub=hub,
        fingerprint=found,
        unit=unit,
        rule=rule,
        rule_at=rule_at,
        registration=registration,
        registered_at=registered_at,
        beats=tuple(sorted(time for part in parts for time in part.beats)),
        acts=tuple((place, word) for place, word in said if isinstance(word, Act)),
        first_receipts=tuple((p, word) for p, word in said if isinstance(word, FirstReceipt)),
        heads=tuple(part.head for part in parts),
        logs=logs,
        not_shown=tuple(n for n in listed if f"{unit.origin}/{n}" not in {x.origin for x in logs}),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    head: Checkpoint
    said: tuple[_Said, ...]
    beats: tuple[int, ...]


def _fed(part: FedPart, hub: RootDocument) -> _Part:
    head = signed_head(part.note, hub)
    log = head.origin.rpartition("/")[2]
    if split_log_name(log)[0] != "fed":
        raise Refused("finding.log", where=head.origin, expected=f"{hub.origin}/fed")
    _check_tree(part, head)
    said: list[_Said] = []
    beats: list[int] = []
    for each in part.leaves:
        place = Place(head.origin, each.index)
        leaf = read_leaf(each.leaf, place)
        if isinstance(leaf, HeartbeatLeaf):
            beats.append(leaf.time)
        said += [(place, word) for word in _words(each, leaf, place)]
    return _Part(head, tuple(said), tuple(beats))


def _check_tree(part: FedPart, head: Checkpoint) -> None:
    shown = {each.index: leaf_hash(each.leaf) for each in part.leaves}
    if [each.index for each in part.leaves] != sorted(shown):
        raise Refused("finding.order", where=head.origin)
    try:
        if root_over(head.size, shown, part.beside) != head.root:
            raise Refused("finding.tree", where=head.origin)
    except ValueError as error:
        raise Refused("finding.tree", where=head.origin, found=str(error)) from error


def _words(shown: ShownLeaf, leaf: Leaf | None, place: Place) -> Iterator[Word]:
    committed = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    for tier, body in shown.bodies.items():
        check_body(place, tier, body, committed.get(tier))
        try:
            yield recall_word(body.raw)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise Refused("finding.word", where=place.text, found=type(error).__name__) from error


def _registration(file: FindingFile, said: Sequence[_Said]) -> tuple[Place, Registration]:
    """The last `reg` of the unit that is shown."""
    for place, word in reversed(said):
        if isinstance(word, Registration) and word.uscc == file.claim["unit"]:
            return place, word
    raise Refused("finding.unregistered", expected=file.claim["unit"])


def _rule(file: FindingFile, said: Sequence[_Said]) -> tuple[Place, RuleSet]:
    digest = sha256(file.rules.encode("utf-8")).hexdigest()
    for place, word in reversed(said):
        if isinstance(word, RuleSet) and word.sha256 == digest:
            return place, word
    raise Refused("finding.rules", expected="rule", found=digest)
