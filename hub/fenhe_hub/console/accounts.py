"""`/accounts`: who may sign in, as what and for whom; `/password`: one's own password."""

import asyncio
from collections.abc import Callable, Mapping

from fenhe_client.console import passwords
from fenhe_client.console.sign_in import check_pace
from fenhe_hub.casework.accounts import Account, accounts
from fenhe_hub.casework.authorities import authorities
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.account_keeping import (
    change_account,
    end_account,
    make_account,
    set_password,
)
from fenhe_hub.office.roles import ROLE_LABELS, Permission, Role
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError

ROLES: Mapping[str, str] = {role.value: zh for role, (zh, _) in ROLE_LABELS.items()}
LIVING, ENDED = "living", "ended"

_COLUMNS: tuple[Column[Account], ...] = (
    Column("name", "账号", "account", lambda a: a.name, sorts=True),
    Column("role", "角色", "role", lambda a: ROLES.get(a.role, a.role), sorts=True),
    Column(
        "authority",
        "主管部门",
        "authority",
        lambda a: a.authority,
        sorts=True,
        text=lambda a: a.authority or "全省",
    ),
    Column("since", "自", "since", lambda a: date_at(a.made_at), sorts=True, form="date"),
    Column(
        "ended",
        "停用",
        "ended",
        lambda a: date_at(a.ended_at) if a.ended_at is not None else "",
        sorts=True,
        form="date",
    ),
)
TABLE = Table(
    "/accounts",
    "accounts",
    _COLUMNS,
    "name",
    (
        Filter("q", "账号或部门"),
        Filter("role", "角色", ROLES),
        Filter("state", "状态", {LIVING: "在用", ENDED: "已停用"}),
    ),
)
_MATCHES: Mapping[str, Callable[[Account, str], bool]] = {
    "q": has_words(lambda a: f"{a.name}\n{a.authority}"),
    "role": lambda a, text: a.role == text,
    "state": lambda a, text: (a.ended_at is None) == (text == LIVING),
}


def show(asked: Asked) -> Answer:
    """All accounts, and the forms by which they are made and changed."""
    with asked.console.casework() as casework:
        found = accounts(casework.db)
        departments = [(each.number, each.name) for each in authorities(casework.db)]
    context = {
        "living": [each.name for each in found if each.ended_at is None],
        "departments": departments,
        "roles": ROLES,
        "permits": _PERMITS,
    }
    source = Listed(_COLUMNS, found, _MATCHES)
    return answer(asked.query, TABLE, source, "console/accounts.html", context, asked.now)


_PERMITS: Mapping[str, str] = {
    Role.VIEWER: "查看、导出",
    Role.OPERATOR: "查看；登记单位；准备和提出通知、措施、豁免；受理投诉",
    Role.DECIDER: "查看；在本部门范围内按文件作决定；受理投诉",
    Role.ADMINISTRATOR: "查看；账号、主管部门、规则集；看日志",
    Role.AUDITOR: "查看；看日志",
}


def make(asked: Asked) -> Answer:
    """Make one."""
    name, role, number = (asked.form.text(each) for each in ("name", "role", "authority"))
    password = asked.form.fields.get("password", "")
    if not password:
        raise InputError("console.weak", expected=f"≥ {passwords.SHORTEST}")
    make_account(asked.console.office, staff_of(asked), name, role, number, password)
    return GoTo("/accounts", f"已设账号 {name}")


def change(asked: Asked) -> Answer:
    """Give one another role or authority."""
    name, role, number = (asked.form.text(each) for each in ("name", "role", "authority"))
    change_account(asked.console.office, staff_of(asked), name, role, number)
    return GoTo("/accounts", f"已改账号 {name}；须重新登录")


def end(asked: Asked) -> Answer:
    """Let one come in no more."""
    name = asked.form.text("name")
    end_account(asked.console.office, staff_of(asked), name)
    return GoTo("/accounts", f"已停用账号 {name}")


def set_anothers(asked: Asked) -> Answer:
    """Give somebody who forgot it another password."""
    name, password = asked.form.text("name"), asked.form.fields.get("password", "")
    set_password(asked.console.office, staff_of(asked), name, password)
    return GoTo("/accounts", f"已设 {name} 的口令")


def show_own(asked: Asked) -> Answer:
    """The form for one's own password."""
    return Page("console/password.html")


async def set_own(asked: Asked) -> Answer:
    """Another password for oneself, by whoever knows the present one."""
    check_pace(asked)
    console, who = asked.console, await asyncio.to_thread(staff_of, asked)
    file, form = console.hub.home.passwords, asked.form.fields
    async with console.door.attempts.turn:
        good = await asyncio.to_thread(passwords.verify, file, who.account, form.get("present", ""))
    if not good:
        raise InputError("account.wrong")
    console.door.attempts.right(asked.peer)
    if form.get("password", "") != form.get("again", ""):
        raise InputError("console.twice")
    await asyncio.to_thread(
        set_password, console.office, who, who.account, form.get("password", "")
    )
    return GoTo("/sign-in", "已改口令，请重新登录")


ROUTES = (
    Route("GET", "/accounts", show, Permission.MANAGE, Reach.PROVINCE),
    Route("POST", "/accounts", make, Permission.MANAGE, Reach.PROVINCE),
    Route("POST", "/accounts/change", change, Permission.MANAGE, Reach.PROVINCE),
    Route("POST", "/accounts/end", end, Permission.MANAGE, Reach.PROVINCE),
    Route("POST", "/accounts/password", set_anothers, Permission.MANAGE, Reach.PROVINCE),
    Route("GET", "/password", show_own, Permission.SEE, Reach.OWN),
    Route("POST", "/password", set_own, Permission.SEE, Reach.OWN),
)
