"""Runs `gateway forward` of the home given, and is killed at one of the instants on its way.

An instant lies on either side of everything that outlives the process: a commit to the store or the
outbox, a piece of a call to the platform, the reading of its answer, the cursor. `send 3` is the
third time that one of the name `send` is passed.
"""

import contextlib
import http.client
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fenhe_hub.cli
from fenhe_client.following.cursor import Cursor
from fenhe_hub.gateway import taking
from fenhe_hub.gateway.store import Store
from fenhe_hub.upstream.outbox_store import OutboxStore

NEVER = ""


def main(home: Path, now: int, instant: str) -> int:
    """Its exit code, if it comes so far; `now` is POSIX seconds, for as long as it lives."""
    time.time = lambda: float(now)
    _kill_at(instant)
    return fenhe_hub.cli.main(["--home", str(home), "gateway", "forward", "--json"])


def _kill_at(instant: str) -> None:
    passed = Counter[str]()

    def pass_one(name: str) -> None:
        passed[name] += 1
        if f"{name} {passed[name]}" == instant:
            os.kill(os.getpid(), signal.SIGKILL)

    _commit_between(Store, lambda: pass_one("store"))
    _commit_between(OutboxStore, lambda: pass_one("outbox"))
    for holder, name in (
        (http.client.HTTPConnection, "send"),  # headers and content apart, the WSDL's before
        (http.client.HTTPConnection, "getresponse"),
        (Cursor, "save"),
        (taking, "compose_taken"),
    ):
        _call_between(holder, name, partial(pass_one, name))


def _call_between(holder: Any, name: str, pass_one: Callable[[], None]) -> None:
    call = getattr(holder, name)

    def between(*arguments: Any, **named: Any) -> Any:
        pass_one()
        answer = call(*arguments, **named)
        pass_one()
        return answer

    setattr(holder, name, between)


def _commit_between(store: Any, pass_one: Callable[[], None]) -> None:
    whole = store.transaction

    @contextlib.contextmanager
    def transaction(self: Any) -> Iterator[None]:
        with whole(self):
            yield
            pass_one()
        pass_one()

    store.transaction = transaction
