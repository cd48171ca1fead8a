"""`rebuild` and `dump`: the index is derived, and that can be tried at any time."""

import argparse
import sys
import time
from contextlib import closing

from fenhe_hub.home import locked
from fenhe_hub.hub import open_hub
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.terminal import table


def add_commands(commands: Commands) -> None:
    """`rebuild`, `dump`."""
    add_command(commands, "rebuild", "由镜像重建索引 make the index again", _rebuild)
    add_command(
        commands,
        "dump",
        "按固定顺序输出索引 print the index, one JSON line a row",
        _dump,
        reports=False,
    )


def _rebuild(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    sizes: dict[str, int] = {}
    start = time.monotonic()
    rebuild(hub, sizes.__setitem__)
    seconds = round(time.monotonic() - start, 1)
    rows = [*sizes.items(), ("total", f"{sum(sizes.values())}  {seconds} s")]
    show({"logs": sizes, "seconds": seconds}, table([("log", "size"), *rows]), as_json=options.json)
    return 0


def _dump(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    with (
        locked(hub.home.path / "index.lock", shared=True),
        closing(open_index(hub.home.index)) as db,
    ):
        for line in dump_index(db):
            sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    return 0
