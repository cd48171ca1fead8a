"""A hostile WSDL makes the hub fetch from the platform's own server alone, and not for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import requests
from aiohttp import web

from deploy.nrii_receiver.ledger import Ledger
from deploy.nrii_receiver.server import SERVICE, WSDL, make_app
from fenhe_hub.upstream.bounded_session import BoundedSession
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.platform_transport import MOST_FILES, PlatformTransport, at_home
from fenhe_hub.upstream.seam import Reply
from tests.hub.test_nrii_soap import a_delivery

SCHEMA = '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:{}">{}'
Answer = Callable[[web.Request], str]


@asynccontextmanager
async def served(answer: Answer, asked: list[str]) -> AsyncIterator[str]:
    """A server that notes what it is asked."""

    async def handle(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path_qs}")
        return web.Response(text=answer(request), content_type="text/xml")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def importing(place: str, base: str) -> str:
    """The platform's WSDL with one more schema, from this place."""
    text = WSDL.read_text("utf-8").replace("@ADDRESS@", f"{base}{SERVICE}")
    head, schema, rest = text.partition("<xsd:schema")
    tag, end, body = rest.partition(">")
    imported = f'<xsd:import namespace="urn:1" schemaLocation="{place}"/>'
    return head + schema + tag + end + imported + body


def whole(number: int, more: str = "") -> str:
    return SCHEMA.format(number, more) + "</xsd:schema>"


async def deliver(wsdl: str) -> Reply:
    upstream = NriiSoap(wsdl, timeout_seconds=10)
    try:
        return await upstream.deliver(a_delivery())
    finally:
        await upstream.close()


async def test_a_schema_elsewhere_is_asked_for_at_the_platform_and_nobody_else_is() -> None:
    elsewhere: list[str] = []
    asked: list[str] = []
    async with served(lambda _: whole(1), elsewhere) as inner:

        def answer(request: web.Request) -> str:
            if request.query_string == "xsd=1":
                return whole(1)
            return importing(f"{inner}/inner/types?xsd=1", f"{request.url.origin()}")

        async with served(answer, asked) as platform:
            reply = await deliver(f"{platform}{SERVICE}?wsdl")
    assert elsewhere == []
    assert "GET /inner/types?xsd=1" in asked
    assert asked[-1] == f"POST {SERVICE}"  # what is no SOAP answer is a fault, and it came so far
    assert reply.code is None


@pytest.mark.parametrize("scheme", ["file://{}", "{}", "ftp://127.0.0.1:9/{}"])
async def test_no_file_of_this_machine_is_read(tmp_path: Path, scheme: str) -> None:
    secret = tmp_path / "schema.xsd"
    secret.write_text(whole(1))
    asked: list[str] = []
    place = scheme.format(secret)

    def answer(request: web.Request) -> str:
        return importing(place, f"{request.url.origin()}")

    async with served(answer, asked) as platform:
        reply = await deliver(f"{platform}{SERVICE}?wsdl")
    assert reply.code is None
    assert not any(each.startswith("POST") for each in asked)
    with BoundedSession(1) as session, pytest.raises(requests.RequestException):
        PlatformTransport("http://127.0.0.1:9/", session, 1).load(place)


async def test_an_entity_of_a_file_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("instruInfo")
    asked: list[str] = []

    def answer(request: web.Request) -> str:
        text = WSDL.read_text("utf-8").replace("@ADDRESS@", f"{request.url.origin()}{SERVICE}")
        declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
        first, found, rest = text.partition("?>")
        return first + found + declared + rest if found else declared + text

    async with served(answer, asked) as platform:
        reply = await deliver(f"{platform}{SERVICE}?wsdl")
    assert reply.code is None and "instruInfo" not in reply.raw
    assert not any(each.startswith("POST") for each in asked)


async def test_schemas_behind_schemas_without_end_are_cut_off() -> None:
    asked: list[str] = []

    def answer(request: web.Request) -> str:
        base = f"{request.url.origin()}"
        if (number := request.query.get("xsd")) is None:
            return importing(f"{base}/types?xsd=1", base)
        after = int(number) + 1
        more = f'<xsd:import namespace="urn:{after}" schemaLocation="/types?xsd={after}"/>'
        return whole(int(number), more)

    async with served(answer, asked) as platform:
        reply = await deliver(f"{platform}{SERVICE}?wsdl")
    assert reply.code is None and "files" in reply.raw
    assert len(asked) == MOST_FILES


async def test_files_that_come_slowly_have_a_time_in_all() -> None:
    asked: list[str] = []
    times = [0.0]
    async with served(lambda _: whole(1), asked) as platform:
        with BoundedSession(10) as session:
            transport = PlatformTransport(platform, session, 10, lambda: times[-1])
            await asyncio.to_thread(transport.load, f"{platform}/1")
            times.append(10.5)
            with pytest.raises(requests.RequestException, match="slow"):
                await asyncio.to_thread(transport.load, f"{platform}/2")
    assert asked == ["GET /1"]


def test_the_path_is_the_wsdls_to_say_and_the_server_is_not() -> None:
    home = "https://platform.example/ws?wsdl"
    assert at_home("http://10.0.0.1:8080/a/b?xsd=1", home) == "https://platform.example/a/b"
    assert at_home("http://10.0.0.1/a?xsd=1", home, query=True) == (
        "https://platform.example/a?xsd=1"
    )
    assert at_home("", home) == "https://platform.example/ws"


async def test_an_honest_platform_is_served_as_before() -> None:
    ledger = Ledger()
    runner = web.AppRunner(make_app(ledger))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reply = await deliver(f"http://127.0.0.1:{runner.addresses[0][1]}{SERVICE}?wsdl")
    finally:
        await runner.cleanup()
    assert reply.code is not None and len(ledger.records) == 1
