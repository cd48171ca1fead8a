"""The self-check once a day, beside everything else a serving hub does."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable

from fenhe_client.checking.pace import Pace, Stopped
from fenhe_client.checking.result import last_result
from fenhe_hub.hub import Hub
from fenhe_hub.self_check.check import check_files

_LOGGER = logging.getLogger("fenhe_hub.self_check")
_DAY_SECONDS = 86_400


def check_daily(hub: Hub, now: Callable[[], int], stop: threading.Event) -> None:
    """Check everything with long rests if that was not done for a day; ends at once on `stop`.

    Asked every hour: a hub that is started anew each night is checked too.
    """
    if now() < last_result(hub.home.path).at + _DAY_SECONDS:
        return
    with contextlib.suppress(Stopped):
        checked = asyncio.run(check_files(hub, now, Pace(stop)))
        for each in checked.findings:
            level = logging.WARNING if each.healed_by else logging.ERROR
            _LOGGER.log(level, "%s", each.line)
