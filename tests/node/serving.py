"""A node's real application on a real server, and requests signed by a hub that it trusts."""

import os
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from fenhe_client.fetching.fetch import Web
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.node import Node
from fenhe_node.runs import Run
from fenhe_node.web.app import make_app
from fenhe_node.web.server import make_serving
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.request import sign_request
from tests.node.a_hub import REQUEST, a_hub
from tests.node.homes import NOW, Clock


def application(node: Node, clock: Clock, runs: Mapping[str, Run] | None = None) -> web.Application:
    """The application; `runs` is what the jobs are said to have done."""
    return make_app(make_serving(node, lambda: runs or {}, clock.now))


async def trust_a_hub(node: Node) -> None:
    """Enrol the hub whose request key is `REQUEST`."""
    async with a_hub() as hub, Web() as reader:
        await enrol_hub(reader, node.home, hub.url, hub.fingerprint, NOW)


def signed(
    node: Node, path: str, clock: Clock, *, key: SigningKey = REQUEST, method: str = "GET"
) -> dict[str, str]:
    """Headers of a request for `path` of the unit's address."""
    uri = f"{node.config.address}/{path}"
    return sign_request(
        method=method, uri=uri, body=None, key=key, now=clock.now(), nonce=os.urandom(16)
    )


def every_file(folder: Path) -> list[str]:
    """The relative paths of all files below a folder."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
