"""Partial tiles and bundles go an hour after the full ones: of `fed`, and of every mirrored log.

What goes is decided in `fenhe_client.stored.partials` (feed §1); here is whose. A log that is being
visited is swept the next time, and one whose files are damaged holds up nobody else's.
"""

import logging

from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.partials import sweep_partials
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, fed_files
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.read_only import read_only
from fenhe_protocol.errors import StoreError

_LOGGER = logging.getLogger("fenhe_hub.sweep")
_PATIENCE = 1.0  # seconds; a visit may hold its log for two minutes


def sweep(hub: Hub, now: int) -> int:
    """Take away what is replaced, everywhere; how many files went."""
    return _sweep_fed(hub, now) + sum(_sweep_log(hub, origin, now) for origin in _mirrored(hub))


def _sweep_fed(hub: Hub, now: int) -> int:
    with locked(hub.home.path / "fed.lock"):
        swept = FeedWriter(hub.fed_origin, hub.fed_files(), HeadStore(hub.home.heads)).sweep(now)
        ended = ((log.end, fed_files(hub.home, name=log.name)) for log in hub.fed_epochs)
        return swept + sum(sweep_partials(files, end.size, now) for end, files in ended if end)


def _sweep_log(hub: Hub, origin: str, now: int) -> int:
    log = MirrorLog(hub.home, origin)
    if not log.folder.is_dir():
        return 0
    try:
        with locked(log.folder / "lock", patience=_PATIENCE):
            head = log.head()
            return sweep_partials(log.files, head.size, now) if head else 0
    except StoreError as error:
        if error.code != "home.busy":
            _LOGGER.error("%s: %s", origin, error)
        return 0


def _mirrored(hub: Hub) -> list[str]:
    if not hub.home.index.exists():
        return []
    with read_only(hub.home.index) as db:
        return [row[0] for row in db.execute("SELECT origin FROM log ORDER BY log_no")]
