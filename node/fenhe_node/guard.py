"""Before anything is signed: does a hub hold more of our logs than this node remembers signing?

A whole machine set back to last week's snapshot brings its old head store along, and nothing here
looks wrong. The mirror knows better. A hub that cannot be reached holds up nobody.
"""

from fenhe_client.fetch import Web
from fenhe_node.heads import current_logs
from fenhe_node.hub_view import Clock, inquiries
from fenhe_node.node import Node
from fenhe_node.own_view import judge_shown
from fenhe_node.publish import ASK_THE_MIRROR
from fenhe_protocol.errors import StoreError
from fenhe_protocol.origin import log_origin


async def refuse_if_behind(node: Node, now: Clock) -> None:
    """StoreError `hub.ahead` or `hub.other-tree` where a hub's mirror tells of another past."""
    logs = current_logs(node.home)
    async with Web() as web:
        for inquiry in inquiries(web, node):
            await inquiry.view(logs, now)
            for log, opened in inquiry.opened.items():
                if odd := judge_shown(node, log, opened.checkpoint):
                    raise StoreError(
                        odd,
                        where=f"{inquiry.hub.origin}: {log_origin(node.root.origin, log)}",
                        found=f"size {opened.checkpoint.size}",
                        advice=ASK_THE_MIRROR,
                    )
