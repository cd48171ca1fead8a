"""`complaints-key`: what opens the words of complaints, under a passphrase of the handlers."""

import argparse
from pathlib import Path

from fenhe_client.keys.typed_passphrase import HELP, read_passphrase
from fenhe_hub.feedback.handlers_key import (
    HandlersKey,
    change_passphrase,
    file_of,
    handlers_keys,
    make_key,
    unlock,
)
from fenhe_hub.home import open_home
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.visiting.workshop import system_clock

_WHAT = "投诉密钥的口令 passphrase of the complaints' key"
_NEW = "新的口令 the new passphrase"
_KEEP = (
    "请把此文件和口令分开另存副本: 丢了任何一样, 密封的投诉谁也打不开. "
    "Keep a copy of the file and, elsewhere, of the passphrase: without both nobody reads anything"
)


def add_commands(commands: Commands) -> None:
    """`complaints-key`."""
    parser = add_command(
        commands, "complaints-key", "投诉密钥 the key that opens complaints", _run, reports=True
    )
    parser.add_argument(
        "do",
        choices=("new", "list", "check", "passphrase"),
        help="新建或更换 make one more; 列出 list; 核对口令 try the passphrase; 改口令 change it",
    )
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)
    parser.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help=HELP)


def _run(options: argparse.Namespace) -> int:
    home = open_home(options.home)
    if options.do == "new":
        first = not handlers_keys(home)
        make_key(home, _passphrase(options.passphrase_file, _WHAT, again=first), system_clock())
    elif options.do == "passphrase":
        old = _passphrase(options.passphrase_file, _WHAT)
        change_passphrase(home, old, _passphrase(options.new_passphrase_file, _NEW, again=True))
    elif options.do == "check":
        unlock(home, _passphrase(options.passphrase_file, _WHAT))
    keys = handlers_keys(home)
    told = [{"id": key.id, "made": key.made} for key in keys]
    lines = [*map(_line, keys), *([_KEEP, str(file_of(home))] if options.do == "new" else [])]
    show({"keys": told, "file": str(file_of(home))}, "\n".join(lines), as_json=options.json)
    return 0


def _line(key: HandlersKey) -> str:
    return f"{key.made}  {key.id}"


def _passphrase(file: Path | None, what: str, *, again: bool = False) -> str:
    return read_passphrase(file, "complaint.passphrase", what, again=again)
