"""`/units`: all units in the account's scope, and how each stands."""

from collections.abc import Callable, Mapping

from fenhe_hub.api.labels import source_label
from fenhe_hub.console.asking import Answer, Asked, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_rows import UnitRow, unit_rows
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import format_time

SOURCES = (
    *("ok", "stale", "refused", "quarantined", "never"),
    *("suspended", "moved", "retired"),
)


def _heard_at(row: UnitRow) -> str:
    return format_time(row.heard.heard_at) if row.heard.heard_at is not None else ""


def _open(state: str) -> Callable[[UnitRow], int]:
    return lambda row: row.open[state]


def _number(name: str, zh: str, en: str, value: Callable[[UnitRow], int]) -> Column[UnitRow]:
    return Column(name, zh, en, value, sorts=True, form="number")


COLUMNS: tuple[Column[UnitRow], ...] = (
    Column("name", "单位", "unit", lambda r: r.unit.name, sorts=True, link=lambda r: r.path),
    Column("uscc", "代码", "code", lambda r: r.unit.uscc, sorts=True, form="short wide"),
    Column("origin", "来源名", "origin", lambda r: r.unit.origin, sorts=True, form="wide"),
    Column("state", "数据", "feed", lambda r: source_label(r.heard.state).zh, sorts=True),
    Column(
        "heard",
        "最近确认",
        "last confirmed",
        _heard_at,
        sorts=True,
        form="date",
        text=lambda r: _heard_at(r)[:16].replace("T", " "),
    ),
    _number("instruments", "仪器", "instruments", lambda r: r.instruments),
    _number("overdue", "逾期", "overdue", _open("overdue")),
    _number("due", "待办", "due", _open("due")),
    _number("unknown", "无法判断", "unknown", _open("unknown")),
    _number("refused", "退回", "refused", lambda r: r.refused),
    _number("missing", "缺正文", "missing", lambda r: r.missing),
)
TABLE = Table(
    "/units",
    "units",
    COLUMNS,
    "name",
    (
        Filter("q", "名称或代码"),
        Filter("state", "数据", {state: source_label(state).zh for state in SOURCES}),
        Filter("overdue", "逾期", {"yes": "有", "no": "没有"}),
    ),
)
MATCHES: Mapping[str, Callable[[UnitRow, str], bool]] = {
    "q": has_words(lambda r: f"{r.unit.name}\n{r.unit.uscc}\n{r.unit.origin}"),
    "state": lambda r, text: r.heard.state == text,
    "overdue": lambda r, text: bool(r.open["overdue"]) == (text == "yes"),
}


def show(asked: Asked) -> Answer:
    """The list."""
    staff = staff_of(asked)
    with asked.console.index() as db:
        rows = unit_rows(db, asked.console.hub.home, asked.now, staff.units)
    source = Listed(COLUMNS, rows, MATCHES)
    return answer(asked.query, TABLE, source, "console/units.html", {}, asked.now)


ROUTES = (Route("GET", "/units", show, Permission.SEE, Reach.OWN),)
