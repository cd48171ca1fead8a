"""`/harvest/addresses`: whether what records name for everyone answers from outside (D12)."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.agenda.outcome_words import code_text
from fenhe_hub.console.asking import Answer, Asked, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.office.roles import Permission
from fenhe_hub.outside.book import Address, seen_outside
from fenhe_hub.outside.looking import Seen
from fenhe_protocol.encoding import format_time

STATES: Mapping[str, str] = {Seen.FAILS: "打不开", Seen.ANSWERS: "打得开", Seen.UNKNOWN: "没有看成"}


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address of a unit, and what was seen of it."""

    unit: str
    seen: Address

    @property
    def cause(self) -> str:
        """What the last look came to: a code with its words, or the status of the answer."""
        why = self.seen.why
        return f"{why} {code_text(why)}".strip() if not why.isdecimal() else f"HTTP {why}"


def clock(posix: int | None) -> str:
    """A time as people write it; empty where there is none."""
    return format_time(posix)[:16].replace("T", " ") if posix else ""


COLUMNS: tuple[Column[AddressRow], ...] = (
    Column("unit", "单位", "unit", lambda r: r.unit, sorts=True,
           link=lambda r: f"/unit/{r.seen.uscc}"),
    Column("uscc", "代码", "code", lambda r: r.seen.uscc, sorts=True, form="wide short"),
    Column("url", "网址", "address", lambda r: r.seen.url, sorts=True, form="long"),
    Column("state", "状况", "state", lambda r: STATES[r.seen.state], sorts=True, form="short"),
    Column("since", "打不开自", "failing since", lambda r: clock(r.seen.failing_since), sorts=True,
           form="date"),
    Column("answered", "最近打开", "last answered", lambda r: clock(r.seen.answered_at),
           sorts=True, form="date"),
    Column("looked", "最近查看", "last looked at", lambda r: clock(r.seen.looked_at), sorts=True,
           form="wide date"),
    Column("cause", "上次结果", "outcome", lambda r: r.cause, sorts=True),
)  # fmt: skip
TABLE = Table(
    "/harvest/addresses",
    "addresses",
    COLUMNS,
    "since",
    (Filter("q", "单位、代码或网址"), Filter("state", "状况", STATES)),
)
_MATCHES: Mapping[str, Callable[[AddressRow, str], bool]] = {
    "q": has_words(lambda r: f"{r.unit}\n{r.seen.uscc}\n{r.seen.url}"),
    "state": lambda r, text: r.seen.state == text,
}


def show(asked: Asked) -> Answer:
    """Every address in the account's scope that was looked at."""
    with asked.console.index() as db:
        rows = [*_rows(asked, db)]
    context = {"counts": counted(rows), "hours": asked.console.hub.config.probe_hours}
    source = Listed(COLUMNS, rows, _MATCHES)
    return answer(asked.query, TABLE, source, "console/addresses.html", context, asked.now)


def seen_in_scope(asked: Asked) -> dict[str, int]:
    """How many addresses of each state there are in the account's scope; empty for none."""
    within = staff_of(asked).units
    rows = [
        AddressRow(uscc, each)
        for uscc, known in seen_outside(asked.console.hub.home).items()
        if within is None or uscc in within
        for each in known.values()
    ]
    return counted(rows) if rows else {}


def addresses_of(asked: Asked, uscc: str, name: str) -> dict[str, Any]:
    """What a unit's own page says of its addresses: how many, and those that fail."""
    known = seen_outside(asked.console.hub.home).get(uscc, {})
    rows = [AddressRow(name, each) for each in known.values()]
    return {
        "counts": counted(rows),
        "failing": [each for each in rows if each.seen.state is Seen.FAILS],
        "clock": clock,
    }


def counted(rows: list[AddressRow]) -> dict[str, int]:
    """How many of each state, by its name."""
    return {label: sum(row.seen.state == state for row in rows) for state, label in STATES.items()}


def _rows(asked: Asked, db: sqlite3.Connection) -> Iterator[AddressRow]:
    within, names = staff_of(asked).units, UnitNames.read(db)
    called = {uscc: names.name(number) for number, uscc in names.codes.items()}
    for uscc, known in seen_outside(asked.console.hub.home).items():
        if within is None or uscc in within:
            yield from (AddressRow(called.get(uscc, uscc), each) for each in known.values())


ROUTES = (Route("GET", "/harvest/addresses", show, Permission.SEE, Reach.OWN),)
