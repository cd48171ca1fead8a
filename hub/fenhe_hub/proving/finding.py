"""One file that proves, or refutes, a finding: what the feed held, and did not hold (feed §15)."""

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256

from fenhe_client.keys.roots import stored_roots
from fenhe_hub.hub import Hub, own_roots
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.proving.grounds import FoundFinding, acts_about, find, read_name
from fenhe_hub.proving.own_words import (
    Wanted,
    beats_between,
    first_receipts,
    orders_about,
    parts_of,
    rule_at,
    said_acts,
    word_at,
)
from fenhe_hub.proving.whole_logs import Around, whole_log
from fenhe_hub.rule_file import rule_bytes
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError
from fenhe_protocol.evidence import pared_roots
from fenhe_protocol.fed import Act
from fenhe_protocol.finding_file import MOST_BYTES, FindingFile
from fenhe_protocol.finding_proof import examine

_DAY = 86_400
_BEFORE_DUE = 7 * _DAY  # from when on the hub shows that it was there
_LONGEST = 366 * _DAY


def prove_finding(
    hub: Hub, db: sqlite3.Connection, name: str, now: int, *, for_everyone: bool = False
) -> bytes:
    """The file, judged before it is given.

    `for_everyone`: without the office's acts, and without places in logs that not everyone reads.

    InputError `finding.name`, `finding.absent`, `finding.unsaid` where `fed` does not say yet what
    it needs, `finding.large`.
    """
    found = find(db, read_name(name))
    logs = _catalogues(db, found.unit_no)
    acts = () if for_everyone else acts_about(hub.home, found)
    root1 = db.execute("SELECT root1 FROM unit WHERE unit_no = ?", [found.unit_no]).fetchone()[0]
    unit = current_root(hub.home, found.origin, root1)
    whole = (
        whole_log(hub, db, origin, unit, Around(found.due_end, _indices(db, found, origin)))
        for origin in logs
    )
    file = FindingFile(
        claim=_claim(found, now),
        grounds=tuple(g for g in found.grounds if not for_everyone or g[0] in logs),
        rules=_rules(hub, found).decode("utf-8"),
        hub=pared_roots(stored_roots(own_roots(hub.home))),
        unit=pared_roots(stored_roots(root_files(hub.home, found.origin))),
        fed=parts_of(hub, _wanted(hub, db, found, logs, acts, now)),
        logs=tuple(log for log in whole if log is not None),
    )
    raw = file.encode()
    if len(raw) > MOST_BYTES:
        raise InputError("finding.large", where=name, expected=f"<= {MOST_BYTES}")
    examine(raw, fingerprint=hub.fingerprint)
    return raw


def _claim(found: FoundFinding, now: int) -> dict[str, str]:
    counted_from, counted_days, counted_kind = found.counted
    return {
        "unit": found.name.uscc,
        "rule": found.name.rule,
        "kind": found.name.kind,
        "id": found.name.id,
        "state": found.state,
        "due": found.due,
        "since": found.since,
        "made_at": format_time(now),
        "todo_zh": found.todo_zh,
        "todo_en": found.todo_en,
        "counted_from": counted_from,
        "counted_days": counted_days,
        "counted_kind": counted_kind,
    }


def _catalogues(db: sqlite3.Connection, unit_no: int) -> list[str]:
    """The logs that everyone may read: the length of a usage log is told to nobody (feed §1)."""
    rows = db.execute(
        "SELECT origin FROM log WHERE unit_no = ? AND name NOT LIKE 'usage%' ORDER BY epoch",
        [unit_no],
    )
    return [origin for (origin,) in rows]


def _indices(db: sqlite3.Connection, found: FoundFinding, origin: str) -> set[int]:
    """The leaves of a log whose delivery matters: the record's own and the grounds."""
    rows = db.execute(
        "SELECT b.idx FROM body b JOIN log l USING(log_no)"
        " WHERE l.origin = ? AND b.tier = 0 AND b.kind = ? AND b.id = ?",
        [origin, found.name.kind, found.name.id],
    )
    own = {index for (index,) in rows}
    return own | {i for where, i, _ in found.grounds if where == origin and i is not None}


def _wanted(
    hub: Hub,
    db: sqlite3.Connection,
    found: FoundFinding,
    logs: list[str],
    acts: Sequence[Act],
    now: int,
) -> Iterator[Wanted]:
    yield rule_at(hub, db, sha256(_rules(hub, found)).hexdigest())
    yield word_at(db, "reg", found.origin)
    yield from orders_about(db, logs)
    yield from said_acts(db, acts)
    for origin in logs:
        yield from first_receipts(db, origin, _indices(db, found, origin))
    start = (found.due_end or now) - _BEFORE_DUE
    yield from beats_between(db, start, min(now, start + _LONGEST))


def _rules(hub: Hub, found: FoundFinding) -> bytes:
    """The rule set that judged it, as it was kept; the one in force where none is told."""
    if not found.rules:
        return rule_bytes(hub.rules_file)
    kept = hub.home.rules / f"{found.rules}.yaml"
    raw = kept.read_bytes() if kept.is_file() else rule_bytes(hub.rules_file)
    if sha256(raw).hexdigest() != found.rules:
        raise InputError("finding.rules", where=f"rules/{found.rules}", advice="fenhe-hub check")
    return raw
