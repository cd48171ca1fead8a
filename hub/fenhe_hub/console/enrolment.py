"""`/enrolment`: units on their way in; two fingerprints side by side, and what was decided."""

import asyncio
from collections.abc import Callable, Mapping

from fenhe_hub.casework.applications import (
    STAGE_LABELS,
    Application,
    Stage,
    application,
    applications,
)
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.desk import applying
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.terminal import grouped

STAGES: Mapping[str, str] = {stage.value: zh for stage, (zh, _) in STAGE_LABELS.items()}
_OPEN = "open"

COLUMNS: tuple[Column[Application], ...] = (
    Column(
        "number", "编号", "number", lambda a: a.number, sorts=True, form="short",
        link=lambda a: f"/enrolment/{a.number}",
    ),
    Column("state", "状态", "state", lambda a: STAGES[a.state], sorts=True, form="short"),
    Column("origin", "来源名", "origin", lambda a: a.origin, sorts=True),
    Column("uscc", "单位代码", "unit", lambda a: a.uscc, sorts=True, form="wide"),
    Column("url", "地址", "address", lambda a: a.url, form="wide"),
    Column("reason", "原因", "reason", lambda a: a.reason or trouble_text(a.trouble)),
    Column("opened", "收到", "opened", lambda a: date_at(a.opened_at), sorts=True, form="date"),
    Column("changed", "办理", "changed", lambda a: date_at(a.changed_at), sorts=True, form="date"),
    Column("by", "经办", "by", lambda a: a.by, form="wide"),
)  # fmt: skip
TABLE = Table(
    "/enrolment",
    "enrolment",
    COLUMNS,
    "-number",
    (Filter("q", "编号、来源名或代码"), Filter("state", "状态", {_OPEN: "未办结", **STAGES})),
)
_MATCHES: Mapping[str, Callable[[Application, str], bool]] = {
    "q": has_words(lambda a: f"{a.number}\n{a.origin}\n{a.uscc}\n{a.url}"),
    "state": lambda a, text: a.is_open if text == _OPEN else a.state == text,
}


def trouble_text(code: str) -> str:
    """Why nothing was seen, in words."""
    return TEXTS[code].zh if code in TEXTS else code


def show(asked: Asked) -> Answer:
    """All of them, and the form by which one is taken up."""
    with asked.console.casework() as casework:
        found = applications(casework.db)
    context = {"may": staff_of(asked).may(Permission.ENROL)}
    source = Listed(COLUMNS, found, _MATCHES)
    return answer(asked.query, TABLE, source, "console/enrolment.html", context, asked.now)


async def take_up(asked: Asked) -> Answer:
    """Take up a unit by its address, or by the document that it brought."""
    form, office = asked.form, asked.console.office
    who = await asyncio.to_thread(staff_of, asked)
    if "root1" in form.uploads:
        act = await asyncio.to_thread(_brought, asked)
    else:
        private = bool(form.text("private"))
        act = await applying.open_application(office, who, form.text("url"), allow_private=private)
    return GoTo(f"/enrolment/{act.subject}", f"已收 {act.subject}，请核对指纹")


def _brought(asked: Asked) -> Act:
    upload = asked.form.upload("root1")
    if upload.size > DEFAULTS.note_bytes:
        raise InputError("register.value", where="root/1", expected=f"≤ {DEFAULTS.note_bytes} B")
    raw = upload.path.read_bytes()
    return applying.bring_document(asked.console.office, staff_of(asked), raw)


def show_one(asked: Asked) -> Answer:
    """One unit: what its node serves, what was read over the phone, what to do."""
    with asked.console.casework() as casework:
        found = application(casework.db, asked.parts["number"])
        if found is None:
            raise RequestError("register.absent", status=404, where=asked.parts["number"])
        listed = obliged_unit(casework.db, found.uscc) if found.uscc else None
    context = {
        "one": found,
        "stage": STAGES[found.state],
        "served": grouped(found.served) if found.served else "",
        "trouble": trouble_text(found.trouble),
        "listed": listed,
        "on_sheet": grouped(listed.fingerprint) if listed and listed.fingerprint else "",
        "may": staff_of(asked).may(Permission.ENROL),
    }
    return Page("console/application.html", context)


async def admit(asked: Asked) -> Answer:
    """Enrol by the fingerprint that was read over the phone."""
    number = asked.parts["number"]
    who = await asyncio.to_thread(staff_of, asked)
    unit = await applying.admit(asked.console.office, who, number, asked.form.text("fingerprint"))
    return GoTo(f"/enrolment/{number}", f"已登记 {unit.origin}；下一轮写进平台日志，随后开始巡访")


async def look(asked: Asked) -> Answer:
    """Ask the node once more."""
    number = asked.parts["number"]
    who = await asyncio.to_thread(staff_of, asked)
    await applying.look_again(asked.console.office, who, number)
    return GoTo(f"/enrolment/{number}", "已重新读取")


def _step(stage: Stage, said: str) -> Callable[[Asked], Answer]:
    def step(asked: Asked) -> Answer:
        number, reason = asked.parts["number"], asked.form.text("reason")
        applying.decide(asked.console.office, staff_of(asked), number, stage, reason)
        return GoTo(f"/enrolment/{number}", said)

    return step


ROUTES = (
    Route("GET", "/enrolment", show, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/enrolment", take_up, Permission.ENROL, Reach.PROVINCE),
    Route("GET", "/enrolment/{number}", show_one, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/enrolment/{number}", admit, Permission.ENROL, Reach.PROVINCE),
    Route("POST", "/enrolment/{number}/look", look, Permission.ENROL, Reach.PROVINCE),
    Route(
        "POST", "/enrolment/{number}/hold", _step(Stage.HELD, "已暂缓"),
        Permission.ENROL, Reach.PROVINCE,
    ),
    Route(
        "POST", "/enrolment/{number}/resume", _step(Stage.WAITING, "已恢复办理"),
        Permission.ENROL, Reach.PROVINCE,
    ),
    Route(
        "POST", "/enrolment/{number}/refuse", _step(Stage.REFUSED, "已不予登记，原因已记录"),
        Permission.ENROL, Reach.PROVINCE,
    ),
)  # fmt: skip
