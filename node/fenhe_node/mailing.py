"""The node's letters sent when they are due: its store, its settings and the shared queue."""

from collections.abc import Sequence

from fenhe_client.mailing import queue
from fenhe_client.mailing.settings import MailServer
from fenhe_node.home import Home
from fenhe_node.store import Store, mails
from fenhe_node.store.mails import QueuedMail


class _Queue:
    """The table of the node's store, as the shared queue wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self, now: int) -> Sequence[QueuedMail]:
        return mails.due(self._store, now)

    def settle(
        self, number: int, state: str, *, attempts: int, now: int, next_at: int = 0, trouble: str
    ) -> None:
        mails.settle(
            self._store, number, state, attempts=attempts, next_at=next_at, trouble=trouble
        )


def send_due(home: Home, settings: MailServer, now: int) -> int:
    """Send what is due and give how many letters went out."""
    with Store.open(home.store) as store:
        return queue.send_due(_Queue(store), settings, home.path, now)
