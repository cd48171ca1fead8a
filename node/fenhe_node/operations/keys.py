"""`keys`, `rotate-key`, `root-document`, `set-url`: the unit's next root document (feed §5)."""

import argparse
from collections.abc import Callable

from fenhe_client.keys.root_commands import Office, Told, Work, add_rotate, commands, rotate_key
from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.config import follow_address
from fenhe_node.home import alone
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.publishing.heads import root_files
from fenhe_node.report import Exit, Report

PURPOSES = ("log", "root", "request")


def add_commands(commands_: Commands) -> None:
    """Add the four."""
    rotate = add_command(commands_, "rotate-key", "更换密钥 rotate a key", _run(rotate_key))
    add_rotate(rotate, PURPOSES)
    for name, text, work, add_options in commands():
        add_options(add_command(commands_, name, text, _run(work)))


def root_desk(node: Node) -> RootDesk:
    """Where this node's root documents are made."""
    home = node.home
    heads = HeadStore(home.heads)
    command = node.config.root_sign_command
    return RootDesk(home.root_next, node.keys, root_files(home), heads, command)


def _run(work: Work) -> Callable[[argparse.Namespace], Report]:
    def run(options: argparse.Namespace) -> Report:
        node = open_node(options.home)
        with alone(node.home):
            before = node.root.url
            told = work(options, Office(root_desk(node), node.home.keys, now()))
            follow_address(node.home.config_file, before, node.root.url)
        return _report(told)

    return run


def _report(told: Told) -> Report:
    return Report(told.text, told.facts, Exit.DONE if told.done else Exit.IN_PART)
