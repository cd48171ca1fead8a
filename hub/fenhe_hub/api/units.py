"""Units: the list with the state of every source, and one of them with its record and logs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fenhe_hub.api.judgements import units_named
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.shapes import LogState, Standing, UnitDetail, UnitPage, UnitSummary
from fenhe_hub.index.figures import instruments_by_unit
from fenhe_hub.index.grams import name_key
from fenhe_hub.index.lagging import publicly_lagging
from fenhe_hub.index.read import Log, Unit
from fenhe_hub.index.said import said_of
from fenhe_hub.index.verdicts import VerdictFilters, refusal_count, verdict_counts
from fenhe_protocol.encoding import format_time

ORDERS = ("name", "instruments", "age")


@dataclass(frozen=True)
class _Counts:
    """What is counted of all units at once, by `unit_no`."""

    instruments: Mapping[int, int]
    lagging: Mapping[int, int]

    @classmethod
    def of(cls, asked: Asked) -> Self:
        return cls(instruments_by_unit(asked.db), publicly_lagging(asked.db))


def list_units(asked: Asked) -> UnitPage:
    """Units narrowed by words in name or code, by state of their feed, by type.

    Only those of one page are looked at closely: there may be ten thousand.
    """
    counted, named = _Counts.of(asked), units_named(asked, asked.text("q") or "")
    shown = [unit for unit in named if _passes(asked, unit)]
    order = str(asked.values["sort"])
    shown.sort(key=lambda unit: (_rank(asked, unit, order, counted), _by_name(unit)))
    place = read_cursor(order, asked.text("cursor"), int)
    start = place[0] if place else 0
    stop = start + asked.number("limit")
    cursor = write_cursor(order, (stop,)) if stop < len(shown) else None
    page = tuple(_summary(asked, unit, counted) for unit in shown[start:stop])
    return UnitPage(page, len(shown), cursor)


def _passes(asked: Asked, unit: Unit) -> bool:
    state, kind = asked.text("state"), asked.text("type")
    if kind not in (None, unit.pub.get("type")):
        return False
    return state is None or state == asked.source(unit).state


def _rank(asked: Asked, unit: Unit, order: str, counted: _Counts) -> int:
    if order == "instruments":
        return -counted.instruments.get(unit.unit_no, 0)
    if order == "name":
        return 0
    age = asked.source(unit).age_seconds
    return -(2**53 if age is None else age)


def _by_name(unit: Unit) -> tuple[object, str]:
    return name_key(unit.name), unit.origin


def one_unit(asked: Asked) -> UnitDetail:
    """A unit with its record and the state of its public logs."""
    unit = asked.unit()
    states: Counter[str] = Counter()
    for (_, state), count in verdict_counts(asked.db, VerdictFilters(unit.unit_no)).items():
        states[state] += count
    return UnitDetail(
        unit=_summary(asked, unit, _Counts.of(asked)),
        standing=_standing(asked, unit),
        record=unit.pub,
        logs=tuple(_log_state(log) for log in unit.logs if log.public),
        findings=dict(states),
        refused=refusal_count(asked.db, unit.unit_no),
    )


def _summary(asked: Asked, unit: Unit, counted: _Counts) -> UnitSummary:
    return UnitSummary(
        uscc=unit.uscc,
        name_zh=unit.name,
        name_en=unit.pub.get("name_en"),
        type=unit.pub.get("type"),
        region_code=unit.pub.get("region_code"),
        origin=unit.origin,
        enrolment=unit.state,  # type: ignore[arg-type]  # the registry knows no other
        url=unit.url,
        instruments=counted.instruments.get(unit.unit_no, 0),
        lagging=counted.lagging.get(unit.unit_no, 0),
        source=asked.source(unit),
        ways=asked.ways(unit),
    )


def _standing(asked: Asked, unit: Unit) -> Standing:
    remarks = (said_of(asked.db, "reg", unit.origin) or {}).get("ext") or {}
    return Standing(
        remarks.get("reason"), remarks.get("since"), tuple(remarks.get("successors") or ())
    )


def _log_state(log: Log) -> LogState:
    return LogState(
        origin=log.origin,
        size=log.size,
        cosigned_size=log.cosigned_size,
        cosigned_at=None if log.cosigned_at is None else format_time(log.cosigned_at),
        quarantined=log.quarantined,
        ended=log.ended is not None,
    )
