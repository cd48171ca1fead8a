"""What must hold of the hub whenever the weather was good for a round. Start at `violations`.

What the units remember of what they signed is compared with the hub's index and with the bytes of
its mirror; nothing of the hub's own judgement is asked.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from fenhe_client.stored.files import CHECKPOINT, FolderFiles
from fenhe_hub.home import Home
from fenhe_hub.index.tables import log_number
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.read_only import read_only
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.note import parse_note
from tests.soak.ledger import TIERS
from tests.soak.publisher import LOGS, Publisher
from tests.soak.records import MARK

Bytes = dict[str, bytes]
_FEW = 5  # violations of one kind that are told


def violations(home: Home, units: Collection[Publisher]) -> list[str]:
    """What these units signed and the hub does not know, or knows otherwise."""
    with read_only(home.index) as db:
        numbers = {origin: no for no, origin in db.execute("SELECT unit_no, origin FROM unit")}
        found = [
            *_few(_not_level(db, units)),
            *_few(_not_shown(home, units)),
            *_few(_lost(db, units, numbers)),
            *_few(_other_states(db, units, numbers)),
            *_few(_doubtful(db, units, numbers)),
        ]
    return found


def _few(found: Iterable[str]) -> Iterator[str]:
    for count, each in enumerate(found):
        if count == _FEW:
            yield "… and more of that"
            return
        yield each


def not_level(home: Home, units: Iterable[Publisher]) -> list[str]:
    """The logs of which the hub has not yet all, verified, indexed, cosigned and shown."""
    units = list(units)
    with read_only(home.index) as db:
        return [*_not_level(db, units), *_not_shown(home, units)]


def _not_level(db: sqlite3.Connection, units: Iterable[Publisher]) -> Iterator[str]:
    rows = db.execute("SELECT origin, size, root, indexed, cosigned_size, quarantined FROM log")
    known = {origin: row for origin, *row in rows}
    for unit in units:
        for log in LOGS:
            head = unit.head(log)
            expected = [head.size, head.root, head.size, head.size, 0]
            if (found := known.get(head.origin)) != expected:
                yield f"{head.origin}: {found} for {expected}"


def _not_shown(home: Home, units: Iterable[Publisher]) -> Iterator[str]:
    for unit in units:
        for log in LOGS:
            head = unit.head(log)
            raw = MirrorLog(home, head.origin).files.read(CHECKPOINT)
            if raw is None or parse_checkpoint(parse_note(raw).text) != head:
                yield f"{head.origin}: the mirror shows {raw!r} for {head}"


def _lost(
    db: sqlite3.Connection, units: Iterable[Publisher], numbers: dict[str, int]
) -> Iterator[str]:
    """Every body that was signed and not erased, no other, and as many as were signed."""
    held: defaultdict[int, set[tuple[int, int, str, str, int]]] = defaultdict(set)
    for log_no, *row in db.execute("SELECT log_no, idx, tier, kind, id, deleted FROM body"):
        held[log_no].add(tuple(row))
    for unit in units:
        said: defaultdict[str, set[tuple[int, int, str, str, int]]] = defaultdict(set)
        for line in unit.ledger.bodies():
            said[line.log].add(line[1:])
        for log in LOGS:
            found = held[log_number(numbers[unit.origin], log, 1)]
            if found != said[log]:
                lost, more = sorted(said[log] - found)[:3], sorted(found - said[log])[:3]
                yield f"{unit.origin}/{log}: lost {lost}, never said {more}"


def _other_states(
    db: sqlite3.Connection, units: Iterable[Publisher], numbers: dict[str, int]
) -> Iterator[str]:
    """Every catalogue record as it was signed last."""
    held: defaultdict[int, dict[tuple[str, str], list[str | None]]] = defaultdict(dict)
    rows = db.execute("SELECT unit_no, kind, id, pub, hub FROM resource")
    for unit_no, kind, id_, *bodies in rows:
        held[unit_no][kind, id_] = bodies
    for unit in units:
        said = {
            identity: [body.decode() if (body := state.get(tier)) else None for tier in TIERS]
            for identity, state in unit.ledger.states.items()
        }
        found = held[numbers[unit.origin]]
        for identity in said.keys() | found.keys():
            if said.get(identity) != found.get(identity):
                yield f"{unit.origin} {identity}: {found.get(identity)} for {said.get(identity)}"


def _doubtful(
    db: sqlite3.Connection, units: Iterable[Publisher], numbers: dict[str, int]
) -> Iterator[str]:
    """Nothing refused, nothing awaited."""
    names = {log_number(numbers[unit.origin], log, 1): unit for unit in units for log in LOGS}
    for table in ("skip", "gap"):
        for log_no, index in db.execute(f"SELECT log_no, idx FROM {table}"):
            if log_no in names:
                yield f"{names[log_no].origin}: {table} at {index}"


def other_bytes(home: Home, units: Iterable[Publisher]) -> Iterator[str]:
    """Body files that are not byte for byte the unit's own."""
    for unit in units:
        for log in LOGS:
            mirror = MirrorLog(home, f"{unit.origin}/{log}")
            for tier in TIERS:
                ours, theirs = (_bodies(each, tier) for each in (mirror.files, unit.files(log)))
                if ours != theirs:
                    yield f"{mirror.origin} body/{tier}: other bytes than the unit's"


def _bodies(files: FolderFiles, tier: str) -> Bytes:
    return {path: files.read(path) or b"" for path in files.paths(f"body/{tier}")}


def left_of_erased(folder: Path, units: Iterable[Publisher]) -> Iterator[str]:
    """Files in which something stands that was erased."""
    erased = {mark for unit in units for mark in unit.ledger.erased}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and (left := erased.intersection(MARK.findall(file.read_bytes()))):
            yield f"{file}: {sorted(left)[:3]}"


def lines_of(units: Iterable[Publisher]) -> int:
    """How many bodies these units want held."""
    return sum(1 for unit in units for _ in unit.ledger.bodies())
