"""Pushers killed at any moment, several at once, a hub that dies between: nothing is lost."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.programs import Server
from tests.federation.province import Province, province_in
from tests.federation.push_house import NAME, found_pusher, mirrored, publish, stage
from tests.node.homes import Clock, instrument, publish_all, service

LEAVES = 8_700  # more than one request may carry
ROUNDS = 4


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        node = found_pusher(province)
        stage(province, [instrument(f"A-{n}", value_yuan=500_000) for n in range(300)])
        stage(province, [service(f"S-{n}") for n in range(LEAVES)])
        publish_all(node, Clock(int(time.time()) - 60))
        yield province


def start_push(province: Province) -> Server:
    command = ("fenhe-node", "--home", str(province.home(NAME)), "publish", "--no-wait")
    return province.programs.start(province.folder / "pushers.log", *command)


def kill(process: Server) -> None:
    process.kill()
    process.wait()


def assert_all_received(province: Province) -> None:
    assert mirrored(province) == {"catalogue": (302, 302), "usage": (LEAVES, LEAVES)}
    [held] = province.node(NAME, "status")["receipts"]
    assert (held["with"], held["without"]) == (301 + LEAVES, 0)


def test_killed_pushers_and_a_killed_hub_go_on_where_they_stopped(province: Province) -> None:
    chance = random.Random(15)
    for number in range(ROUNDS):
        pushers = [start_push(province) for _ in range(2)]
        time.sleep(chance.uniform(1, 4))
        if number % 2:
            kill(province.process("hub"))
        for pusher in pushers:
            kill(pusher)
        if number % 2:
            province.serve("hub")
    publish(province)
    assert_all_received(province)
    # What the mirror holds is what the unit has, byte for byte, and its index is rebuilt from it.
    province.stop("hub")
    assert province.hub("rebuild")


def test_pushers_that_run_at_once_all_come_to_the_receipt(province: Province) -> None:
    pushers = [start_push(province) for _ in range(3)]
    codes = [pusher.wait(timeout=120) for pusher in pushers]
    assert codes == [0, 0, 0], (province.folder / "pushers.log").read_text("utf-8")
    assert_all_received(province)
