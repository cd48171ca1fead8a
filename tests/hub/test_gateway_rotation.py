"""A gateway's root and request keys go and come as a node's and a hub's do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.cli import main
from fenhe_hub.gateway.home import Gateway, open_gateway
from fenhe_protocol.errors import Deferred
from tests.hub.gateway_house import House, gateway_house, let_read


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        yield house


def run(gateway: Gateway, *words: str) -> int:
    return main(["--home", str(gateway.path), "gateway", *words])


async def test_a_stolen_request_key_is_replaced_and_the_hub_believes_the_new_one(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.serve_users(house.sealed("S-1"))
    await house.province.sync()
    stolen = house.gateway.keys.request
    assert run(house.gateway, "rotate-key", "request", "--stolen") == 0
    house.gateway = open_gateway(house.gateway.path)
    assert house.gateway.keys.request != stolen
    with pytest.raises(Deferred, match=r"^fetch\.denied"):
        await house.take()
    house.province.hub = let_read(house.province, house.gateway)
    await house.take()
    with house.desk() as desk:
        assert sum(desk.store.keys().values()) == 1
    assert "交省平台" in capsys.readouterr().out


def test_a_request_key_is_used_until_the_hub_had_time_to_list_the_next(house: House) -> None:
    before = house.gateway.keys.request
    assert run(house.gateway, "rotate-key", "request") == 0
    after = open_gateway(house.gateway.path)
    assert after.document.request[0] == before.public != after.document.request[1]
    assert after.keys.request == before


def test_what_is_sealed_to_changes_under_the_next_root_key(house: House) -> None:
    before = house.gateway
    assert run(before, "rotate-key", "root") == 0
    assert run(before, "rotate-seal") == 0
    after = open_gateway(before.path)
    assert (after.fingerprint, after.document.n) == (before.fingerprint, 3)
    assert after.current_seal != before.current_seal
    assert list(after.named) == [before.current_seal, after.current_seal]


def test_where_the_root_key_is_elsewhere_a_new_seal_waits_for_its_signature(
    house: House, tmp_path: Path
) -> None:
    before, seed = house.gateway, house.gateway.path / "keys" / "root.seed"
    away = seed.rename(tmp_path / "stick.seed")
    assert run(before, "rotate-seal") == 4
    waiting = open_gateway(before.path)
    assert waiting.current_seal == before.current_seal
    [new] = waiting.seals.keys() - {before.current_seal}
    assert run(before, "destroy-seal", new, "--anyway") == 1  # it will be sealed to
    away.rename(seed)
    assert run(before, "root-document", "sign") == 0
    assert open_gateway(before.path).current_seal == new
