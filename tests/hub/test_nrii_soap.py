"""The forwarder over SOAP to the receiving server; Debian's PHP SoapClient as a peer."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, web

from deploy.nrii_receiver.ledger import Ledger
from deploy.nrii_receiver.server import SERVICE, WSDL, make_app
from fenhe_hub.upstream.nrii_record import type_4
from fenhe_hub.upstream.nrii_service import type_6
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.seam import Delivery
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED, UNIT
from tests.hub.test_nrii_service import HUB, NAT
from tests.wanting import wanting

INS_CODE = "0" * 32


@dataclass
class Receiver:
    ledger: Ledger
    address: str

    @property
    def wsdl(self) -> str:
        return f"{self.address}?wsdl"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    ledger = Ledger()
    runner = web.AppRunner(make_app(ledger))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield Receiver(ledger, f"http://127.0.0.1:{port}{SERVICE}")
    await runner.cleanup()


def a_delivery(**changes: str) -> Delivery:
    written = {**type_4(PUBLIC, SUPERVISED, UNIT), **changes}
    return Delivery(INS_CODE, 4, written["innerId"], json.dumps(written, ensure_ascii=False))


async def deliver(receiver: Receiver, delivery: Delivery) -> tuple[int | None, str]:
    upstream = NriiSoap(receiver.wsdl, timeout_seconds=10)
    try:
        reply = await upstream.deliver(delivery)
    finally:
        await upstream.close()
    return reply.code, reply.raw


async def test_a_record_arrives_as_it_was_sent_and_the_reply_is_kept_raw(
    receiver: Receiver,
) -> None:
    code, raw = await deliver(receiver, a_delivery())
    assert code == 100
    assert "instruInfoResponse" in raw
    stored = receiver.ledger.records[(INS_CODE, 4, "A-1001")]
    assert stored == type_4(PUBLIC, SUPERVISED, UNIT)


@pytest.mark.parametrize("code", [101, 200, 201, 202, 203, 204, 301])
async def test_every_result_code_comes_through(receiver: Receiver, code: int) -> None:
    receiver.ledger.forced["*"] = code
    assert (await deliver(receiver, a_delivery()))[0] == code
    assert receiver.ledger.records == {}


async def test_the_receiver_finds_what_the_norm_forbids(receiver: Receiver) -> None:
    assert (await deliver(receiver, a_delivery(postalcode="")))[0] == 202
    assert receiver.ledger.calls[-1].reasons == ["postalcode 缺失"]
    assert (await deliver(receiver, a_delivery(cname="长" * 51)))[0] == 202
    assert (await deliver(receiver, Delivery("1" * 32, 4, "A", a_delivery().payload)))[0] == 200
    assert (await deliver(receiver, Delivery(INS_CODE, 4, "A", "[1]")))[0] == 201


async def test_a_second_push_overwrites_unless_the_record_is_under_review(
    receiver: Receiver,
) -> None:
    key = (INS_CODE, 4, "A-1001")
    await deliver(receiver, a_delivery())
    await deliver(receiver, a_delivery(cname="新名称"))
    assert receiver.ledger.records[key]["cname"] == "新名称"
    receiver.ledger.audit[key] = 1
    await deliver(receiver, a_delivery(cname="再改"))
    assert receiver.ledger.records[key]["cname"] == "新名称"


async def test_a_server_that_is_away_or_no_soap_is_a_fault_without_a_code(
    receiver: Receiver,
) -> None:
    away = Receiver(receiver.ledger, "http://127.0.0.1:9/none")
    code, raw = await deliver(away, a_delivery())
    assert code is None and raw
    other = Receiver(receiver.ledger, receiver.address.replace(SERVICE, "/received"))
    assert (await deliver(other, a_delivery()))[0] is None


async def test_a_wsdl_that_describes_another_service_is_a_fault_without_a_code() -> None:
    async def described(request: web.Request) -> web.Response:
        text = WSDL.read_text("utf-8").replace("@ADDRESS@", str(request.url))
        odd = text.replace("xmlsoap.org/wsdl/soap/", "example/").replace("insCode", "code")
        return web.Response(text=odd, content_type="text/xml")

    app = web.Application()
    app.router.add_get("/", described)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    odd = Receiver(Ledger(), f"http://127.0.0.1:{runner.addresses[0][1]}/")
    code, raw = await deliver(odd, a_delivery())
    assert code is None and raw
    await runner.cleanup()


@pytest.mark.parametrize("body", [b"<a>", b"not xml", b"<x/>", b""])
async def test_what_is_no_soap_call_gets_a_fault(receiver: Receiver, body: bytes) -> None:
    async with ClientSession() as session, session.post(receiver.address, data=body) as answer:
        assert answer.status == 500
        assert "Fault" in await answer.text()


PHP = """
$client = new SoapClient($argv[1], ["cache_wsdl" => WSDL_CACHE_NONE]);
$result = $client->instruInfo(
    ["insCode" => $argv[2], "instruType" => 4, "instruList" => $argv[3]]);
