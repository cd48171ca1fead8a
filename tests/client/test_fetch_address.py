"""The address is judged when the connection is made, whatever the name said before."""

from pathlib import Path
from socket import AF_INET, AddressFamily

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from fenhe_client.fetching.addresses import PRIVATE_TOO, Reach
from fenhe_client.fetching.fetch import Web
from fenhe_protocol.errors import Deferred, Refused
from tests.client.certificates import self_signed
from tests.client.servers import QUICK, always, answer, serving


class Names(AbstractResolver):
    """A resolver whose answers change from one question to the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    async def close(self) -> None:
        pass


async def refusal(names: Names, url: str, reach: Reach) -> str:
    async with Web(QUICK, resolver=names) as web:
        with pytest.raises(Refused) as caught:
            await web.open(url, reach=reach).get("checkpoint", limit=100)
    return caught.value.code


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "0.0.0.0"])
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    assert await refusal(Names([address]), "https://u1.example", Reach()) == "fetch.address"


async def test_a_name_with_several_inner_addresses_is_refused() -> None:
    names = Names(["127.0.0.1", "10.0.0.7", "192.168.0.1"])
    assert await refusal(names, "https://u1.example", Reach()) == "fetch.address"


async def test_a_permission_does_not_open_the_metadata_address() -> None:
    names = Names(["169.254.169.254"])
    assert await refusal(names, "http://u1.example", PRIVATE_TOO) == "fetch.address"


async def test_a_connection_of_a_permitted_publisher_serves_no_other() -> None:
    async with serving(always(answer(b"x"), hang=0.5)) as base:
        port = int(base.rpartition(":")[2])
        url = f"http://u1.example:{port}"
        async with Web(QUICK, resolver=Names(["127.0.0.1"])) as web:
            permitted = web.open(url, reach=PRIVATE_TOO)
            assert (await permitted.get("checkpoint", limit=10)).body == b"x"
            narrow = web.open(
                f"https://u1.example:{port}", reach=Reach(ports=frozenset({443, port}))
            )
            with pytest.raises(Refused) as caught:
                await narrow.get("checkpoint", limit=10)
    assert caught.value.code == "fetch.address"


async def test_a_name_that_changes_its_mind_is_judged_each_time() -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with serving(always(answer(b"x", "200 OK", "Connection: close"))) as base:
        url = f"http://u1.example:{base.rpartition(':')[2]}"
        async with Web(QUICK, resolver=names) as web:
            assert (await web.open(url, reach=PRIVATE_TOO).get("a", limit=10)).status == 200
        async with Web(QUICK, resolver=names) as web:
            with pytest.raises(Refused):
                await web.open(url, reach=PRIVATE_TOO).get("a", limit=10)


async def test_a_name_nobody_knows_defers() -> None:
    class Nobody(Names):
        async def resolve(
            self, host: str, port: int = 0, family: AddressFamily = AF_INET
        ) -> list[ResolveResult]:
            raise OSError(None, "no such name")

    async with Web(QUICK, resolver=Nobody([])) as web:
        with pytest.raises(Deferred) as caught:
            await web.open("https://u1.example").get("checkpoint", limit=10)
    assert caught.value.code == "fetch.connect"


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async with serving(always(answer(b"x")), tls=self_signed(tmp_path)) as base, Web(QUICK) as web:
        with pytest.raises(Refused) as caught:
            await web.open(base, reach=PRIVATE_TOO).get("checkpoint", limit=10)
    assert caught.value.code == "fetch.tls"


async def test_a_server_that_speaks_no_tls_is_refused() -> None:
    async with serving(always(b"HTTP/1.1 400 Bad\r\n\r\n")) as base, Web(QUICK) as web:
        with pytest.raises((Refused, Deferred)) as caught:
            await web.open(base.replace("http", "https"), reach=PRIVATE_TOO).get("a", limit=10)
    assert caught.value.code in ("fetch.tls", "fetch.timeout", "fetch.connect")


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with serving(always(answer(b"x"))) as base, Web(QUICK) as web:
        assert (await web.open(base, reach=PRIVATE_TOO).get("a", limit=10)).body == b"x"
