"""Whole logs of a unit in a finding's file: trees recomputed, bodies opened, others accounted for.

Start at `judge_logs`. `finding_proof` uses the small checks here for `fed` as well.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fenhe_protocol.body import Committer
from fenhe_protocol.checkpoint import Checkpoint, cosignatures_by, parse_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import only_lines_of, signing_keys
from fenhe_protocol.fed import EraseOrder, Place
from fenhe_protocol.finding_file import Body, FindingFile, WholeLog
from fenhe_protocol.finding_seen import Head, LogSeen, Sighting
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import EraseLeaf, Leaf, LeafForm, RecordLeaf, parse_leaf
from fenhe_protocol.merkle import CompactRange, leaf_hashes
from fenhe_protocol.note import parse_note, signed_by
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.strict_json import NotStrictJson, loads

PUBLIC = "pub"


def check_body(place: Place, tier: str, body: Body, committed: bytes | None) -> None:
    """Refused `finding.body` where the leaf does not commit to this body."""
    if committed is None or Committer(place.origin, tier).of(body.salt, body.raw) != committed:
        raise Refused("finding.body", where=f"{place.text}/{tier}")


def read_leaf(raw: bytes, place: Place) -> Leaf | None:
    """The leaf, None where it is none: it stands in the tree and says nothing (SKIP)."""
    try:
        return parse_leaf(raw, index=place.index, log=place.origin.rpartition("/")[2])
    except LeafForm:
        return None


def signed_head(note: bytes, owner: RootDocument, *cosigners: VerifierKey) -> Checkpoint:
    """The head of a note that its log signed, and nobody else but these cosigners."""
    parsed = parse_note(note)
    head = parse_checkpoint(parsed.text)
    keys = signing_keys(owner, head.origin, head)
    only_lines_of(note, (*keys, *cosigners))
    if not any([signed_by(parsed, key) for key in keys]):
        raise Refused("checkpoint.unsigned", where=head.origin, expected=owner.origin)
    return head


def judge_logs(
    file: FindingFile, unit: RootDocument, hub: RootDocument, orders: Sequence[EraseOrder]
) -> tuple[LogSeen, ...]:
    """What each log of the file shows; Refused where one is not the log that the unit signed."""
    opened = [_tree(log, unit, hub) for log in file.logs]
    erasures = [
        (origin, leaf)
        for origin, _, leaves in opened
        for leaf in leaves
        if isinstance(leaf, EraseLeaf)
    ]
    found = []
    for log, (origin, heads, leaves) in zip(file.logs, opened, strict=True):
        name = origin.rpartition("/")[2]
        own = [leaf for where, leaf in erasures if (leaf.log or where.rpartition("/")[2]) == name]
        ordered = {each.place.index for each in orders if each.place.origin == origin}
        found.append(_seen(log, origin, heads, leaves, own, ordered, file.claim))
    if len({log.origin for log in found}) != len(found):
        raise Refused("finding.order", where=unit.origin)
    return tuple(found)


def _tree(
    log: WholeLog, unit: RootDocument, hub: RootDocument
) -> tuple[str, tuple[Head, ...], list[Leaf | None]]:
    """The log's name, its heads, each the root over the leaves below its size, and its leaves."""
    tree, heads, origin = CompactRange(), list[Head](), ""
    for note in log.notes:
        head = signed_head(note, unit, *hub.cosigners)
        origin = origin or head.origin
        if head.origin != origin or not tree.size < head.size <= len(log.leaves):
            raise Refused("finding.order", where=head.origin, found=str(head.size))
        tree.extend(leaf_hashes(log.leaves[tree.size : head.size]))
        if tree.root() != head.root:
            raise Refused("finding.tree", where=f"{origin} {head.size}")
        times = [c.time for key in hub.cosigners for c in cosignatures_by(parse_note(note), key)]
        heads.append(Head(head.size, head.root, tuple(sorted(times))))
    if tree.size != len(log.leaves) or not heads:
        raise Refused("finding.tree", where=origin, expected=str(tree.size))
    listed = unit.log(origin.rpartition("/")[2])
    if listed is not None and listed.end is not None and tree.size > listed.end.size:
        raise Refused("finding.ended", where=origin, expected=str(listed.end.size))
    return origin, tuple(heads), [read_leaf(r, Place(origin, i)) for i, r in enumerate(log.leaves)]


def _seen(
    log: WholeLog,
    origin: str,
    heads: tuple[Head, ...],
    leaves: list[Leaf | None],
    erasures: list[EraseLeaf],
    ordered: set[int],
    claim: Mapping[str, str],
) -> LogSeen:
    lacking: list[int] = []
    silent = opened = 0
    seen = LogSeen(origin, heads, 0, 0)
    sightings: list[Sighting] = []
    for index, (leaf, body) in enumerate(zip(leaves, log.bodies, strict=True)):
        committed = leaf.commitments.get(PUBLIC) if isinstance(leaf, RecordLeaf) else None
        place = Place(origin, index)
        if body is None:
            silent += committed is None
            lacking += [index] if committed is not None else []
            continue
        check_body(place, PUBLIC, body, committed)
        opened += 1
        if (fields := _record(body.raw, claim)) is not None:
            sightings.append(Sighting(place, fields, seen.delivered_at(index)))
    if lacking != sorted(log.closed):
        raise Refused("finding.closed", where=origin, expected=str(len(lacking)))
    erased = [i for i in lacking if i in ordered or any(x.covers(i, PUBLIC) for x in erasures)]
    unproven = {i: log.closed[i] for i in lacking if i not in set(erased)}
    return LogSeen(origin, heads, opened, silent, tuple(erased), unproven, tuple(sightings))


def _record(raw: bytes, claim: Mapping[str, str]) -> dict[str, Any] | None:
    """The members of a body of the record that the finding is about."""
    try:
        fields = loads(raw)
    except NotStrictJson:
        return None
    wanted = (claim["unit"], claim["kind"], claim["id"])
    return fields if (fields.get("unit"), fields.get("kind"), fields.get("id")) == wanted else None
