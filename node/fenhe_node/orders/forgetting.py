"""Requests are kept for so many days after the last word, and then no more. Start at `forget`."""

from pathlib import Path

from fenhe_node.store import Store, mails, orders

DAY = 86_400


def forget(store_file: Path, keep_days: int, now: int) -> int:
    """Delete what was touched longer ago, with all letters about it; count the requests."""
    with Store.open(store_file) as store, store.transaction():
        mails.delete_old(store, now)
        return orders.delete_old(store, now - keep_days * DAY)
