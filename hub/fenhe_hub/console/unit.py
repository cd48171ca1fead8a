"""`/unit/{unit}`: one unit: how it stands, counts at each station, what happened, what is open."""

import sqlite3
from datetime import date
from typing import Any

from fenhe_hub.api.labels import source_label, state_label
from fenhe_hub.casework.authorities import authorities_of
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.console.act_rows import ActRows
from fenhe_hub.console.addresses import addresses_of
from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route
from fenhe_hub.console.audit import COLUMNS as ACT_COLUMNS
from fenhe_hub.console.finding_rows import STATES, FindingRow, FindingRows, concerned
from fenhe_hub.console.table import Filter, Table, View
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.console.unit_stations import stations
from fenhe_hub.console.unit_story import story
from fenhe_hub.index.read import Unit, unit_with_code
from fenhe_hub.index.source import heard, last_visits
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

_MOST_OPEN = 20
STANDINGS = {"enrolled": "已登记", "suspended": "已暂停", "moved": "已迁走", "retired": "已退出"}


def show(asked: Asked) -> Answer:
    """All that there is on a unit, also on one that is obliged and not enrolled yet."""
    uscc, console = asked.parts["unit"], asked.console
    today = date.fromisoformat(date_at(asked.now))
    with console.index() as db, console.casework() as work:
        unit, listed = unit_with_code(db, uscc), obliged_unit(work.db, uscc)
        if unit is None and listed is None:
            raise RequestError("request.absent", status=404, where=uscc)
        context: dict[str, Any] = {
            "uscc": uscc,
            "unit": unit,
            "obliged": listed,
            "name": unit.name if unit else listed.name if listed else uscc,
            "authorities": authorities_of(work.db, uscc, today),
            "kind": concerned,
            "states": {state: state_label(state).zh for state in STATES},
            "public": f"{console.reading.url}/u/{uscc}" if unit else "",
        }
        if unit is not None:
            context |= _enrolled(asked, unit, db, work.db)
    return Page("console/unit.html", context)


def _enrolled(
    asked: Asked, unit: Unit, db: sqlite3.Connection, casework: sqlite3.Connection
) -> dict[str, Any]:
    console = asked.console
    now = heard(unit, last_visits(console.hub.home.visits), asked.now)
    open_ones = _open(db, unit)
    return {
        "heard": now,
        "source": source_label(now.state).zh,
        "standing": STANDINGS.get(unit.state, unit.state),
        "open": open_ones,
        "outside": addresses_of(asked, unit.uscc, unit.name),
        "stations": stations(db, casework, unit),
        "story": story(unit, db, casework, open_ones, console.reading.url),
    }


def _open(db: sqlite3.Connection, unit: Unit) -> list[FindingRow]:
    """What is overdue, then what is due: a page of it."""
    source = FindingRows(db, UnitNames.read(db), frozenset({unit.uscc}))
    return list(source.rows(View({"state": "open"}, "due"), _MOST_OPEN, 0))


def show_acts(asked: Asked) -> Answer:
    """Everything that was done about a unit."""
    uscc = asked.parts["unit"]
    table = Table(
        f"/unit/{uscc}/acts",
        f"acts-{uscc}",
        ACT_COLUMNS,
        "-at",
        (
            Filter("by", "账号"),
            Filter("since", "自（年-月-日）"),
            Filter("until", "至（年-月-日）"),
        ),
    )
    with asked.console.casework() as work:
        source = ActRows(work.db, uscc)
        context = {"uscc": uscc}
        return answer(asked.query, table, source, "console/unit_acts.html", context, asked.now)


ROUTES = (
    Route("GET", "/unit/{unit}", show, Permission.SEE, Reach.UNIT),
    Route("GET", "/unit/{unit}/acts", show_acts, Permission.SEE, Reach.UNIT),
)
