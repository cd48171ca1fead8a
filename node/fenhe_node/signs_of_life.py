"""When the catalogue that lies here needs its next heartbeat; `heartbeat` has the arithmetic."""

from fenhe_client.stored.head_store import HeadStore
from fenhe_node import heartbeat
from fenhe_node.node import Node
from fenhe_node.published import read_catalogue
from fenhe_node.publishing.heads import current_logs, has_shown_life
from fenhe_protocol.origin import log_origin


def heartbeat_due(node: Node, now: int) -> int:
    """When `catalogue` needs a heartbeat if it does not grow before: POSIX seconds.

    The first one is due as soon as the node serves, whatever was published before (feed §1).
    """
    if not has_shown_life(node.home):
        return now
    unit = read_catalogue(node.home.public).unit()
    head = HeadStore(node.home.heads).get(log_origin(node.root.origin, current_logs(node.home)[0]))
    return heartbeat.due_at(
        grown_at=head.signed_at if head and head.size else None,
        rhythm=heartbeat.rhythm_seconds(unit.fields if unit else {}),
        now=now,
    )
