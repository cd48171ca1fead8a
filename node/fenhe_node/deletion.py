"""Delete a record by hand, with a reason. The feed keeps that it was there (feed §4)."""

from fenhe_node.importing.intake import deletion
from fenhe_node.mapping.model import DELETE_REASONS
from fenhe_node.store import Store, records
from fenhe_node.store.records import Event
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet


def delete(
    store: Store,
    kind: str,
    record_id: str,
    reason: str,
    *,
    schemas: SchemaSet,
    now: int,
    by: str = "",
) -> None:
    """Mark a record as deleted; the next publish says so. InputError if there is no such record.

    It stays deleted through imports until its row changes.
    """
    if reason not in DELETE_REASONS:
        raise InputError(
            "delete.reason", where=record_id, expected=", ".join(DELETE_REASONS), found=reason
        )
    record = records.find(store, kind, record_id)
    if record is None or record.deleted:
        raise InputError("delete.absent", where=f"{kind} {record_id}")
    with store.transaction():
        records.put(store, [deletion(record, reason, now, schemas)])
        records.note(store, [Event(now, by, kind, record_id, "deleted", reason=reason)])
