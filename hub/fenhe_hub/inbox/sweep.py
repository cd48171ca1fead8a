"""What was pushed and led to nothing goes: of units no longer known, and what nobody continues.

Heads stay as long as the unit is known, so that its next push still has to follow them.
"""

import logging
import shutil

from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.log import Inbox, open_inbox
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import StoreError

KEPT_SECONDS = 7 * 86_400  # that entries wait for the rest of their upload

_LOGGER = logging.getLogger("fenhe_hub.sweep")


def sweep_inboxes(hub: Hub, now: int) -> int:
    """Take away what leads nowhere; how many logs were touched."""
    folder = hub.home.path / "inbox"
    known = {unit.origin for unit in Registry(hub.home.registry_file)}
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return sum(_sweep(hub.home, name, known, now) for name in names)


def _sweep(home: Home, name: str, known: set[str], now: int) -> bool:
    folder = home.path / "inbox" / name
    try:
        heads = list(Inbox(folder, log="catalogue").heads().values())
    except StoreError as error:
        _LOGGER.error("%s: %s", folder, error)
        return False
    origin = heads[-1].checkpoint.origin if heads else ""
    if origin.rpartition("/")[0] not in known:
        shutil.rmtree(folder)
        return True
    inbox = open_inbox(home, origin)
    verified = MirrorLog(home, origin).head()
    inbox.settle(verified.size if verified else 0)
    if now - inbox.changed_at() < KEPT_SECONDS:
        return False
    inbox.drop_entries()
    return True
