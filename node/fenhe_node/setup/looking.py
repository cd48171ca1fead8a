"""Find what is already there of the first hour, without asking anyone. Start at `look`."""

from pathlib import Path

from fenhe_node.home import Home, is_served
from fenhe_node.hubs.looking import standing_alarms
from fenhe_node.node import Node, open_node
from fenhe_node.receipts.earliest import receipts_at
from fenhe_node.restoring.bring_back import is_unsure
from fenhe_node.setup.facts import Facts
from fenhe_node.store import Store, counts, hubs, imports, records, sealing
from fenhe_protocol.root_document import cosigner_name

SHEET = "handover.html"


def look(path: Path, now: int) -> Facts:
    """What is there of the node at `path`; SetupError or StoreError where it is broken."""
    if not Home(path).config_file.is_file():
        return Facts()
    node = open_node(path)
    with Store.open(node.home.store) as store:
        return _facts(node, store, [str(alarm.error) for alarm in standing_alarms(node.home, now)])


def _facts(node: Node, store: Store, alarms: list[str]) -> Facts:
    config = node.config
    latest = imports.latest(store)
    hub = next(iter(hubs.every(store)), None)
    held = receipts_at(store, cosigner_name(hub.origin)) if hub else None
    sheet = node.home.path / SHEET
    return Facts(
        unit_name=config.unit_name,
        uscc=node.root.unit,
        origin=node.root.origin,
        url=node.root.url,
        fingerprint=node.fingerprint,
        hub_url=hub.url if hub else config.hub,
        hub=hub.origin if hub else "",
        hub_fingerprint=hub.fingerprint if hub else "",
        listens=bool(config.listen),
        has_address=node.root.url != f"https://{node.root.origin}",
        rows=sum(run.rows for run in latest),
        refused=sum(run.refused for run in latest),
        records=records.count(store) - (records.find(store, "unit", node.root.unit) is not None),
        pending=counts.pending(store, sealing=sealing.gateway(store) is not None),
        published=sum(counts.published_by_kind(store).values()),
        received=held.count if held else 0,
        waiting=len(held.waiting) if held else 0,
        publish_at=config.publish_at,
        served=is_served(node.home),
        sheet=str(sheet) if sheet.is_file() else "",
        alarms=alarms,
        unsure=is_unsure(node.home, node.root, store),
    )
