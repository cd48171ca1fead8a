"""What is kept longer than the unit's rule allows is erased by itself (feed §4, `retention`).

The rule is `retention_years`, by kind. A service record's years count from its end, a deleted
record's from its deletion; records that go on are never old. Start at `expire`.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from fenhe_node.erasing.for_good import Wish, erase, finish
from fenhe_node.publishing.publish import Pen
from fenhe_node.store import Store, records
from fenhe_node.store.erased import is_erased
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet

AT_ONCE = 5000  # records in one publish


def expire(pen: Pen, schemas: SchemaSet, years: Mapping[str, int]) -> int:
    """Erase what is older than these years, by kind; how many records."""
    count = len(finish(pen, schemas))
    for kind, ids in list(due(pen, years)):
        for at in range(0, len(ids), AT_ONCE):
            part = tuple(ids[at : at + AT_ONCE])
            try:
                erase(pen, schemas, Wish("retention", kind, part), by="retention")
            except InputError as error:
                if error.code != "erase.nothing":
                    raise
            count += len(part)
    return count


def due(pen: Pen, years: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    """The ids of the records that are too old, by kind."""
    today = date.fromisoformat(date_at(pen.now()))
    with Store.open(pen.home.store) as store:
        for kind, limit in sorted(years.items()):
            first_kept = _years_before(today, limit)
            found = [
                record.id
                for record in records.every(store, kind=kind)
                if _ended(record) is not None and str(_ended(record)) < first_kept.isoformat()
            ]
            if found:
                yield kind, found


def _ended(record: StoredRecord) -> str | None:
    """The day on which a record became a matter of the past, if it did and is still there."""
    if record.deleted:
        return None if is_erased(record.before) else str(record.record["deleted"]["on"])
    if record.kind == "service_record":
        return str(record.record["ended_at"])[:10]
    return None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
