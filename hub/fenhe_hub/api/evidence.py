"""Where records stand, proof files, and verification on request."""

from fenhe_hub.api.judgement_shapes import VerificationResult
from fenhe_hub.api.mirrored import MirroredLeaf, StoredLeaf
from fenhe_hub.api.operation import Asked, TextFile, not_found
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.resources import time_text
from fenhe_hub.api.said import SaidLeaf, own_log
from fenhe_hub.api.shapes import RecordPage, RecordPlace
from fenhe_hub.api.verification import verify_leaf
from fenhe_hub.index.places import public_leaves, receipt
from fenhe_hub.index.read import Record, Unit, public_log, record, records, unit_with_code, units
from fenhe_protocol.encoding import format_time
from fenhe_protocol.proof import compose_proof


def list_places(asked: Asked) -> RecordPage:
    """The places of a unit's records: all, those of a kind, or the one of kind and id."""
    uscc, kind, id_ = str(asked.values["unit"]), asked.text("kind"), asked.text("id")
    if (unit := unit_with_code(asked.db, uscc)) is None:
        raise not_found(uscc)
    if kind and id_:
        found = record(asked.db, unit.unit_no, kind, id_)
        if found is None:
            raise not_found(f"{uscc} {kind} {id_}")
        return RecordPage((_place(asked, unit, found),), asked.source(unit), None)
    limit = asked.number("limit")
    after = read_cursor("records", asked.text("cursor"), str, str) or ("", "")
    some = records(asked.db, unit.unit_no, kind, after=after, limit=limit + 1)
    last = some[limit - 1] if len(some) > limit else None
    return RecordPage(
        items=tuple(_place(asked, unit, each) for each in some[:limit]),
        source=asked.source(unit),
        next=write_cursor("records", (last.kind, last.id)) if last else None,
    )


def _place(asked: Asked, unit: Unit, found: Record) -> RecordPlace:
    origin = next(log.origin for log in unit.logs if log.log_no == found.log_no)
    return RecordPlace(
        unit=unit.uscc,
        kind=found.kind,
        id=found.id,
        origin=origin,
        index=found.pub_idx,
        pub_idx=found.pub_idx,
        deleted_on=found.deleted_on,
        received_at=time_text(receipt(asked.db, found.log_no, found.pub_idx)),
    )


def find_leaf(asked: Asked) -> tuple[MirroredLeaf, bool]:
    """The leaf named by origin and index, and whether its public body may be shown."""
    origin, index = str(asked.values["origin"]), asked.number("index")
    log = public_log(asked.db, origin)
    if log is None or index >= log.size:
        raise not_found(f"{origin}#{index}")
    unit = units(asked.db, (log.unit_no,))[log.unit_no]
    shown = any(public_leaves(asked.db, log.log_no, index, index + 1, 1))
    return MirroredLeaf(index, asked.reading.home, unit, log), shown


def proof_file(asked: Asked) -> TextFile:
    """The proof of one leaf with its public body if it is valid.

    A unit's leaf stands under its newest cosigned head, what the hub says under the hub's own.
    """
    reading, origin = asked.reading, str(asked.values["origin"])
    if (log := own_log(reading.origin, origin)) is not None:
        said = SaidLeaf(asked.number("index"), reading.home, reading.origin, log)
        return TextFile(_proof(said, shown=True))
    leaf, shown = find_leaf(asked)
    return TextFile(_proof(leaf, shown=shown), asked.source(leaf.unit))


def _proof(leaf: StoredLeaf, *, shown: bool) -> bytes:
    disclosed = {"pub": leaf.line} if shown and leaf.line else {}
    try:
        return compose_proof(leaf.index, leaf.path, leaf.entry, disclosed, leaf.note)
    except ValueError as error:  # something that is no leaf, so that no proof of it could be read
        raise not_found(f"{leaf.origin}#{leaf.index}") from error


def verification(asked: Asked) -> VerificationResult:
    """Read the mirror's files again, verify them, and say each step."""
    leaf, _ = find_leaf(asked)
    steps = verify_leaf(leaf, asked.reading.cosigners(), asked.reading.witnesses)
    return VerificationResult(
        origin=leaf.log.origin,
        index=leaf.index,
        ok=all(step.ok for step in steps),
        verified_at=format_time(asked.now),
        steps=steps,
        source=asked.source(leaf.unit),
    )
