"""What strangers send to the public pages, by itself."""

import asyncio

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request

from fenhe_client.strangers import URLENCODED, read_form
from fenhe_protocol.errors import RequestError


async def test_who_goes_in_the_middle_of_a_form_is_no_error_of_the_nodes() -> None:
    loop = asyncio.get_running_loop()
    body = StreamReader(BaseProtocol(loop), 100, loop=loop)
    body.set_exception(ConnectionResetError("Connection lost"))
    headers = {"Content-Type": URLENCODED, "Content-Length": "9"}
    request = make_mocked_request("POST", "/apply", headers=headers, payload=body)
    with pytest.raises(RequestError, match=r"form\.slow"):
        await read_form(request)
