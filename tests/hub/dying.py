"""Processes of the hub that are killed just before one of their writes. Start at `killed_before`.

Nothing of them is cleaned up: what lies in the home is what a power cut would leave.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.hub import open_hub
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import send_by_mail
from fenhe_hub.office.staff import THE_HUB
from tests.forked import Forked

WRITES: dict[str, tuple[type, str]] = {
    "act": (Waiting, "add"),
    "letter": (Outgoing, "add"),
}


async def killed_before(write: str, main: Callable[..., Any], home: Path, *more: Any) -> None:
    """Let this happen to a home and kill it before it writes this for the first time."""
    code = await asyncio.to_thread(lambda: Forked(_doomed, write, main, home, *more).wait())
    assert code == -signal.SIGKILL


def _doomed(write: str, main: Callable[..., Any], home: Path, *more: Any) -> None:
    owner, name = WRITES[write]
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    main(home, *more)


def office_at(home: Path, now: int) -> Office:
    return Office(open_hub(home), lambda: now)


def mail_notice(home: Path, now: int, number: str, address: str) -> None:
    send_by_mail(office_at(home, now), THE_HUB, number, address)
