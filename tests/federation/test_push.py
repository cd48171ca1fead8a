"""A unit behind a firewall pushes to a real hub over real sockets, whatever comes between."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_client.fetching.fetch import Web
from fenhe_client.pushing.push import PushReport
from fenhe_node.hubs.push import push_hubs
from fenhe_node.node import open_node
from fenhe_node.operations.options import now
from fenhe_node.store import Store
from fenhe_protocol.encoding import format_time, parse_time
from tests.federation.province import Province, province_in
from tests.federation.push_house import (
    NAME,
    enrol_pusher,
    found_pusher,
    log_push,
    mirrored,
    publish,
    sign,
    stage,
)
from tests.node.homes import UNIT, Clock, instrument, publish_all, publish_long_ago, service
from tests.patience import until


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        yield province


def test_publish_alone_brings_everything_to_the_hub_and_a_receipt_back(province: Province) -> None:
    found_pusher(province)
    stage(province, [instrument("A-1", value_yuan=500_000), service("S-1")])
    pushed = publish(province)
    assert {log: each["error"] for log, each in pushed.items()} == dict.fromkeys(pushed)
    assert pushed["catalogue"]["receipt"] and pushed["usage"]["receipt"]
    assert mirrored(province) == {"catalogue": (3, 3), "usage": (1, 1)}
    out = province.folder / "A-1.tlog-proof"
    receipt = province.node(NAME, "receipt", "A-1", "--out", str(out))
    assert receipt["receipts"][0]["cosigner"] == "hub.example/fenhe/m"
    key, cosigner = receipt["key"], receipt["receipts"][0]["key"]
    command = ("verify-proof", str(out), "--key", key, "--cosigner", cosigner)
    assert province.programs.answer("fenhe", *command)["bodies"]["pub"]["id"] == "A-1"
    status = province.node(NAME, "status")
    assert status["alarms"] == [] and status["receipts"][0]["without"] == 0


def test_what_no_firewall_hinders_is_read_by_a_hub_that_was_told(province: Province) -> None:
    province.found_node(NAME, "示例大学", UNIT)
    publish_long_ago(open_node(province.home(NAME)))
    province.serve(NAME)
    province.enrol(NAME)
    stage(province, [instrument("A-1")])
    answer = province.node(NAME, "publish")
    steps = {each["log"]: each["step"] for each in answer["pushed"]}
    assert set(steps.values()) == {"announce"}
    # The hub's own interval is five minutes: it came because it was told.
    assert answer["hubs"][0]["has_all"]


def test_a_unit_that_is_not_enrolled_is_told_what_to_hand_over(province: Province) -> None:
    found_pusher(province, enrolled=False)
    stage(province, [instrument("A-1")])
    pushed = publish(province, allowed=(4,))
    error = pushed["catalogue"]["error"]
    assert error["code"] == "push.unenrolled" and "root/1" in error["advice"]
    enrol_pusher(province)
    # For some seconds a hub may remember whom it does not know.
    until(lambda: publish(province, allowed=(0, 4))["catalogue"]["receipt"])


def test_a_clock_that_is_wrong_is_named_beside_the_hubs(province: Province) -> None:
    node = found_pusher(province)
    stage(province, [instrument("A-1")])
    publish_all(node, Clock(int(time.time())))
    late = int(time.time()) - 400
    done = asyncio.run(push_hubs(node, lambda: late))
    (error,) = {each.error.code: each.error for each in done if each.error}.values()
    assert error.code == "push.clock" and "校准" in error.advice
    hubs_clock = parse_time(error.expected.split()[0])
    assert abs(hubs_clock - time.time()) < 60 and error.found == format_time(late)
    done = asyncio.run(push_hubs(node, now))
    assert done and not [each for each in done if each.error]


def test_bodies_that_the_hub_lacks_are_sent_with_the_next_push(province: Province) -> None:
    node = found_pusher(province)
    stage(province, [instrument(f"A-{n}", value_yuan=500_000) for n in range(300)])
    publish_all(node, Clock(int(time.time())))
    held = node.home.held / "catalogue" / "body" / "hub"
    away = node.home.path / "away"
    held.rename(away)
    lost = publish(province, allowed=(4,))["catalogue"]
    assert lost["error"]["code"] == "push.lost" and lost["error"]["found"].startswith("300: ")
    assert mirrored(province)["catalogue"] == (302, 0)
    away.rename(held)
    mended = publish(province)["catalogue"]
    assert (mended["entries"], mended["bodies"]) == (0, 300) and mended["receipt"]
    assert mirrored(province)["catalogue"] == (302, 302)


def test_a_head_that_another_pushed_meanwhile_is_pushed_on(province: Province) -> None:
    node = found_pusher(province)
    clock = Clock(int(time.time()) - 1200)

    async def race() -> PushReport:
        async with Web() as web:
            stage(province, [instrument("A-1")])
            publish_all(node, clock)
            slow, quick = log_push(web, node), log_push(web, node)
            await slow.announce()
            stage(province, [instrument("A-2")])
            clock.at += 60
            publish_all(node, clock)
            await log_push(web, node).announce()
            assert (await quick.run()).size == 4
            return await slow.run()

    report = asyncio.run(race())
    assert report.size == 4 and b"hub.example/fenhe/m" in report.note
    assert mirrored(province)["catalogue"] == (4, 4)


def test_a_unit_restored_from_an_old_copy_pushes_nothing(province: Province) -> None:
    node = found_pusher(province)
    sign(node, [instrument("A-1")], minutes_ago=20)
    publish(province)
    copy = province.folder / "copy"
    shutil.copytree(node.home.path, copy)
    sign(node, [instrument("A-2")], minutes_ago=10)
    publish(province)
    shutil.rmtree(node.home.path)
    copy.rename(node.home.path)
    with Store.open(node.home.store) as store:
        store.run("DELETE FROM hub_log")
    done = asyncio.run(push_hubs(node, now))
    assert [each.error.code for each in done if each.error] == ["push.ahead"]
    codes = {each["code"] for each in province.node(NAME, "status")["alarms"]}
    assert codes == {"hub.ahead"}
    assert province.node(NAME, "publish", allowed=(1,))["error"]["code"] == "hub.ahead"
    assert mirrored(province)["catalogue"] == (4, 4)


def test_new_keys_reach_the_hub_before_what_they_sign(province: Province) -> None:
    node = found_pusher(province)
    sign(node, [instrument("A-1")], minutes_ago=20)
    publish(province)
    province.node(NAME, "rotate-key", "log")
    sign(node, [instrument("A-2")], minutes_ago=10)
    assert publish(province)["catalogue"]["receipt"]
    assert mirrored(province)["catalogue"] == (4, 4)
