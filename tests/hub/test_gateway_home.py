"""A gateway's folder is its own account's alone, whatever was there and whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_hub.gateway.config import GatewayConfig
from fenhe_hub.gateway.home import Naming, init_gateway, open_gateway
from fenhe_hub.gateway.operations import desk_at
from fenhe_protocol.errors import SetupError
from tests.hub.fake_node import START
from tests.hub.houses import HUB_USCC

NAMING = Naming("gateway.example/nrii", HUB_USCC, "https://gateway.example/nrii")
CONFIG = GatewayConfig("https://hub.example/fenhe", "0" * 64)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_nobody_else_enters_and_what_opens_or_was_taken_nobody_else_reads(tmp_path: Path) -> None:
    home = tmp_path / "gateway"
    home.mkdir(mode=0o755)
    gateway = init_gateway(home, NAMING, CONFIG, now=START)
    with desk_at(open_gateway(home)):
        private = [*home.glob("*.sqlite*"), *home.glob("*.lock"), *home.rglob("*.seed")]
        assert {mode(path) for path in private} == {0o600}
        assert {gateway.store, gateway.outbox, gateway.lock} <= set(private)
    assert {mode(path) for path in (home, home / "keys", home / "keys" / "seal")} == {0o700}


@pytest.mark.parametrize(
    ("naming", "option"),
    [
        (Naming("gateway.example/nrii", HUB_USCC[:-1] + "0", ""), "--uscc"),
        (Naming("Gateway.example/", HUB_USCC, ""), "--origin"),
    ],
)
def test_what_is_misspelt_is_named_and_nothing_is_made(
    tmp_path: Path, naming: Naming, option: str
) -> None:
    with pytest.raises(SetupError, match=r"setup\.value") as found:
        init_gateway(tmp_path / "gateway", naming, CONFIG, now=START)
    assert found.value.where.startswith(option)
    assert not (tmp_path / "gateway").exists()
