"""`/registry`: who is enrolled and how it stands; suspended, resumed, moved, retired, succeeded."""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.subjects import names_of_units
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.desk.standing import change_standing, known, look_now
from fenhe_hub.office.roles import Permission
from fenhe_hub.registry.enrolled import STATES, Enrolment, Registry
from fenhe_protocol.errors import InputError
from fenhe_protocol.terminal import grouped

STATE_NAMES: Mapping[str, str] = {
    "enrolled": "已登记",
    "suspended": "已暂停",
    "moved": "已迁走",
    "retired": "已退出",
}
_STEPS: Mapping[str, tuple[str, ...]] = {
    "enrolled": ("suspended", "moved", "retired"),
    "suspended": ("enrolled", "moved", "retired"),
    "moved": ("enrolled", "moved", "retired"),
    "retired": ("enrolled", "retired"),
}
_VERBS: Mapping[str, tuple[str, str]] = {
    "suspended": ("暂停展示", "它的一切都不再展示，也不再收取，恢复以后照旧"),
    "enrolled": ("恢复", "照常展示和收取"),
    "moved": ("迁走", "改由别处发布：写出接替的来源名；原来的记录不再能检索到，旧链接仍打得开"),
    "retired": ("退出", "不再发布。合并：各单位都写同一个接替；分立：写几个接替"),
}


def _way(unit: Enrolment) -> str:
    if unit.learned:
        return "经下级平台"
    if unit.is_hub:
        return f"下级平台（{unit.depth} 层）"
    return "推送" if unit.pushes else "巡访"


def page_of(origin: str) -> str:
    """The page of one unit of the registry."""
    return f"/registry/unit?{urlencode({'origin': origin})}"


def _columns(names: Mapping[str, str]) -> tuple[Column[Enrolment], ...]:
    return (
        Column("unit", "单位", "unit", lambda u: names.get(u.uscc, u.uscc), sorts=True),
        Column(
            "origin", "来源名", "origin", lambda u: u.origin, sorts=True,
            link=lambda u: page_of(u.origin),
        ),
        Column("uscc", "单位代码", "code", lambda u: u.uscc, sorts=True, form="short wide"),
        Column("state", "状态", "state", lambda u: STATE_NAMES[u.state], sorts=True, form="short"),
        Column("since", "状态自", "since", lambda u: u.since, sorts=True, form="date"),
        Column("reason", "原因", "reason", lambda u: u.reason),
        Column("successors", "接替", "successors", lambda u: ", ".join(u.successors)),
        Column("way", "方式", "way", _way, sorts=True, form="short"),
        Column("url", "地址", "address", lambda u: u.url, form="wide"),
    )  # fmt: skip


def show(asked: Asked) -> Answer:
    """Everyone in the registry."""
    names = names_of_units(asked)
    columns = _columns(names)
    filters = (Filter("q", "单位、来源名、代码或地址"), Filter("state", "状态", STATE_NAMES))
    matches: Mapping[str, Callable[[Enrolment, str], bool]] = {
        "q": has_words(lambda u: f"{names.get(u.uscc, '')}\n{u.origin}\n{u.uscc}\n{u.url}"),
        "state": lambda u, text: u.state == text,
    }
    table = Table("/registry", "registry", columns, "origin", filters)
    source = Listed(columns, list(_registry(asked)), matches)
    return answer(asked.query, table, source, "console/registry.html", {}, asked.now)


def show_one(asked: Asked) -> Answer:
    """One unit as the registry has it, and what can be done with it."""
    unit = known(_registry(asked), asked.query.get("origin", ""))
    context = {
        "one": unit,
        "name": names_of_units(asked).get(unit.uscc, unit.uscc),
        "state": STATE_NAMES[unit.state],
        "way": _way(unit),
        "fingerprint": grouped(unit.root1),
        "steps": [(step, *_VERBS[step]) for step in _STEPS[unit.state]],
        "may": staff_of(asked).may(Permission.ENROL),
    }
    return Page("console/registered.html", context)


def change(asked: Asked) -> Answer:
    """Let it stand otherwise from today on."""
    form = asked.form
    state, origin = form.text("state"), form.text("origin")
    if state not in STATES:
        raise InputError("register.value", where="state", expected=", ".join(STATES), found=state)
    successors = form.text("successors").split()
    office, who = asked.console.office, staff_of(asked)
    unit = change_standing(office, who, origin, state, form.text("reason"), successors)
    return GoTo(page_of(unit.origin), f"{STATE_NAMES[state]}；下一轮写进平台日志，向外公布")


async def look(asked: Asked) -> Answer:
    """Read its next root document now: a key or an address changed."""
    origin = asked.form.text("origin")
    who = await asyncio.to_thread(staff_of, asked)
    read = await look_now(asked.console.office, who, origin)
    if read.refused is not None:
        return GoTo(page_of(origin), f"下一份根文档不可信：{read.refused}", bad=True)
    new = "、".join(str(each.n) for each in read.added)
    return GoTo(page_of(origin), f"新读到根文档 {new}" if new else "没有新的根文档")


def _registry(asked: Asked) -> Registry:
    return Registry(asked.console.hub.home.registry_file)


ROUTES = (
    Route("GET", "/registry", show, Permission.SEE, Reach.PROVINCE),
    Route("GET", "/registry/unit", show_one, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/registry/unit", change, Permission.ENROL, Reach.PROVINCE),
    Route("POST", "/registry/look", look, Permission.ENROL, Reach.PROVINCE),
)
