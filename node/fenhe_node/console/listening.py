"""The console's own listener, beside the public one in the same process. Start at `listening`."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache

import jinja2

from fenhe_client.console import passwords
from fenhe_client.console.door import Door, Site, shown
from fenhe_client.console.frame import load_templates
from fenhe_client.console.listening import answering, is_loopback
from fenhe_client.stored import own_folder
from fenhe_node.config import split_listen
from fenhe_node.console.app import PATHS, make_app
from fenhe_node.console.asking import Console
from fenhe_node.console.navigation import SECTIONS
from fenhe_node.node import Node
from fenhe_node.pages.tables import code_tables
from fenhe_node.runs import Run
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet

log = logging.getLogger("fenhe.node")
ADVICE = "先运行 fenhe-node --home DIR password; run password first"


def make_console(
    node: Node,
    runs: Callable[[], Mapping[str, Run]],
    now: Callable[[], int],
    *,
    loopback: bool = True,
) -> Console:
    """Put together what the pages share; `runs` tells how the periodic jobs fare."""
    file, site = node.home.passwords, _site(node)
    door = Door(
        origin=node.root.origin,
        folder=node.home.path,
        passwords=file,
        now=now,
        templates=_templates(node.config.utc_offset_minutes),
        must_sign_in=lambda: bool(passwords.accounts(file)),
        stamp=lambda name: passwords.stamp(file, name),
        site=lambda who: site,
        log=log,
        forgotten="fenhe-node --home DIR password 账号",
        loopback=loopback,
    )
    return Console(node, door, runs, SchemaSet.load(), code_tables())


def _site(node: Node) -> Site:
    return Site(
        name=node.config.unit_name,
        origin=node.root.origin,
        note_zh="这里的内容只有本单位能看到，点“发布”后才按级别对外。",
        note_en="Only this unit sees these pages.",
        sections=shown(SECTIONS, PATHS),
        public=node.config.address if node.config.listen else "",
        public_name="本单位公开页面",
    )


@cache
def _templates(offset: int) -> jinja2.Environment:
    """Compiled once for all homes of a process."""
    return load_templates("fenhe_node", offset)


@asynccontextmanager
async def listening(
    node: Node,
    address: str,
    runs: Callable[[], Mapping[str, Run]],
    now: Callable[[], int],
) -> AsyncIterator[str]:
    """Answer at `address` for as long as this lasts; gives where, "" where the console is off.

    SetupError `console.password` where others could come and nobody has to sign in. A port that is
    taken stops nothing: what the unit published must be served all the same.
    """
    own_folder.empty(node.home.path)
    if not address:
        yield ""
        return
    host, port = split_listen(address)
    loopback = is_loopback(host)
    if not loopback and not passwords.accounts(node.home.passwords):
        raise SetupError("console.password", where="console", found=address, advice=ADVICE)
    app = make_app(make_console(node, runs, now, loopback=loopback))
    async with answering(app, host, port, log) as where:
        yield where
