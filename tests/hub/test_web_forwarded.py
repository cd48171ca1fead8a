"""`forwarded`: how instruments stand at the platform, for the gateway and nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.config import ReaderSettings
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.forwarded import Standing, parse_forwarded
from fenhe_protocol.keys import SigningKey
from tests.hub.gateway_house import House, gateway_house
from tests.hub.houses import served

AUDITOR, ELSEWHERE = (SigningKey.from_seed(bytes([n]) * 32) for n in (82, 83))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        other = house.province.nodes[1].origin
        readers = (
            *house.province.hub.config.readers,
            ReaderSettings("auditor", b64_encode(AUDITOR.public), ("hub",)),
            ReaderSettings("elsewhere", b64_encode(ELSEWHERE.public), ("hub", "nat"), (other,)),
        )
        config = replace(house.province.hub.config, readers=readers)
        house.province.hub = replace(house.province.hub, config=config)
        yield house


async def test_who_may_ask_and_what_is_answered(house: House) -> None:
    gateway, node = house.gateway.keys.request, house.node
    async with served(house.province.hub, house.province.now) as visitor:
        nothing = await visitor.get("forwarded", gateway)
        assert parse_forwarded(await nothing.read()) == []
        assert not house.province.hub.home.outbox.exists()
    house.describe_unit()
    house.own("A-1", "A-2")
    house.ledger.forced["A-2"] = 202
    await house.province.sync()
    await house.report_instruments()
    async with served(house.province.hub, house.province.now) as visitor:
        keys = (None, AUDITOR, node.request_key, gateway, ELSEWHERE)
        answers = [await visitor.get("forwarded", key) for key in keys]
        assert [answer.status for answer in answers] == [401, 403, 403, 200, 200]
        whole, limited = [parse_forwarded(await each.read()) for each in answers[3:]]
    assert whole == [
        Standing(node.uscc, "A-1", "accepted"),
        Standing(node.uscc, "A-2", "waiting"),
    ]
    assert limited == []
