"""Who may sign in to the hub's console in a demonstration, by a password made for this run."""

import secrets

from deploy.demo.stage import Stage

ROLES = {
    "jingban": ("operator", "经办: 准备、登记、提议"),
    "shending": ("decider", "审定: 主管部门决定"),
    "guanli": ("administrator", "系统管理: 账号、规则、日志"),
}
AUTHORITY = "kjt"
LISTED = f"编号,名称,类别,层级,全部单位,自\n{AUTHORITY},示例科技厅,科技,省级,是,2015-11-03\n"


def open_office(stage: Stage) -> str:
    """Make the accounts; what to type, in lines."""
    password = secrets.token_urlsafe(12)
    home = str(stage.folder / "hub")
    listed = stage.folder / "主管部门.csv"
    listed.write_text(LISTED, encoding="utf-8")
    stage.hub("take-list", "authorities", str(listed))
    for name, (role, _) in ROLES.items():
        scope = ("--authority", AUTHORITY) if role == "decider" else ()
        command = ("--home", home, "account", "add", name, "--role", role, *scope)
        stage.programs.answer("fenhe-hub", *command, said=f"{password}\n")
    lines = [f"  {name:<10}{what}" for name, (_, what) in ROLES.items()]
    return "\n".join([f"省平台管理台的账号 accounts, 口令 password: {password}", *lines])
