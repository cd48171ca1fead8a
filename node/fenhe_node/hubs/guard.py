"""Before anything is signed: does a hub hold more of ours than this node remembers signing?

A whole machine set back to last week's snapshot brings its old head store along, and nothing here
looks wrong. The mirror knows better: of the logs, and of the root documents, without which this
node would go on in a log that has ended or with a key that is superseded. A hub that cannot be
reached holds up nobody.
"""

from contextlib import suppress

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import read_roots, stored_roots
from fenhe_client.stored.files import root_path
from fenhe_node.hubs.hub_view import Clock, inquiries
from fenhe_node.hubs.own_view import AHEAD, judge_shown
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs, root_files
from fenhe_node.publishing.publish import ASK_THE_MIRROR
from fenhe_protocol.errors import Deferred, PublisherError, StoreError
from fenhe_protocol.origin import log_origin, origin_hash


async def refuse_if_behind(node: Node, now: Clock) -> None:
    """StoreError `hub.ahead` or `hub.other-tree` where a hub's mirror tells of another past."""
    logs = current_logs(node.home)
    async with Web() as web:
        for inquiry in inquiries(web, node):
            await _refuse_newer_root(web, node, inquiry.hub.url, inquiry.hub.origin)
            await inquiry.view(logs, now)
            for log, opened in inquiry.opened.items():
                if odd := judge_shown(node, log, opened.checkpoint):
                    raise StoreError(
                        odd,
                        where=f"{inquiry.hub.origin}: {log_origin(node.root.origin, log)}",
                        found=f"size {opened.checkpoint.size}",
                        advice=ASK_THE_MIRROR,
                    )


async def _refuse_newer_root(web: Web, node: Node, url: str, hub: str) -> None:
    """StoreError `hub.ahead` where the mirror has a root document of ours that is not here."""
    fetcher = web.open(f"{url}/m/{origin_hash(node.root.origin)}", reach=PRIVATE_TOO)
    with suppress(Deferred, PublisherError):
        found = await read_roots(
            fetcher,
            stored_roots(root_files(node.home)),
            fingerprint=node.fingerprint,
            origin=node.root.origin,
            allow_loopback_http=True,
        )
        if found.added:
            raise StoreError(
                AHEAD,
                where=f"{hub}: {node.root.origin}/{root_path(found.document.n)}",
                found=f"root document {found.document.n}",
                expected=f"root document {node.root.n}",
                advice=ASK_THE_MIRROR,
            )
