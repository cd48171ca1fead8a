"""Who is no laboratory system does nothing to the intake and takes no place from one."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer

from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.node import Node
from fenhe_node.soap.app import PATHS, Intake, make_app
from fenhe_node.store import Store, calls, imports
from fenhe_protocol.nrii_wsdl import instru_wsdl
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import NOW, UNIT, Clock, new_node, pen, publish_all
from tests.node.instru_calls import USER, an_intake, php_says, said, with_code
from tests.node.test_erasing import raw_scan
from tests.node.test_soap_intake import call

CALL = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<instruInfo><instruType>4</instruType><instruList>[]</instruList></instruInfo>
</s:Body></s:Envelope>"""


async def test_no_page_of_a_browser_reports(tmp_path: Path) -> None:
    # A browser asks nobody before it sends text, to this machine too.
    file = tmp_path / "store.sqlite"
    headers = {"Content-Type": "text/plain", "Origin": "https://elsewhere.example"}
    async with (
        an_intake(file) as address,
        ClientSession() as session,
        session.post(address, data=CALL, headers=headers) as answer,
    ):
        assert answer.status == 403
    with Store.open(file) as store:
        assert not calls.latest(store, 1)


async def test_who_guesses_waits_and_who_knows_does_not(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    async with an_intake(file, user=USER, penalty=3600) as address, ClientSession() as session:
        wrong = {"Authorization": encode_basic_auth(USER, "?")}
        guess = asyncio.ensure_future(session.post(address, data=b"", headers=wrong))
        assert await php_says(address, [(4, said(4))], user=USER) == [100]
        assert not guess.done()
        guess.cancel()
        await asyncio.gather(guess, return_exceptions=True)


def test_no_name_of_a_host_adds_to_the_description() -> None:
    assert 'a"b' not in instru_wsdl('http://a"b/')


async def test_who_never_ends_a_call_is_waited_for_no_longer(tmp_path: Path) -> None:
    intake = Intake(tmp_path / "store.sqlite", UNIT, lambda: NOW, patience=0.01)
    async with TestServer(make_app(intake)) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        head = f"POST {PATHS[0]} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<"
        writer.write(head.encode())
        assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


def test_who_used_an_instrument_is_forgotten_with_the_erased_service(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    with_code(node.home.store)
    alone = {**said(6, 2), "applicant": "示例丁戊"}
    for number, what in ((4, said(4)), (6, said(6)), (6, alone), (6, {**said(6, 3)})):
        assert call(node.home.store, number, what).code == 100
    assert names(node) == {"示例甲", "示例丙", "示例丁戊"}
    publish_all(node, Clock())
    writing = pen(node, Clock(NOW + 60))
    wish = Wish("law", kind="service_record", ids=("R-1", "R-2"))
    erase(writing, SchemaSet.load(), wish)
    assert names(node) == {"示例甲", "示例丙"}  # R-3 names her still
    assert raw_scan(node.home.path, "示例丁戊".encode()) == []


def names(node: Node) -> set[str]:
    with Store.open(node.home.store) as store:
        return set(imports.persons(store))
