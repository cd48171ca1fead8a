"""A gateway asks for the SM2 line of the hub and of units, if its operator enrolled their keys."""

import json
from pathlib import Path

import pytest

from fenhe_hub.gateway.home import open_gateway
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.second_line import second_key
from tests import sm2
from tests.federation.push_house import configure
from tests.hub.gateway_house import House, gateway_house

PUBLIC = sm2.public_of(sm2.SECRET)


def enrol(house: House, *texts: str) -> None:
    configure(house.gateway.path, sm2_keys=json.dumps(texts))


def has(house: House) -> bool:
    """Whether the gateway has taken the service."""
    with house.desk() as desk:
        return desk.store.state("service_record", "nat", house.node.uscc, "S-1") is not None


async def test_nothing_is_taken_without_the_line_of_an_enrolled_key(tmp_path: Path) -> None:
    sm2.need_libcrypto()
    async with gateway_house(tmp_path) as house:
        house.own("A-1")
        house.serve_users(house.sealed("S-1"))
        await house.province.sync()
        enrol(house, second_key(house.province.hub.origin, PUBLIC).text)
        with pytest.raises(Refused, match=r"^sm2\.unsigned: .*hub\.example"):
            await house.take()
        enrol(house, second_key(house.node.origin, PUBLIC).text)
        await house.take()
        assert {warned.code for warned in house.warned} == {"sm2.unsigned"}
        assert not has(house)
        enrol(house)
        await house.take()
        assert has(house)


async def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    async with gateway_house(tmp_path) as house:
        enrol(house, "hub.example/fenhe/sm2+00000000+AAAA")
        with pytest.raises(SetupError, match=r"^setup\.value: .*sm2_keys"):
            open_gateway(house.gateway.path)
