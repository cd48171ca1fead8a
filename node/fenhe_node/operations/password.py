"""`password`: who may sign in to the console from elsewhere."""

import argparse

from fenhe_client.console import passwords
from fenhe_client.console.typed_password import typed_password
from fenhe_node.home import Home, open_home
from fenhe_node.operations.options import Commands, add_command
from fenhe_node.report import Report

DEFAULT = "admin"


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(
        commands, "password", "管理台口令 the password of the console", run_password
    )
    command.add_argument(
        "name", nargs="?", default=DEFAULT, metavar="NAME", help="账号, 记入修改历史 who signs in"
    )
    command.add_argument("--remove", action="store_true", help="删除账号 take it away")
    command.add_argument("--list", action="store_true", help="列出账号 name all accounts")


def run_password(options: argparse.Namespace) -> Report:
    """Ask for a password twice (or read a line that is piped in), and keep its scrypt."""
    home = open_home(options.home)
    if options.list:
        return _known(home)
    if options.remove:
        passwords.remove(home.passwords, options.name)
        return _known(home)
    passwords.set_password(home.passwords, options.name, typed_password())
    text = (
        f"已设置 {options.name} 的口令: 从此管理台须登录, 已登录的须重新登录\n"
        "the console asks for it from now on; whoever is signed in by an older one is out"
    )
    return Report(text, {"name": options.name})


def _known(home: Home) -> Report:
    names = sorted(passwords.accounts(home.passwords))
    text = "、".join(names) or "没有账号: 管理台只在本机可用; no accounts: for this machine alone"
    return Report(text, {"names": names})
