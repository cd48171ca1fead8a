"""Calendars of booking systems: times are read from them, and nothing of whom they belong to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.node import Node
from fenhe_node.orders.calendar import Span, calendar
from fenhe_node.orders.calendars import look
from fenhe_node.orders.foreign_calendar import read_calendar
from fenhe_node.store import Store, calendars
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
HOUR, DAY = 3600, 86_400
NINE = NOW + HOUR  # 2026-11-23T09:00+08:00


def calendar_of(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()


def event(*lines: str) -> bytes:
    return calendar_of("BEGIN:VEVENT", *lines, "END:VEVENT")


def read(data: bytes) -> list[tuple[int, int]]:
    return [(s.begin, s.end) for s in read_calendar(data, NOW - DAY, NOW + 35 * DAY, 480).spans]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20261123T010000Z", "DTEND:20261123T020000Z"),
        ("DTSTART:20261123T090000", "DURATION:PT1H"),
        ("DTSTART;TZID=Asia/Shanghai:20261123T090000", "DTEND;TZID=Asia/Shanghai:20261123T100000"),
        ("DTSTART;TZID=Asia/Tokyo:20261123T100000", "DTEND:20261123T020000Z"),
        ("DTSTART;TZID=No/Where:20261123T090000", "DTEND:20261123T100000"),
        ('dtstart;X-A="a:b;c":20261123T010000Z', "SUMMARY:a", " b", "DTEND:20261123T0200", " 00Z"),
        (
            "BEGIN:VALARM",
            "DTSTART:20250101T000000Z",
            "END:VALARM",
            "DTSTART:20261123T010000Z",
            "DURATION:PT60M",
        ),
    ],
    ids=["utc", "local", "zone", "zones", "unknown", "folded", "alarm"],
)
def test_an_event_is_a_time(lines: tuple[str, ...]) -> None:
    assert read(event(*lines)) == [(NINE, NINE + HOUR)]


def test_a_day_is_a_whole_day_where_the_unit_is() -> None:
    assert read(event("DTSTART;VALUE=DATE:20261124")) == [(NOW + 16 * HOUR, NOW + 40 * HOUR)]


def test_free_busy_periods_are_read_and_free_ones_are_not() -> None:
    data = calendar_of(
        "BEGIN:VFREEBUSY",
        "FREEBUSY;FBTYPE=BUSY:20261123T010000Z/PT1H,20261123T030000Z/20261123T040000Z",
        "FREEBUSY;FBTYPE=FREE:20261123T050000Z/PT1H",
        "END:VFREEBUSY",
    )
    assert read(data) == [(NINE, NINE + HOUR), (NINE + 2 * HOUR, NINE + 3 * HOUR)]


@pytest.mark.parametrize(
    "more", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "DTEND:20261123T010000Z"]
)
def test_what_takes_no_time_is_left_out(more: str) -> None:
    assert read(event("DTSTART:20261123T010000Z", "DTEND:20261123T020000Z", more)) == []


def test_what_repeats_by_a_rule_is_said_to() -> None:
    data = event("DTSTART:20261123T010000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    assert read_calendar(data, NOW, NOW + DAY, 480).repeats


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        event("DTSTART:tomorrow"),
        event("DTSTART:20261123T010000Z", "DURATION:1h"),
        event("DTSTART:20261123T010000Z", "DURATION:P99999999999999W"),
    ],
    ids=["empty", "html", "bytes", "time", "duration", "for ever"],
)
def test_what_is_no_calendar_is_none(data: bytes) -> None:
    with pytest.raises(ValueError):
        read(data)


@given(st.lists(st.tuples(st.integers(0, 30 * 24), st.integers(1, 48)), max_size=20))
def test_what_we_write_we_read(hours: list[tuple[int, int]]) -> None:
    spans = {(NOW + begin * HOUR, NOW + (begin + count) * HOUR) for begin, count in hours}
    text = calendar("核磁", "u1.example", [Span(*each) for each in spans], NOW)
    assert read(text.encode()) == sorted(spans)


@asynccontextmanager
async def booking_system(answers: dict[str, web.Response]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        found = answers[request.path_qs]
        return web.Response(status=found.status, body=found.body)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


async def test_a_page_shows_when_the_booking_system_says_that_it_is_taken(
    node: Node, aiohttp_client: MakeClient
) -> None:
    told = event("DTSTART:20261123T010000Z", "DURATION:PT1H", "SUMMARY:示例用户的实验")
    answers = {"/ics?id=A-1": web.Response(body=told), "/ics?id=A-2": web.Response(status=404)}
    async with booking_system(answers) as url:
        put(node, [instrument(id, booking_free_busy=f"{url}/ics?id={id}") for id in ("A-1", "A-2")])
        publish_all(node, Clock())
        for private, failed in ((False, 2), (True, 1)):
            count = await look(node.home.public, node.home.store, NOW, 480, private=private)
            assert count == failed
        answers["/ics?id=A-1"] = web.Response(status=503)
        later = NOW + HOUR
        assert await look(node.home.public, node.home.store, later, 480, private=True) == 2
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/record?kind=instrument&id=A-1") as answer:
        text = await answer.text()
    assert "09:00–10:00" in text and "2026-11-23 08:00" in text  # as it was read last
    assert "示例用户" not in text
    assert "示例用户".encode() not in node.home.store.read_bytes()
    async with client.get("/fenhe/record?kind=instrument&id=A-2") as answer:
        assert "暂无占用" not in await answer.text()  # nobody knows


async def test_a_calendar_that_no_instrument_names_any_more_is_forgotten(node: Node) -> None:
    with Store.open(node.home.store) as store:
        calendars.put(store, calendars.StoredCalendar("A-9", "https://x.example/a", NOW))
    await look(node.home.public, node.home.store, NOW, 480, private=False)
    with Store.open(node.home.store) as store:
        assert calendars.every(store) == []
