"""What the rules of a hub ask of this unit, by the hub's public API: kept for the console.

It is the hub's word; nothing but advice follows from it, and it is looked at for its form alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Web
from fenhe_node.hubs.last_visit import one_line
from fenhe_node.store import Store, findings
from fenhe_node.store.findings import KeptFinding
from fenhe_node.store.hubs import Hub
from fenhe_protocol.errors import Refused
from fenhe_protocol.strict_json import loads

MOST = 100
BYTES = 2 * 1024 * 1024
AGAIN_SECONDS = 600
_TEXT = 300  # characters of one text


async def ask(web: Web, store_at: Path, hub: Hub, unit: str, now: int) -> None:
    """Ask a hub, but not again within ten minutes; Deferred and PublisherError for what it does."""
    with Store.open(store_at) as store:
        if 0 <= now - findings.asked_at(store, hub.origin) < AGAIN_SECONDS:
            return
    path = f"api/v1/findings?unit={unit}&limit={MOST}"
    answer = await web.open(hub.url, reach=PRIVATE_TOO).get(path, limit=BYTES)
    found, total = ([], 0) if answer.status == ABSENT else read_findings(answer.body, hub.origin)
    with Store.open(store_at) as store:
        findings.put(store, hub.origin, found, total, now)


def read_findings(raw: bytes, hub: str) -> tuple[list[KeptFinding], int]:
    """Read a page of findings and how many there are in all; Refused `hub.answer`."""
    try:
        told = loads(raw)
        total = told["total"]
        if type(total) is not int or total < 0:
            raise ValueError("total")
        return [_finding(item, hub) for item in told["items"][:MOST]], total
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("hub.answer", where=hub, found=str(error)) from error


def _finding(item: Mapping[str, Any], hub: str) -> KeptFinding:
    texts = {
        name: one_line(item[given] or "")[:_TEXT]
        for name, given in (
            ("rule", "rule"), ("rule_name", "rule_name"), ("kind", "kind"), ("id", "id"),
            ("state", "state"), ("due", "due"), ("todo", "todo_zh"),
        )
    }  # fmt: skip
    return KeptFinding(hub=hub, **texts)
