"""Invented users go the whole way to the platform, and are found at both its ends alone.

What the hub and the gateway have at rest, said, answered and had in memory is searched for them;
`gateway_story` tells how they went.
"""

import json
from collections.abc import Iterator

import pytest

from deploy.demo.programs import read
from tests.federation.gateway_story import INS_CODE, SERVICES, USCC, Story, told_in
from tests.federation.memory import MARKS, Searched, needles
from tests.federation.planting import mobile, name
from tests.federation.province import HUB_ORIGIN
from tests.federation.scanning import marks_below, marks_in
from tests.wanting import wanting


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with told_in(tmp_path_factory.mktemp("gateway")) as story:
        yield story


def test_before_its_instrument_no_service_goes(story: Story) -> None:
    [group] = story.early["groups"]
    assert (group["state"], group["count"]) == ("ready", SERVICES)
    assert group["reason"].startswith("仪器不在上报范围")


def test_every_user_arrives(story: Story) -> None:
    arrived = {record["recordInnerId"]: record for record in story.received()}
    for row in range(SERVICES):
        record = arrived[f"S-{row}"]
        phone = mobile(row or SERVICES)  # the first was given another
        assert (record["applicant"], record["applicantPhone"]) == (name(row), phone)
        assert (record["insCode"], record["innerId"]) == (INS_CODE, "A-1")
    assert marks_in(json.dumps(story.received()).encode())


def test_the_gateway_says_so(story: Story) -> None:
    status = story.status
    [group] = status["groups"]
    assert (group["state"], group["code"], group["count"]) == ("done", 100, SERVICES)
    assert (status["forwarded"], status["untold"]) == (SERVICES, 0)
    assert sum(status["sealed"].values()) == SERVICES + 1  # one was given anew


def test_a_monitor_sees_that_it_works_and_nobody(story: Story) -> None:
    address = story.province.url("gateway")
    assert json.loads(read(f"{address}/healthz")) == {"status": "ok"}
    numbers = read(f"{address}/metrics")
    assert b'fenhe_gateway_items{state="done"} 5.0' in numbers
    assert marks_in(numbers) == set() and USCC.encode() not in numbers


@pytest.mark.parametrize("when", ["during", "after", "started again"])
def test_no_user_is_in_the_memory_of_the_hub(story: Story, when: str) -> None:
    assert _searched(story, f"hub {when}").like(MARKS) == set()


def test_the_user_is_in_the_memory_of_the_gateway_that_sends(story: Story) -> None:
    searched = _searched(story, "gateway during")
    assert searched.like(needles(name(0))) and searched.like(needles(mobile(0)))


def _searched(story: Story, what: str) -> Searched:
    if what not in story.memory:
        wanting("memory", "nobody may read another process's memory here: ptrace_scope")
    searched = story.memory[what]
    assert searched.whole and searched.like(needles(HUB_ORIGIN))
    return searched


@pytest.mark.parametrize("home", ["hub", "gateway"])
def test_no_user_is_at_rest(story: Story, home: str) -> None:
    files = {path.name for path in story.province.home(home).rglob("*") if path.is_file()}
    assert "outbox.sqlite" in files
    assert marks_below(story.province.home(home)) == {}


@pytest.mark.parametrize("log", ["hub.log", "gateway.log", "node.log", "commands.log"])
def test_no_user_is_in_a_log(story: Story, log: str) -> None:
    assert marks_in((story.province.folder / log).read_bytes()) == set()


def test_held_back_and_let_go(story: Story) -> None:
    story.gateway("hold", "6", "--why", "示例原因")
    assert story.gateway("status")["on_hold"] == {"6": "示例原因"}
    story.gateway("release", "6")
    assert story.gateway("release", "6", allowed=(1,))["code"] == "gateway.hold"


def test_an_old_key_that_units_may_still_seal_to_is_destroyed_only_if_meant(story: Story) -> None:
    before = story.gateway("fingerprint")
    after = story.gateway("rotate-seal")
    assert after["fingerprint"] == before["fingerprint"] and after["seal"] != before["seal"]
    assert story.gateway("destroy-seal", after["seal"], allowed=(1,))["code"] == "gateway.key"
    used = story.gateway("destroy-seal", before["seal"], allowed=(1,))
    assert used["code"] == "gateway.key-used"
    gone = story.gateway("destroy-seal", before["seal"], "--anyway")
    assert gone == {"destroyed": before["seal"], "lines": SERVICES + 1}
    assert story.gateway("status")["sealed"] == {}
    assert not list(story.province.home("gateway").glob(f"keys/seal/{before['seal']}*"))
