"""What a monitor asks of a gateway that serves: `/healthz` and `/metrics`, for this machine alone.

The figures are taken at the end of each round, while the home is ours; whoever asks reads no
database and holds up no round. Counts, codes and ages: no unit, no number of a record, no name.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_client.following.cursor import Cursor
from fenhe_hub.gateway.forwarding import Desk
from fenhe_hub.gateway.home import Gateway
from fenhe_hub.gateway.services import Obstacle, Obstacles
from fenhe_hub.pulse import Pulse
from fenhe_hub.upstream.outbox import ItemState
from fenhe_protocol.errors import FenheError, SetupError

ROUND = "round"
SILENT_SECONDS = 1800  # a round that neither ends nor sends anything for so long is stuck
LEAST_FREE_MIB = 64
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Figures:
    """How things stand at the end of a round."""

    states: Mapping[ItemState, int] = field(default_factory=dict)
    waiting: Mapping[Obstacle, int] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)  # by `current` or `older` key
    faults: Mapping[str, int] = field(default_factory=dict)
    untold: int = 0
    behind: int = 0

    @classmethod
    def of(cls, desk: Desk) -> Figures:
        """As a desk has them."""
        items = desk.outbox.items()
        obstacles = Obstacles.now(desk.store, desk.outbox, desk.opener)
        cursor, lines = Cursor.load(desk.gateway.cursor), Counter[str]()
        for key, count in desk.store.keys().items():
            lines["current" if key == desk.gateway.current_seal else "older"] += count
        return cls(
            Counter(item.state for item in items),
            Counter(each for item in items if (each := obstacles.of(item)) is not None),
            lines,
            desk.store.faults(),
            sum(map(len, desk.store.untold().values())),
            len(cursor.behind) if cursor else 0,
        )


@dataclass(slots=True)
class Watch:
    """What is known of a serving gateway. `now` gives POSIX seconds."""

    gateway: Gateway
    now: Callable[[], int]
    figures: Figures = field(default_factory=Figures)
    pulse: Pulse = field(default_factory=Pulse)
    failed: str = ""  # the code of what ended the last round
    problems: Mapping[str, int] = field(default_factory=dict)  # of single logs, by code

    def alive(self) -> None:
        """A round is at work: something was sent."""
        run = self.pulse.runs.get(ROUND)
        if run is not None:
            run.due = self._due()

    def ended(self, failed: str, problems: Iterable[FenheError] = ()) -> None:
        """A round has ended, with the code of what stopped it if anything did."""
        self.failed, self.problems = failed, Counter(error.code for error in problems)
        self.pulse.ended(ROUND, now=self.now(), due=self._due(), failed=bool(failed))
        self.pulse.started = True

    def _due(self) -> int:
        return self.now() + 2 * self.gateway.config.interval_seconds + SILENT_SECONDS

    def reasons(self) -> dict[str, str]:
        """Why it is not well; empty if it is."""
        free = shutil.disk_usage(self.gateway.path).free >> 20
        wrong = {
            "round": self.failed,
            "schedule": ", ".join(self.pulse.missed(self.now())),
            "disk": f"{free} MiB free" if free < LEAST_FREE_MIB else "",
        }
        return {name: text for name, text in wrong.items() if text}

    def render(self) -> bytes:
        """The numbers for Prometheus."""
        registry, found = CollectorRegistry(), self.figures
        run = self.pulse.runs.get(ROUND)
        items = Gauge("fenhe_gateway_items", "Services by state", ["state"], registry=registry)
        _fill(items, {each.value: count for each, count in found.states.items()})
        waiting = Gauge("fenhe_gateway_waiting", "Services by obstacle", ["why"], registry=registry)
        _fill(waiting, {each.name.lower(): count for each, count in found.waiting.items()})
        lines = Gauge(
            "fenhe_gateway_lines", "Sealed lines: current or older key", ["key"], registry=registry
        )
        _fill(lines, found.lines)
        useless = Gauge(
            "fenhe_gateway_useless_lines", "Lines that are no good", ["code"], registry=registry
        )
        _fill(useless, found.faults)
        faults = Gauge(
            "fenhe_gateway_faults", "Logs by code of the last round", ["code"], registry=registry
        )
        _fill(faults, self.problems)
        one = {
            "fenhe_gateway_untold_lines": ("Lines the hub does not know taken", found.untold),
            "fenhe_gateway_behind_logs": ("Logs that are not taken in full", found.behind),
            "fenhe_gateway_key_age_seconds": (
                "Since the key that is sealed to was made; it changes yearly",
                self.now() - self.gateway.named[self.gateway.current_seal],
            ),
            "fenhe_gateway_failed_rounds": ("Failures in a row", run.failures if run else 0),
            "fenhe_gateway_round_age_seconds": (
                "Since a round ended; -1: none has",
                self.now() - run.ended if run else -1,
            ),
            "fenhe_gateway_healthy": (
                "1 if /healthz answers 200",
                self.pulse.started and not self.reasons(),
            ),
        }
        for name, (text, number) in one.items():
            Gauge(name, text, registry=registry).set(number)
        return generate_latest(registry)


def _fill(gauge: Gauge, counts: Mapping[str, int]) -> None:
    for label, count in counts.items():
        gauge.labels(label).set(count)


@asynccontextmanager
async def watched(watch: Watch, where: tuple[str, int] | None) -> AsyncIterator[None]:
    """Answer there while the block runs; SetupError `gateway.listen` for any but this machine."""
    if where is None:
        yield
        return
    if not _is_here(where[0]):
        raise SetupError("gateway.listen", where="--listen", found=where[0])
    runner = make_runner(_make_app(watch))
    await runner.setup()
    try:
        await listen(runner, *where)
        yield
    finally:
        await runner.cleanup()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _make_app(watch: Watch) -> web.Application:
    async def healthz(request: web.Request) -> web.Response:
        reasons = watch.reasons()
        status = "failing" if reasons else "ok" if watch.pulse.started else "starting"
        code = 200 if status == "ok" else 503
        return web.json_response({"status": status, **reasons}, status=code, headers=_NO_STORE)

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(body=watch.render(), headers={"Content-Type": _METRICS_TYPE})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    return app
