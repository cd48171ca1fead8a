"""The facts gathered: a thin shell around this machine, this home and whoever can be asked.

A home that cannot be opened is examined as far as it goes. Start at `gather`.
"""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fenhe_client.checking.result import last_result
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.config import NodeConfig, load_config
from fenhe_node.doctoring.asking_others import ask_address, ask_clocks, ask_mail
from fenhe_node.doctoring.facts import BackupSeen, Facts, HubSeen, KeyFile, Space, Versions
from fenhe_node.home import Home, is_served
from fenhe_node.hubs.hub_view import HubView
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.hubs.schema_versions import advice_on
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node, open_node
from fenhe_node.receipts.earliest import own_heads
from fenhe_node.runs import read_runs
from fenhe_node.store.tables import MIGRATIONS
from fenhe_node.store.version import tables_of
from fenhe_protocol.errors import FenheError

Clock = Callable[[], int]
LEAST_FREE_MIB = 256
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


async def gather(home: Home, now: Clock, *, offline: bool = False) -> Facts:
    """Look at everything, raising nothing for what it finds; `offline`: ask only this machine."""
    config, node, why = await asyncio.to_thread(_opened, home)
    if node is None:
        return Facts(unopened=why, **_of_machine(home, config, now))
    hubs = None if offline else _hubs_seen(node, await look(node, now))
    return Facts(
        **_of_machine(home, config, now),
        alarms=tuple(str(alarm.error) for alarm in standing_alarms(home, now())),
        trusted=len(trusted(home)),
        hubs=hubs,
        clocks=() if offline else tuple(await ask_clocks(node, now)),
        address=None if offline else await ask_address(node),
        mail=None if offline else await asyncio.to_thread(ask_mail, node),
    )


def _opened(home: Home) -> tuple[NodeConfig | None, Node | None, str]:
    config = None
    try:
        config = load_config(home.config_file)
        return config, open_node(home.path), ""
    except FenheError as error:
        return config, None, str(error)


def _of_machine(home: Home, config: NodeConfig | None, now: Clock) -> dict[str, Any]:
    """What needs nobody else, and no home that is whole."""
    checked = last_result(home.path)
    return {
        "now": now(),
        "versions": _versions(home),
        "served": is_served(home),
        "least_free_mib": config.least_free_mib if config else LEAST_FREE_MIB,
        "spaces": tuple(_spaces(home, config)),
        "proxies": {k: v for k, v in os.environ.items() if k.lower() in PROXIES and v},
        "keys": tuple(_keys(home)),
        "backup": _backup(home, config),
        "damaged": tuple(each.line for each in checked.damaged),
        "checked_at": checked.at,
        "runs": read_runs(home.runs),
    }


def _versions(home: Home) -> Versions:
    return Versions(
        program=version("fenhe"),
        python=sys.version_info[:2],
        sqlite=sqlite3.sqlite_version,
        tables=tables_of(home.store),
        known_tables=len(MIGRATIONS),
    )


def _spaces(home: Home, config: NodeConfig | None) -> Iterator[Space]:
    yield _space("节点 home", home.path)
    if config and config.backup.to and Path(config.backup.to).is_dir():
        yield _space("备份 backups", Path(config.backup.to))


def _space(what: str, path: Path) -> Space:
    counted = os.statvfs(path)
    free = shutil.disk_usage(path).free >> 20
    return Space(what, str(path), free, counted.f_favail if counted.f_files else None)


def _keys(home: Home) -> Iterator[KeyFile]:
    there = home.keys.iterdir() if home.keys.is_dir() else ()
    for path in (home.keys, *sorted(there)):
        try:
            status = path.stat()
        except OSError:
            continue  # on a stick that is not here now
        # Root looks at everybody's; the service is who owns the home.
        owner = home.path.stat().st_uid
        yield KeyFile(str(path), status.st_mode & 0o777, status.st_uid == owner)


def _backup(home: Home, config: NodeConfig | None) -> BackupSeen:
    last = last_backup(home)
    to = config.backup.to if config else ""
    there = bool(last.folder) and Path(last.folder).is_dir()
    return BackupSeen(to, last.at, last.folder, there, last.failed)


def _hubs_seen(node: Node, views: Sequence[HubView]) -> tuple[HubSeen, ...]:
    sizes = {head.log: head.size for head in own_heads(node)}
    return tuple(_hub_seen(view, sizes, node.config.utc_offset_minutes) for view in views)


def _hub_seen(view: HubView, sizes: dict[str, int], offset: int) -> HubSeen:
    behind = {
        log: (size, view.mirrored[log].size if log in view.mirrored else 0)
        for log, size in sizes.items()
        if not view.has(log, size) and not view.trouble
    }
    lines = next((found for visit in view.visits.values() if (found := visit.trouble(offset))), [])
    return HubSeen(
        origin=view.origin,
        url=view.url,
        trouble=view.trouble,
        behind=behind,
        visit_trouble=lines[0] if lines else "",
        visit_advice=lines[1].partition(": ")[2] if lines else "",
        visited_at=max((visit.at for visit in view.visits.values()), default=0),
        schemas=tuple(advice_on(view.schemas)),
    )
