"""Processes of a node or a hub that are killed at one of their writes. Start at `killed_at`.

Each function is what such a process does; it is a process of its own, and nothing of it is cleaned
up. Writes are what goes to the disk (`fenhe_client.stored.disk`), heads that are promised, and
whole transactions of a node's store.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import fenhe_node.cli
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.operations.restore import bring_back
from fenhe_hub.visiting.workshop import sync_once, system_clock
from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.node import open_node
from fenhe_node.publishing.publish import publish
from fenhe_node.store import Store
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from tests.federation.restoring_house import late_pen
from tests.forked import Forked
from tests.node.homes import put

WRITES = (
    *((Disk, name) for name in ("make_folder", "write", "flush", "rename", "unlink")),
    (Disk, "flush_filesystem"),
    (HeadStore, "advance"),
    (Store, "transaction"),
)


async def killed_at(write: int, main: Callable[..., None], home: Path, *more: Any) -> bool:
    """Let this happen to a home and kill it before its nth write; whether it came so far."""
    log = home.parent / "killed.log"
    code = await asyncio.to_thread(lambda: Forked(_doomed, log, write, main, home, *more).wait())
    assert code in (-signal.SIGKILL, 0), log.read_text("utf-8")
    return code != 0


# In the process that is killed.


def publish_records(home: Path, whole: Sequence[dict[str, Any]]) -> None:
    node = open_node(home)
    put(node, whole)
    publish(late_pen(node), SchemaSet.load())


def erase_record(home: Path, name: str) -> None:
    with suppress(InputError):  # there is none, or nothing of it to erase
        erase(late_pen(open_node(home)), SchemaSet.load(), Wish("law", "instrument", (name,)))


def run_node(home: Path, *command: str) -> None:
    fenhe_node.cli.main(["--home", str(home), *command])


def sync_hub(home: Path, later: int) -> None:
    asyncio.run(sync_once(_hub(home), clock=lambda: system_clock() + later))


def restore_hub(home: Path, later: int, source: str) -> None:
    asyncio.run(bring_back(_hub(home), lambda: system_clock() + later, source, ()))


def _hub(home: Path) -> Hub:
    hub = open_hub(home)
    return replace(hub, config=replace(hub.config, publish_seconds=0, advise_seconds=0))


def _doomed(log: Path, write: int, main: Callable[..., None], *arguments: Any) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    die_before(write)
    main(*arguments)


def die_before(write: int) -> None:
    """Let this process be killed before its nth write from now on."""
    left = iter(range(write, -1, -1))
    for kind, name in WRITES:
        setattr(kind, name, _counted(getattr(kind, name), lambda: next(left)))


def _counted(method: Callable[..., Any], left: Callable[[], int]) -> Callable[..., Any]:
    @wraps(method)
    def counted(*arguments: Any, **named: Any) -> Any:
        if left() == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **named)

    return counted
