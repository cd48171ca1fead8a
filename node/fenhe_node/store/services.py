"""Service records by month and instrument, when each came in, and what was corrected by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store

# As the index `service_month` has it.
_MONTH = "substr(coalesce(json_extract(record, '$.started_at'), json_extract(record, '$.ended_at')), 1, 7)"  # noqa: E501
_THERE = "kind = 'service_record' AND json_extract(record, '$.deleted') IS NULL"
_ENTERED = (
    "coalesce((SELECT min(e.at) FROM event e"
    " WHERE e.kind = 'service_record' AND e.id = record.id AND e.what = 'new'), record.at)"
)
_ENDED = (
    "CAST(strftime('%s', coalesce(json_extract(record, '$.ended_at'),"
    " json_extract(record, '$.started_at'))) AS INTEGER)"
)


@dataclass(frozen=True, slots=True)
class InstrumentMonth:
    """What one instrument did in a month; `late` counts records that came in too late."""

    instrument: str
    services: int
    minutes: int
    amount_fen: int
    samples: int
    late: int


@dataclass(frozen=True, slots=True)
class Service:
    """One service record and how it came in; times are POSIX seconds."""

    id: str
    record: Mapping[str, Any]
    source: str  # the list it stands in; empty: entered by hand
    entered: int
    ended: int

    def late(self, within: int) -> bool:
        """Whether it came in more than so many seconds after it had ended."""
        return self.entered > self.ended + within


@dataclass(frozen=True, slots=True)
class Former:
    """What a record was before somebody corrected it, when, and why."""

    at: int
    by: str
    reason: str
    record: Mapping[str, Any]


def by_instrument(store: Store, month: str, within: int) -> list[InstrumentMonth]:
    """All instruments that served in a month (2026-11), those with most services first."""
    rows = store.rows(
        "SELECT instrument, count(*) AS services, coalesce(sum(minutes), 0) AS minutes,"
        " coalesce(sum(amount_fen), 0) AS amount_fen, coalesce(sum(samples), 0) AS samples,"
        " coalesce(sum(entered > ended + ?), 0) AS late FROM ("
        "SELECT coalesce(json_extract(record, '$.instrument'), '') AS instrument,"
        " json_extract(record, '$.effective_minutes') AS minutes,"
        " json_extract(record, '$.amount_fen') AS amount_fen,"
        f" json_extract(record, '$.samples') AS samples, {_ENTERED} AS entered, {_ENDED} AS ended"
        f" FROM record WHERE {_THERE} AND {_MONTH} = ?"
        ") GROUP BY instrument ORDER BY services DESC, instrument",
        [within, month],
    )
    return [InstrumentMonth(**row) for row in rows]


def of_month(store: Store, month: str, instrument: str, *, most: int) -> list[Service]:
    """The services of one instrument in a month, by their time."""
    rows = store.rows(
        f"SELECT id, record, source, {_ENTERED} AS entered, {_ENDED} AS ended"
        f" FROM record WHERE {_THERE} AND {_MONTH} = ?"
        " AND json_extract(record, '$.instrument') = ?"
        " ORDER BY json_extract(record, '$.started_at'), id LIMIT ?",
        [month, instrument, most],
    )
    return [
        Service(**{**row, "record": json.loads(row["record"]), "ended": row["ended"] or 0})
        for row in rows
    ]


def months(store: Store) -> list[str]:
    """The months in which anything was served, the newest first."""
    rows = store.rows(
        f"SELECT DISTINCT {_MONTH} AS month FROM record"
        " WHERE kind = 'service_record' ORDER BY 1 DESC"
    )
    return [row["month"] for row in rows if row["month"]]


def next_number(store: Store, beginning: str) -> int:
    """The number after that of the last id with this beginning: `H20261123-3` → 4."""
    rows = store.rows(
        "SELECT id FROM record WHERE kind = 'service_record' AND id >= ? AND id < ?",
        [beginning, f"{beginning}:"],  # what follows the digits
    )
    numbers = [row["id"].removeprefix(beginning) for row in rows]
    return max((int(n) for n in numbers if n.isascii() and n.isdecimal()), default=0) + 1


def keep_former(store: Store, id: str, former: Former) -> None:
    """Keep what a record was before it was corrected."""
    store.run(
        "INSERT OR REPLACE INTO former_service VALUES(?,?,?,?,?)",
        [id, former.at, former.by, former.reason, json.dumps(former.record, ensure_ascii=False)],
    )


def formers(store: Store, id: str) -> list[Former]:
    """What a record was before each correction, the latest first."""
    rows = store.rows(
        "SELECT at, by, reason, record FROM former_service WHERE id = ? ORDER BY at DESC", [id]
    )
    return [Former(**{**row, "record": json.loads(row["record"])}) for row in rows]


def corrected(store: Store) -> frozenset[str]:
    """The ids of all records that were ever corrected by hand."""
    rows = store.rows("SELECT DISTINCT id FROM former_service")
    return frozenset(row["id"] for row in rows)
