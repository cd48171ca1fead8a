"""Booking pages and documents looked at from outside: politely, and fairly to the unit."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from deploy.demo.ports import free_port
from fenhe_client.fetching.addresses import PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_hub.alerting.figures import gauge
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.index.verdicts import VerdictFilters, verdicts
from fenhe_hub.judging.explaining import explain_finding
from fenhe_hub.operations.check import run_check
from fenhe_hub.outside.book import seen_outside
from fenhe_hub.outside.looking import Seen, Visitor, may_be_asked
from fenhe_hub.outside.robots import Robots
from fenhe_hub.outside.rounds import look_outside
from fenhe_hub.rule_file import rule_bytes
from fenhe_hub.rules.addresses import ADDRESSES
from fenhe_protocol.schema import SchemaSet
from tests.hub.consoles import Clock, browsing, staffed
from tests.hub.provinces import Province, founded
from tests.hub.settings import reconfigured

DAY = 86_400


class Site:
    """A booking server: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.answers: dict[str, int] = {}
        self.robots = "User-agent: *\nDisallow: /private\n"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Answer until left."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path_qs}")
        self.agents.add(request.headers["User-Agent"])
        if request.path == "/robots.txt":
            return web.Response(text=self.robots)
        if request.method == "HEAD" and request.path == "/shy" and request.transport is not None:
            request.transport.abort()  # as some do that were never asked so before
        return web.Response(status=self.answers.get(request.path, 200), text="x" * 100_000)


def booked(id_: str, url: str) -> dict[str, dict[str, Any]]:
    envelope = {"kind": "instrument", "id": id_}
    public = {"name_zh": f"示例仪器{id_}", "status": "normal", "booking_url": url}
    return {"pub": envelope | public, "hub": envelope | {"value_yuan": 350_000, "funds": ["local"]}}


def with_days(hub: Hub, path: Path) -> Hub:
    """The hub by a rule set in which an address may fail for one working day."""
    text = rule_bytes("").decode()
    old = "probe_days: null"
    assert old in text
    text = text.replace(old, "probe_days: 1").replace("name: shanxi-2015-draft", "name: trial")
    path.write_text(text, encoding="utf-8")
    return reconfigured(hub, probe_hours=24, rules=str(path))


def judged(hub: Hub, now: int) -> dict[str, tuple[str, str | None]]:
    """State and due day of the finding on each address, after a check."""
    run_check(hub, now)
    with closing(open_index(hub.home.index)) as db:
        rows = db.execute("SELECT id, state, due FROM finding WHERE kind = 'address'").fetchall()
    return {id_: (state, due) for id_, state, due in rows}


async def after(province: Province, days: float) -> None:
    """Some time later, the units heard and looked at."""
    province.now += round(days * DAY)
    for node in province.nodes:
        node.now = province.now
        node.beat()
    await province.sync(0)
    await look_outside(province.hub, lambda: province.now, pause=0)


async def test_a_booking_page_that_dies_is_found_and_forgiven_when_it_comes_back(
    tmp_path: Path,
) -> None:
    site = Site()
    page = "instrument/A-1/booking_url"
    async with founded(tmp_path, 1) as province:
        hub = province.hub = with_days(province.hub, tmp_path / "rules.yaml")
        node = province.nodes[0]
        node.publish(booked("A-1", f"{site.url}/book?i=1"), booked("A-2", f"{site.url}/private/2"))
        async with site.open():
            await after(province, 0)
            assert judged(hub, province.now) == {page: ("met", None)}
        assert site.asked == ["GET /robots.txt", "HEAD /book?i=1"]  # A-2 is asked for by nobody
        assert site.agents == {f"fenhe-hub (+{hub.config.public_url})"}
        await after(province, 0.5)  # not due yet: once a day
        assert judged(hub, province.now)[page] == ("met", None)
        await after(province, 0.5)  # now it is gone: A-1 fails from 24 November on
        told = run_check(hub, province.now)
        assert told.judged == 1  # the incremental check noticed
        assert judged(hub, province.now)[page] == ("due", "2026-11-25")
        await shown(province, site)
        await late_and_back(province, site, page)


async def late_and_back(province: Province, site: Site, page: str) -> None:
    """The days go by, some of them without a look, until the page answers again."""
    hub, uscc = province.hub, province.nodes[0].uscc
    province.now += 5 * DAY  # late by the calendar, but nobody has looked since
    assert judged(hub, province.now)[page][0] == "due"
    await after(province, 0)  # five days in which the hub looked at nothing do not count
    assert judged(hub, province.now)[page] == ("due", "2026-11-30")
    for _ in range(25):
        await province.sync(7200)  # the hub hears the unit, and says that it is there
        await look_outside(hub, lambda: province.now, pause=0)
    assert judged(hub, province.now)[page] == ("overdue", "2026-11-30")
    why = explain_finding(hub, f"{uscc}/D12/address/{page}", province.now)
    told = "2026-11-24 起从外部打不开（fetch.connect）；最近一次打开 2026-11-23"
    assert told in why.finding.basis.zh
    assert "平台自己不能查看的日子不计，自 2026-11-29 起算" in why.finding.basis.zh
    async with site.open():
        await after(province, 1)
    assert judged(hub, province.now)[page] == ("met", None)
    await look_outside(reconfigured(hub, probe_hours=0), lambda: province.now)
    assert judged(hub, province.now) == {}  # who looks no more knows nothing


