"""One round of the gateway, and rounds for ever: take from the hub, then send to the platform."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager

from fenhe_hub.gateway.forwarding import Desk, forward_due
from fenhe_hub.gateway.home import Gateway, open_gateway
from fenhe_hub.gateway.services import obey_erasures
from fenhe_hub.gateway.taking import take
from fenhe_hub.gateway.watch import Figures, Watch, watched
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_protocol.errors import FenheError, SetupError

Clock = Callable[[], int]
Complain = Callable[[str], None]
DeskAt = Callable[[Gateway], AbstractContextManager[Desk]]


async def take_once(desk: Desk, clock: Clock, complain: Complain) -> list[FenheError]:
    """Take what is new; what went wrong with single logs is told and returned."""
    problems: list[FenheError] = []

    def warn(error: FenheError) -> None:
        problems.append(error)
        complain(str(error))

    try:
        await take(desk.gateway, desk.store, desk.opener, clock, warn)
    finally:  # also where the hub was lost half-way
        obey_erasures(desk.store, desk.outbox, desk.opener, clock())
    return problems


async def forward_once(
    desk: Desk,
    clock: Clock,
    complain: Complain,
    progress: Callable[[int, int], None] = lambda done, due: None,
) -> list[FenheError]:
    """Take, then send. Without an address of the platform nothing is sent: SetupError."""
    config = desk.gateway.config
    if not config.national_wsdl:
        raise SetupError(
            "setup.value", where="national_wsdl", expected="http://…?wsdl", advice="config.yaml"
        )
    # How instruments stand has to be known as of now: a suspended unit's are not among them.
    problems = await take_once(desk, clock, complain)
    upstream = NriiSoap(config.national_wsdl, timeout_seconds=config.national_seconds)
    try:
        await forward_due(desk, upstream, clock, progress)
    finally:
        await upstream.close()
    return problems


async def serve_rounds(
    watch: Watch, desk_at: DeskAt, complain: Complain, where: tuple[str, int] | None
) -> None:
    """Take and send every `interval_seconds` until told to stop (SIGTERM, SIGINT).

    `where`: a loopback address for a monitor, or none.
    """
    async with watched(watch, where):
        complain(f"{watch.gateway.origin} ← {watch.gateway.config.hub_url}")
        working = asyncio.create_task(_rounds(watch, desk_at, complain))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, working.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _rounds(watch: Watch, desk_at: DeskAt, complain: Complain) -> None:
    while True:
        try:
            # Opened anew each time: a key may have been changed or destroyed beside us.
            watch.gateway = open_gateway(watch.gateway.path)
            with desk_at(watch.gateway) as desk:
                problems = await _round(watch, desk, complain)
                watch.figures = Figures.of(desk)
            watch.ended("", problems)
        except FenheError as error:
            complain(str(error))
            watch.ended(error.code)
        await asyncio.sleep(watch.gateway.config.interval_seconds)


async def _round(watch: Watch, desk: Desk, complain: Complain) -> list[FenheError]:
    if not desk.gateway.config.national_wsdl:
        return await take_once(desk, watch.now, complain)
    return await forward_once(desk, watch.now, complain, lambda done, due: watch.alive())
