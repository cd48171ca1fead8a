"""What a monitor is told of a serving gateway: whether it works, and counts without anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession

from deploy.demo.ports import free_port
from fenhe_hub.cli import main
from fenhe_hub.gateway.operations import desk_at
from fenhe_hub.gateway.rounds import serve_rounds
from fenhe_hub.gateway.watch import SILENT_SECONDS, Watch
from fenhe_protocol.error_texts import TEXTS
from tests.hub.gateway_house import SECRETS, House, gateway_house
from tests.hub.houses import served


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        house.describe_unit()
        house.own("A-1")
        house.serve_users(house.sealed("S-1"), house.sealed("S-2", instrument="B-9"))
        await house.province.sync()
        await house.report_instruments()
        yield house


@asynccontextmanager
async def serving(watch: Watch, said: list[str]) -> AsyncIterator[str]:
    """Rounds for ever, with a monitor's address; that address."""
    port = free_port()
    running = asyncio.create_task(serve_rounds(watch, desk_at, said.append, ("127.0.0.1", port)))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.cancel()
        await running


async def asked(url: str, until: str) -> tuple[int, dict[str, Any], str]:
    """Health as soon as its status is this, and the metrics beside it."""
    async with ClientSession() as session:
        for _ in range(600):
            with suppress(ClientConnectionError):
                async with session.get(f"{url}/healthz") as reply:
                    found = reply.status, await reply.json()
                if found[1]["status"] == until:
                    async with session.get(f"{url}/metrics") as numbers:
                        return *found, await numbers.text()
            await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_a_working_gateway_is_well_and_counts_without_naming_anybody(house: House) -> None:
    said: list[str] = []
    now = house.province.now
    watch = Watch(house.gateway, lambda: now)
    async with served(house.province.hub, now), serving(watch, said) as url:
        status, health, numbers = await asked(url, "ok")
    assert (status, health) == (200, {"status": "ok"})
    lines = numbers.splitlines()
    assert 'fenhe_gateway_items{state="done"} 1.0' in lines
    assert 'fenhe_gateway_waiting{why="scope"} 1.0' in lines
    assert 'fenhe_gateway_lines{key="current"} 2.0' in lines
    assert "fenhe_gateway_healthy 1.0" in lines
    told = numbers + "".join(said)
    assert not [text for text in (*SECRETS, house.node.uscc, "S-1", "A-1") if text in told]


async def test_a_gateway_whose_hub_is_away_says_why(house: House) -> None:
    said: list[str] = []
    now = house.province.now
    async with serving(Watch(house.gateway, lambda: now), said) as url:
        status, health, numbers = await asked(url, "failing")
    assert status == 503 and health["round"] in TEXTS
    assert "fenhe_gateway_failed_rounds 1.0" in numbers
    assert "fenhe_gateway_healthy 0.0" in numbers


def test_a_round_that_hangs_is_missed_and_one_that_sends_is_not(house: House) -> None:
    clock = [0]
    watch = Watch(house.gateway, lambda: clock[0])
    assert watch.reasons() == {}
    watch.ended("")
    clock[0] = long = SILENT_SECONDS + 3 * house.gateway.config.interval_seconds
    assert watch.reasons() == {"schedule": "round"}
    watch.alive()
    assert watch.reasons() == {}
    clock[0] = 2 * long
    watch.ended("fetch.status")
    assert watch.reasons() == {"round": "fetch.status"}


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.7:0", "gateway.example:0", "nowhere"])
def test_only_this_machine_may_ask(
    house: House, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(house.gateway.path)
    assert main(["--home", home, "gateway", "serve", "--listen", address]) == 1
    assert "--listen" in capsys.readouterr().err
