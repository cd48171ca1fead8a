"""`/harvest`: how every log is had: last attempt, cause and cure, next attempt; visit one now."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from urllib.parse import urlencode

from fenhe_hub.console.addresses import seen_in_scope
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.harvest_list import HarvestList
from fenhe_hub.console.harvest_rows import HEALTH_LABELS, HarvestRow, Health, bytes_of
from fenhe_hub.console.table import Column, Filter, Table
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import RequestError

WAYS: Mapping[str, str] = {
    "visited": "巡访",
    "pushes": "推送",
    "below": "经下级平台",
    "suspended": "已暂停",
    "moved": "已迁走",
    "retired": "已退出",
}
_SOON = "马上"


def clock(posix: int | None) -> str:
    """A time as people write it; empty where there is none."""
    return format_time(posix)[:16].replace("T", " ") if posix else ""


def page_of(origin: str) -> str:
    """The page of one log."""
    return f"/harvest/log?{urlencode({'origin': origin})}"


def _next(row: HarvestRow) -> str:
    return _SOON if row.next_at == 0 else clock(row.next_at)


COLUMNS: tuple[Column[HarvestRow], ...] = (
    Column("unit", "单位", "unit", lambda r: r.unit.name, sorts=True,
           link=lambda r: page_of(r.log.origin)),
    Column("uscc", "代码", "code", lambda r: r.unit.uscc, sorts=True, form="wide short"),
    Column("log", "日志", "log", lambda r: r.log.name, sorts=True, form="short"),
    Column("health", "状况", "health", lambda r: HEALTH_LABELS[r.health], sorts=True, form="short"),
    Column("cause", "上次结果", "outcome", lambda r: r.cause, sorts=True),
    Column("advice", "怎么办", "what to do", lambda r: r.advice),
    Column("at", "上次", "last attempt", lambda r: clock(r.visit.at), sorts=True, form="date"),
    Column("seen", "最近确认", "confirmed", lambda r: clock(r.visit.seen_at), sorts=True,
           form="date"),
    Column("next", "下次", "next", _next, form="date"),
    Column("failures", "连续失败", "failures", lambda r: r.visit.failures, sorts=True,
           form="number"),
    Column("size", "条数", "leaves", lambda r: r.log.size, sorts=True, form="number"),
    Column("missing", "缺正文", "missing", lambda r: r.missing, sorts=True, form="number"),
    Column("refused", "退回", "refused", lambda r: r.refused, sorts=True, form="number"),
    Column("way", "方式", "way", lambda r: WAYS[r.way], sorts=True, form="wide short"),
)  # fmt: skip
TABLE = Table(
    "/harvest",
    "harvest",
    COLUMNS,
    "unit",
    (
        Filter("q", "单位、代码或日志"),
        Filter("health", "状况", HEALTH_LABELS),
        Filter("way", "方式", WAYS),
    ),
)


def show(asked: Asked) -> Answer:
    """Every log in the account's scope."""
    with _listed(asked) as source:
        found = source.counts()
        counts = {HEALTH_LABELS[each]: found.get(each, 0) for each in Health}
        context = {"counts": counts, "outside": seen_in_scope(asked)}
        return answer(asked.query, TABLE, source, "console/harvest.html", context, asked.now)


def _listed(asked: Asked) -> AbstractContextManager[HarvestList]:
    console = asked.console
    with console.index():  # made where there is none
        return HarvestList.open(console.hub, asked.now, staff_of(asked).units)


def show_one(asked: Asked) -> Answer:
    """One log, with everything that is known of the last attempt."""
    row = _row(asked, asked.query.get("origin", ""))
    context = {
        "row": row,
        "health": HEALTH_LABELS[row.health],
        "way": WAYS[row.way],
        "next": _next(row),
        "clock": clock,
        "bytes": bytes_of(asked.console.hub.home, row.log.origin),
        "may": staff_of(asked).may(Permission.OPERATE) and row.way in ("visited", "below"),
    }
    return Page("console/harvested.html", context)


async def visit_now(asked: Asked) -> Answer:
    """Let the planner go there at once, whatever pause it is in."""
    origin = asked.form.text("origin")
    row = await asyncio.to_thread(_row, asked, origin)
    await asyncio.to_thread(_tell, asked, row)
    asked.console.ring(origin)  # here, in the loop: the planner is no thread's
    return GoTo(page_of(origin), "已安排马上访问，几秒后刷新本页看结果")


def _tell(asked: Asked, row: HarvestRow) -> None:
    office, who = asked.console.office, staff_of(asked)
    with office.turn() as casework:
        office.do(
            *(casework, who, Permission.OPERATE, "node.visit_asked", row.log.origin),
            unit=row.unit.uscc,
        )


def _row(asked: Asked, origin: str) -> HarvestRow:
    """One of those in scope; of any other it is not even told that there is one."""
    with _listed(asked) as source:
        found = source.one(origin)
    if found is None:
        raise RequestError("register.absent", status=404, where=origin)
    return found


ROUTES = (
    Route("GET", "/harvest", show, Permission.SEE, Reach.OWN),
    Route("GET", "/harvest/log", show_one, Permission.SEE, Reach.OWN),
    Route("POST", "/harvest/visit", visit_now, Permission.OPERATE, Reach.OWN),
)
