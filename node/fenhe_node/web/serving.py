"""What the handlers of one server share; `app` makes it, `SERVING` finds it in a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import jinja2
from aiohttp import web

from fenhe_client.strangers import Strangers
from fenhe_node.config import NodeConfig
from fenhe_node.home import Home
from fenhe_node.hubs.trust import ReaderKeys
from fenhe_node.pages.wording import Schema, Tables
from fenhe_node.runs import Run
from fenhe_node.web.metrics import NodeMetrics
from fenhe_node.web.shelf import Shelf
from fenhe_protocol.request import RequestVerifier


@dataclass(frozen=True)
class Looks:
    """The unit's logo, by its file name (empty: none), and the style sheet in its colours."""

    logo: str = ""
    logo_data: bytes = b""
    logo_type: str = ""
    style: str = ""


@dataclass(frozen=True)
class Serving:
    """Everything a handler needs and no more."""

    home: Home
    config: NodeConfig
    fingerprint: str  # of the unit's root document 1
    now: Callable[[], int]  # POSIX seconds
    readers: ReaderKeys
    verifier: RequestVerifier
    shelf: Shelf
    schemas: Mapping[str, Schema]  # by kind
    tables: Tables
    templates: jinja2.Environment
    metrics: NodeMetrics
    runs: Callable[[], Mapping[str, Run]]
    looks: Looks
    strangers: Strangers
    former: Mapping[str, int] = field(default_factory=dict)
    """Addresses of before a move, which readers may still use, and when each was left."""


SERVING = web.AppKey("serving", Serving)
