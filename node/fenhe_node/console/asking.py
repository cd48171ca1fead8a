"""What the unit's console is, and what its pages' handlers get; what they may answer is shared."""

import time
from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fenhe_client.console import asking
from fenhe_client.console.asking import Answer, Download, Enter, GoTo, Page
from fenhe_client.console.door import Door
from fenhe_node.console.import_work import ImportWork
from fenhe_node.home import Home
from fenhe_node.node import Node
from fenhe_node.pages.wording import Tables
from fenhe_node.runs import Run
from fenhe_protocol.schema import SchemaSet

__all__ = ["CONSOLE", "Answer", "Asked", "Console", "Download", "Enter", "GoTo", "Page", "Routes"]


@dataclass(frozen=True)
class Console:
    """What all pages share."""

    node: Node
    door: Door
    runs: Callable[[], Mapping[str, Run]]  # how the periodic jobs fare
    schemas: SchemaSet
    tables: Tables
    works: ImportWork = field(default_factory=ImportWork)
    wait: Callable[[int], None] = time.sleep  # seconds, before a publish that comes too soon
    errands: set[Future[Any]] = field(default_factory=set)  # deliveries that go on by themselves

    @property
    def now(self) -> Callable[[], int]:
        """POSIX seconds."""
        return self.door.now

    @property
    def home(self) -> Home:
        """The unit's home."""
        return self.node.home

    @property
    def offset(self) -> int:
        """Minutes from UTC to the unit's time."""
        return self.node.config.utc_offset_minutes


CONSOLE = web.AppKey("console", Console)
Asked = asking.Asked[Console]
Handler = Callable[[Asked], Answer | Awaitable[Answer]]
Routes = Sequence[tuple[str, str, Handler]]  # method, path (aiohttp's patterns), handler
