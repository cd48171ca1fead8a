"""`/audit`: everything that anybody did, the newest first, as it stands in the hub's own log."""

from collections.abc import Mapping
from typing import Any

from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.act_rows import ActRows
from fenhe_hub.console.asking import Answer, Asked, Reach, Route
from fenhe_hub.console.table import Column, Filter, Table
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import format_time
from fenhe_protocol.fed import Act

_LONGEST = 300


def details_text(details: Mapping[str, Any]) -> str:
    """What an act tells besides, in one line."""
    told = "；".join(f"{name}: {value}" for name, value in details.items() if value != "")
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


COLUMNS: tuple[Column[Act], ...] = (
    Column(
        "at", "时间", "at", lambda a: format_time(a.at), sorts=True, form="date",
        text=lambda a: format_time(a.at)[:16].replace("T", " "),
    ),
    Column("by", "账号", "by", lambda a: a.by),
    Column("name", "事项", "what", lambda a: a.name, text=lambda a: act_name(a.name)),
    Column("subject", "对象", "subject", lambda a: a.subject),
    Column("details", "内容", "details", lambda a: details_text(a.details)),
    Column("number", "编号", "number", lambda a: a.number, form="wide"),
)  # fmt: skip


def show(asked: Asked) -> Answer:
    """The acts, by account, kind, subject or unit, and day."""
    with asked.console.casework() as casework:
        source = ActRows(casework.db)
        table = Table(
            "/audit",
            "audit",
            COLUMNS,
            "-at",
            (
                Filter("by", "账号"),
                Filter("name", "事项", {name: act_name(name) for name in source.names()}),
                Filter("about", "对象或单位代码"),
                Filter("since", "自（年-月-日）"),
                Filter("until", "至（年-月-日）"),
            ),
        )
        return answer(asked.query, table, source, "console/audit.html", {}, asked.now)


ROUTES = (Route("GET", "/audit", show, Permission.AUDIT, Reach.PROVINCE),)
