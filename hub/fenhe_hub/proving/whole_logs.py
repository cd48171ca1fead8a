"""What a proof takes from the mirror: every leaf of the unit's catalogue, and heads around it."""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fenhe_client.reading.fitting_lines import fitting_lines
from fenhe_client.stored.files import read_bundle
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.cosign import KeptNote, kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.body import BodyLine, decode_salt
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.evidence import pared, signing_keys
from fenhe_protocol.finding_file import Body, WholeLog
from fenhe_protocol.leaf import LeafForm, RecordLeaf, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.tiles import bundles_between

_PUBLIC = "pub"


@dataclass(frozen=True, slots=True)
class Around:
    """Which heads are wanted: those around a moment (POSIX), and the first over these leaves."""

    moment: int | None
    indices: Collection[int]


def whole_log(
    hub: Hub, db: sqlite3.Connection, origin: str, unit: RootDocument, around: Around
) -> WholeLog | None:
    """The log with its heads, with lines of unit and mirror alone; None where it has none."""
    log = MirrorLog(hub.home, origin)
    notes = _chosen(sorted(kept_notes(log.notes), key=lambda n: (n.size, n.at)), around)
    raws = [note.file.read_bytes() for note in notes]
    if not raws and (verified := log.verified()):
        raws = [verified]  # nothing of it has a receipt yet
    heads = [(parse_checkpoint(parse_note(raw).text), raw) for raw in raws]
    if not heads or not heads[-1][0].size:
        return None
    size = heads[-1][0].size
    leaves = [
        leaf
        for bundle in bundles_between(0, size)
        for leaf in read_bundle(log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
    ]
    lines = {
        line.index: line
        for block in range(-(-size // BLOCK))
        for line in fitting_lines(log.files, origin, _PUBLIC, block, size)
    }
    return WholeLog(
        tuple(
            pared(raw, (*signing_keys(unit, origin, head), *hub.root.cosigners))
            for head, raw in heads
        ),
        tuple(leaves),
        tuple(_body(lines.get(index)) for index in range(size)),
        _closed(db, log, leaves, lines),
    )


def _chosen(notes: list[KeptNote], around: Around) -> list[KeptNote]:
    """At most one note of a size: the last before the moment, the first after it, the first over
    each leaf that counts, and the newest.
    """
    if not notes:
        return []
    by_time = sorted(notes, key=lambda note: note.at)
    wanted = [notes[-1]]
    if (moment := around.moment) is not None:
        wanted += [note for note in by_time if note.at <= moment][-1:]
        wanted += [note for note in by_time if note.at > moment][:1]
    for index in around.indices:
        wanted += [note for note in by_time if note.size > index][:1]
    return [note for _, note in sorted({note.size: note for note in wanted}.items())]


def _body(line: BodyLine | None) -> Body | None:
    return None if line is None else Body(decode_salt(line.salt), line.body)


def _closed(
    db: sqlite3.Connection, log: MirrorLog, leaves: list[bytes], lines: Mapping[int, BodyLine]
) -> dict[int, str]:
    """Why each public body that is committed to is not shown."""
    refused = set(_refused(db, log.origin))
    erased = db.execute(
        "SELECT e.start, e.stop FROM erased e JOIN log l USING(log_no)"
        " WHERE l.origin = ? AND e.tier = ?",
        [log.origin, _PUBLIC],
    ).fetchall()
    closed: dict[int, str] = {}
    for index, raw in enumerate(leaves):
        if index in lines or not _commits(raw, index, log.name):
            continue
        if any(start <= index < stop for start, stop in erased):
            closed[index] = "erased"
        else:
            closed[index] = "refused" if index in refused else "missing"
    return closed


def _refused(db: sqlite3.Connection, origin: str) -> list[int]:
    rows = db.execute(
        "SELECT s.idx FROM skip s JOIN log l USING(log_no) WHERE l.origin = ? AND s.tier = ?",
        [origin, _PUBLIC],
    )
    return [index for (index,) in rows]


def _commits(raw: bytes, index: int, log: str) -> bool:
    try:
        leaf = parse_leaf(raw, index=index, log=log)
    except LeafForm:
        return False
    return isinstance(leaf, RecordLeaf) and _PUBLIC in leaf.commitments
