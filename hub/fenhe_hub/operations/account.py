"""`account`: who may sign in to the console, as what. The first administrator is made here."""

import argparse
import time

from fenhe_client.console.typed_password import typed_password
from fenhe_hub.casework.accounts import Account, accounts
from fenhe_hub.hub import open_hub
from fenhe_hub.office.account_keeping import (
    change_account,
    end_account,
    make_account,
    set_password,
)
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import ROLE_LABELS, Role
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_protocol.encoding import date_at
from fenhe_protocol.terminal import table

_HEADS = ("账号 account", "角色 role", "部门 authority", "自 since", "")


def add_commands(commands: Commands) -> None:
    """`account`."""
    command = add_command(
        commands, "account", "管理台账号 who may sign in to the console", _account
    )
    command.add_argument(
        "do",
        choices=("add", "change", "password", "end", "list"),
        help="新增、改角色、改口令、停用、列出 what to do",
    )
    command.add_argument("name", nargs="?", default="", metavar="NAME", help="账号 the account")
    command.add_argument("--role", choices=list(Role), default=Role.VIEWER, help="角色 its role")
    command.add_argument(
        "--authority",
        default="",
        metavar="NUMBER",
        help="所属主管部门的编号；空为全省 of which authority; empty: the whole province",
    )
    command.add_argument(
        "--no-password",
        action="store_true",
        help="不设口令，只用统一身份登录 none: it comes in by single sign-on alone",
    )


def _account(options: argparse.Namespace) -> int:
    office = Office(open_hub(options.home), lambda: int(time.time()))
    match options.do:
        case "add":
            password = "" if options.no_password else typed_password()
            make_account(office, THE_HUB, options.name, options.role, options.authority, password)
        case "change":
            change_account(office, THE_HUB, options.name, options.role, options.authority)
        case "password":
            set_password(office, THE_HUB, options.name, typed_password())
        case "end":
            end_account(office, THE_HUB, options.name)
    with office.casework() as casework:
        known = accounts(casework.db)
    rows = [_row(each) for each in known]
    text = table([_HEADS, *rows]) if rows else "没有账号 no accounts"
    show([_facts(each) for each in known], text, as_json=options.json)
    return 0


def _row(each: Account) -> tuple[str, ...]:
    role = ROLE_LABELS[Role(each.role)][0]
    ended = f"已停用 ended {date_at(each.ended_at)}" if each.ended_at is not None else ""
    return each.name, role, each.authority, date_at(each.made_at), ended


def _facts(each: Account) -> dict[str, object]:
    ended = None if each.ended_at is None else date_at(each.ended_at)
    return {
        **{"name": each.name, "role": each.role, "authority": each.authority},
        **{"since": date_at(each.made_at), "ended": ended},
    }
