"""Whether others reach this node at its own address, found out by trying.

The address is asked for the node's own root document, as a hub asks. Where no server runs yet, one
answers for as long as the trial takes. A way that leads past the firewall from inside only cannot
be told from here: a hub that finds the door shut says so, and all is pushed then.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web, required
from fenhe_client.fetching.listening import listen, make_runner
from fenhe_client.stored.files import root_path
from fenhe_node.config import NodeConfig, split_listen
from fenhe_node.home import is_served
from fenhe_node.node import Node
from fenhe_node.publishing.heads import root_files
from fenhe_node.web.app import make_app
from fenhe_node.web.server import make_serving
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.limits import DEFAULTS

USUAL_LISTEN = NodeConfig.listen
_OTHER = (
    "这个网址上答话的不是本节点: 看域名解析和反向代理; "
    "somebody else answers there: look at the name and at the proxy"
)


async def why_unreachable(node: Node, now: Callable[[], int]) -> FenheError | None:
    """None where the node's address leads here, else why not."""
    try:
        async with _answering(node, now), Web() as web:
            fetcher = web.open(node.root.url, reach=PRIVATE_TOO)
            seen = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
    except FenheError as error:
        return error
    if seen != root_files(node.home).read(root_path(1)):
        return Refused("root.fingerprint", where=node.root.url, advice=_OTHER)
    return None


@asynccontextmanager
async def _answering(node: Node, now: Callable[[], int]) -> AsyncIterator[None]:
    if is_served(node.home):
        yield
        return
    runner = make_runner(make_app(make_serving(node, dict, now)), decodes=True)
    await runner.setup()
    try:
        await listen(runner, *split_listen(node.config.listen or USUAL_LISTEN))
        yield
    finally:
        await runner.cleanup()
