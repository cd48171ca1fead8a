"""`keys`, `rotate-key`, `root-document`, `set-url`: the hub's next root document (feed §5)."""

import argparse
import asyncio
from collections.abc import Callable

from fenhe_client.keys.key_rotation import PURPOSES
from fenhe_client.keys.root_commands import Office, Work, add_rotate, commands, rotate_key, set_url
from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.config import follow_address
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub, own_roots
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.visiting.workshop import system_clock
from fenhe_hub.witnessing.before_signing import refuse_if_behind

IN_PART = 4
# A hub that was set back would make a second document of a number that it has signed.
_PROPOSING = (rotate_key, set_url)


def add_commands(commands_: Commands) -> None:
    """The four."""
    rotate = add_command(commands_, "rotate-key", "更换密钥 rotate a key", _run(rotate_key))
    add_rotate(rotate, PURPOSES)
    for name, text, work, add_options in commands():
        add_options(add_command(commands_, name, text, _run(work)))


def root_desk(hub: Hub) -> RootDesk:
    """Where this hub's root documents are made."""
    home = hub.home
    heads, command = HeadStore(home.heads), hub.config.root_sign_command
    return RootDesk(home.root_next, hub.keys, own_roots(home), heads, command)


def _run(work: Work) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        hub = open_hub(options.home)
        if work in _PROPOSING:
            asyncio.run(refuse_if_behind(hub))
        # `serve` signs `fed` under the same lock: no head is signed between bound and document.
        with locked(hub.home.path / "fed.lock"):
            before = hub.root.url
            told = work(options, Office(root_desk(hub), hub.home.keys, system_clock()))
            follow_address(hub.home.config_file, before, hub.root.url)
        show(told.facts, told.text, as_json=options.json)
        return 0 if told.done else IN_PART

    return run