echo $result->return;
"""


@pytest.mark.parametrize("never", ["the WSDL", "the answer"])
async def test_a_server_that_never_ends_is_a_fault_without_a_code(never: str) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(bytes(1 << 20))
        return response

    async def wsdl(request: web.Request) -> web.Response:
        text = WSDL.read_text("utf-8").replace("@ADDRESS@", str(request.url.with_query(None)))
        return web.Response(text=text, content_type="text/xml")

    app = web.Application()
    app.router.add_get(SERVICE, endless if never == "the WSDL" else wsdl)
    app.router.add_post(SERVICE, endless)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    platform = Receiver(Ledger(), f"http://127.0.0.1:{runner.addresses[0][1]}{SERVICE}")
    try:
        code, raw = await deliver(platform, a_delivery())
    finally:
        await runner.cleanup()
    assert code is None
    assert "bytes" in raw


async def test_whoever_names_another_server_in_the_wsdl_gets_nothing(receiver: Receiver) -> None:
    asked: list[str] = []

    async def wsdl(request: web.Request) -> web.Response:
        text = WSDL.read_text("utf-8").replace("@ADDRESS@", receiver.address)
        return web.Response(text=text, content_type="text/xml")

    async def call(request: web.Request) -> web.Response:
        asked.append(await request.text())
        return web.Response(status=500)

    app = web.Application()
    app.router.add_get(SERVICE, wsdl)
    app.router.add_post(SERVICE, call)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    platform = Receiver(Ledger(), f"http://127.0.0.1:{runner.addresses[0][1]}{SERVICE}")
    try:
        code, _ = await deliver(platform, a_delivery())
    finally:
        await runner.cleanup()
    assert code is None
    assert receiver.ledger.records == {}  # the server that the WSDL names
    assert len(asked) == 1


async def test_debians_php_soap_client_talks_to_the_receiver(receiver: Receiver) -> None:
    if shutil.which("php") is None:
        wanting("php", "no PHP here: apt install php-cli php-soap")
    process = await asyncio.create_subprocess_exec(
        "php",
        "-r",
        PHP,
        "--",
        receiver.wsdl,
        INS_CODE,
        a_delivery().payload,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert printed == b"100"
    assert (INS_CODE, 4, "A-1001") in receiver.ledger.records


async def test_a_service_arrives_once_its_instrument_has(receiver: Receiver) -> None:
    said = type_6(HUB, NAT, INS_CODE)
    service = Delivery(INS_CODE, 6, "S-1", json.dumps(said, ensure_ascii=False))
    assert (await deliver(receiver, service))[0] == 202
    assert receiver.ledger.calls[-1].reasons == ["innerId 尚未报送"]
    await deliver(receiver, a_delivery())
    assert (await deliver(receiver, service))[0] == 100
    assert receiver.ledger.records[INS_CODE, 6, "S-1"] == said
    for name, value in (("applicant", "长" * 21), ("serviceAmount", "1970-01-01 08")):
        wrong = Delivery(INS_CODE, 6, "S-1", json.dumps({**said, name: value}))
        assert (await deliver(receiver, wrong))[0] == 202
    assert (await deliver(receiver, Delivery(INS_CODE, 3, "C", "{}")))[0] == 203