async def shown(province: Province, site: Site) -> None:
    """Everyone may know of the finding; the console says what was seen; the monitor counts it."""
    hub, uscc = province.hub, province.nodes[0].uscc
    staffed(hub, "viewer-1")
    with closing(open_index(hub.home.index)) as db:
        found = verdicts(db, VerdictFilters(kind="address"), limit=10)
        assert [(each.id, each.state) for each in found] == [
            ("instrument/A-1/booking_url", "due"),
            ("instrument/A-2/booking_url", "due"),  # its whole site is away
        ]
        registry = CollectorRegistry()
        gauge(hub, db, registry, province.now)
    assert 'fenhe_hub_addresses{state="fails"} 2.0' in generate_latest(registry).decode()
    async with browsing(hub, Clock(province.now)) as browser:
        await browser.sign_in("viewer-1")
        for path in (f"/unit/{uscc}", "/harvest/addresses"):
            _, text, _ = await browser.get(path)
            assert f"{site.url}/book?i=1" in text and "fetch.connect" in text
        _, text, _ = await browser.get("/harvest")
        assert "打不开 2" in text


async def test_when_the_hub_itself_is_cut_off_nobody_else_is_blamed(tmp_path: Path) -> None:
    site = Site()
    async with founded(tmp_path, 1) as province:
        hub = province.hub = with_days(province.hub, tmp_path / "rules.yaml")
        province.nodes[0].publish(booked("A-1", f"{site.url}/book"))
        async with site.open():
            await after(province, 0)
        province.now += DAY  # no unit is heard either
        assert await look_outside(hub, lambda: province.now, pause=0) == {}
        (known,) = seen_outside(hub.home)[province.nodes[0].uscc].values()
        assert known.failing_since is None


async def test_no_more_is_asked_of_a_site_than_is_needed(tmp_path: Path) -> None:
    site = Site()
    site.answers = {"/gone": 404, "/login": 401, "/busy": 429, "/broken": 500, "/moved": 302}
    expected = {"/gone": Seen.FAILS, "/login": Seen.ANSWERS, "/busy": Seen.UNKNOWN}
    expected |= {"/broken": Seen.FAILS, "/moved": Seen.ANSWERS, "/fine": Seen.ANSWERS}
    expected |= {"/shy": Seen.ANSWERS}
    async with founded(tmp_path, 1) as province, site.open():
        hub = reconfigured(province.hub, probe_hours=1)
        paths = [*expected, "/fine"]  # two records name one page: it is asked for once
        province.nodes[0].publish(
            *(booked(f"A-{n}", f"{site.url}{path}#{n}") for n, path in enumerate(paths)),
            booked("A-9", "ftp://127.0.0.1/x"),
            booked("A-10", "http://user:word@127.0.0.1/x"),
            booked("A-11", "http://127.0.0.1:22/x"),
        )
        await province.sync()
        looks = await look_outside(hub, lambda: province.now, pause=0)
        assert {url.partition("#")[0].removeprefix(site.url): look.seen
                for (_, url), look in looks.items()} == expected  # fmt: skip
        assert site.asked.count("HEAD /fine") == 1
        assert "GET /fine" not in site.asked and "GET /gone" in site.asked
        stop = threading.Event()
        stop.set()
        province.now += DAY
        assert await look_outside(hub, lambda: province.now, stop) == {}


async def test_no_unit_takes_all_the_time_by_naming_many_sites(tmp_path: Path) -> None:
    sites = [f"http://127.0.0.1:{free_port()}" for _ in range(4)]
    async with founded(tmp_path, 2) as province:
        hub = reconfigured(province.hub, probe_hours=1)
        many, one = sorted(province.nodes, key=lambda node: node.uscc)
        many.publish(*(booked(f"A-{n}", f"{site}/") for n, site in enumerate(sites[:3])))
        one.publish(booked("B-1", f"{sites[3]}/"))
        await province.sync()
        looks = await look_outside(hub, lambda: province.now, pause=0)
    assert [uscc for uscc, _ in looks] == [many.uscc, one.uscc, many.uscc, many.uscc]


async def test_a_place_within_our_own_walls_is_not_asked_for_a_stranger() -> None:
    site = Site()
    async with site.open(), Web() as web_:
        visitor = Visitor(web_.session(PUBLIC_ONLY), "fenhe-hub")
        address = may_be_asked(f"{site.url}/book")
        assert address is not None
        look = await visitor.look(address)
    assert (look.seen, look.why, site.asked) == (Seen.FAILS, "fetch.address", [])


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Fenhe-Hub\nDisallow: /b", "/a", True),
        ("User-agent: fenhe-hub\nUser-agent: x\nDisallow: /b # ours", "/b/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /*?id=", "/book?id=1", False),
        ("User-agent: *\nDisallow: /a*b*c", "/a-b-d", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /预约/%e7", "/%E9%A2%84%E7%BA%A6/%E7%BA%A6", False),
        ("\ufeff\x00::\nnothing", "/a", True),
        ("User-agent: *\nDisallow: /" + "*a" * 200 + "b", "/" + "a" * 2000, True),
    ],
)
def test_what_a_site_asks_of_programs_is_done(text: str, path: str, allowed: bool) -> None:
    assert Robots.read(text.encode(), "fenhe-hub").allow(path) is allowed


def test_only_addresses_that_the_schemas_know_are_looked_for() -> None:
    for kind, fields in ADDRESSES.items():
        for field in fields:
            described = SchemaSet.load().kind(kind).field(field)
            assert described.tier == "pub", (kind, field)
