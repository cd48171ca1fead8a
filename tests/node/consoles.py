"""A unit's console on a real socket, and somebody at a browser before it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fenhe_node.console.app import make_app
from fenhe_node.console.asking import Console
from fenhe_node.console.listening import make_console
from fenhe_node.node import Node
from tests.client.browsing import PASSWORD, Browser, Seen, before
from tests.node.homes import Clock

__all__ = ["PASSWORD", "Browser", "Seen", "browsing", "console_of"]


def console_of(node: Node, clock: Clock | None = None, *, loopback: bool = True) -> Console:
    """The console of a node whose jobs never ran."""
    clock = clock or Clock()
    return replace(make_console(node, dict, clock.now, loopback=loopback), wait=clock.wait)


@asynccontextmanager
async def browsing(
    node: Node, clock: Clock | None = None, *, loopback: bool = True
) -> AsyncIterator[Browser]:
    """Somebody before the console."""
    async with before(make_app(console_of(node, clock, loopback=loopback))) as browser:
        yield browser
