"""How much there is of a unit at each station: as it declared, in its log, here. `stations`."""

import sqlite3
from dataclasses import dataclass

from fenhe_hub.api.labels import kind_label
from fenhe_hub.casework.obliged import declared_counts
from fenhe_hub.index.read import Log, Unit

_BANDS = {
    "under_20": "20 万元以下",
    "from_20": "20–50 万元",
    "from_50": "50–200 万元",
    "from_200": "200 万元以上",
}
_COUNTS = (
    "SELECT ifnull(sum(stop - idx), 0) FROM gap",
    "SELECT count(*) FROM skip",
    "SELECT count(*) FROM sealed",
)


@dataclass(frozen=True, slots=True)
class OneLog:
    """A log as its unit signed it, and what of it lies here."""

    name: str
    size: int  # leaves that the unit signed, as far as they are verified
    indexed: int
    cosigned: int
    cosigned_at: int | None
    missing: int
    refused: int
    sealed: int
    quarantined: bool


@dataclass(frozen=True, slots=True)
class Stations:
    """`declared` by value band, as the census has it; `here` by kind, deleted ones left out."""

    declared: tuple[tuple[str, int], ...]
    bands: tuple[tuple[str, int], ...]
    logs: tuple[OneLog, ...]
    here: tuple[tuple[str, int], ...]


def stations(index: sqlite3.Connection, casework: sqlite3.Connection, unit: Unit) -> Stations:
    """Count one unit."""
    declared = declared_counts(casework, unit.uscc)
    rows = index.execute(
        "SELECT kind, count(*) FROM resource WHERE unit_no = ? AND deleted_on IS NULL"
        " GROUP BY kind",
        [unit.unit_no],
    ).fetchall()
    bands = dict(
        index.execute(
            "SELECT value_band, count(*) FROM resource WHERE unit_no = ? AND kind = 'instrument'"
            " AND deleted_on IS NULL AND value_band IS NOT NULL GROUP BY value_band",
            [unit.unit_no],
        ).fetchall()
    )
    return Stations(
        tuple((zh, declared[band]) for band, zh in _BANDS.items() if band in declared),
        tuple((zh, bands[band]) for band, zh in _BANDS.items() if band in bands),
        tuple(_log(index, log) for log in unit.logs),
        tuple((kind_label(kind).zh, count) for kind, count in rows),
    )


def _log(index: sqlite3.Connection, log: Log) -> OneLog:
    missing, refused, sealed = (
        int(index.execute(f"{question} WHERE log_no = ?", [log.log_no]).fetchone()[0])
        for question in _COUNTS
    )
    return OneLog(
        name=log.name,
        size=log.size,
        indexed=log.indexed,
        cosigned=log.cosigned_size,
        cosigned_at=log.cosigned_at,
        missing=missing,
        refused=refused,
        sealed=sealed,
        quarantined=log.quarantined,
    )
