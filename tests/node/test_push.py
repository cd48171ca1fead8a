"""What is due to be pushed, and what a node does where no hub takes it."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.chores import RETRY_SECONDS, Chores
from fenhe_node.home import serving
from fenhe_node.hubs.push import SECONDS_TO_COME, Step, next_step, patience, push_hubs
from fenhe_node.node import Node
from fenhe_node.store import Store, watching
from fenhe_node.store.watching import HubLog
from tests.node.a_hub import HUB, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, pen, publish_all, put
from tests.node.said_by_a_hub import trust


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def test_a_hub_that_may_come_is_told_first_and_given_time() -> None:
    seen = HubLog(HUB, "catalogue")
    assert next_step(seen, 7, NOW, SECONDS_TO_COME) is Step.ANNOUNCE
    told = replace(seen, submitted=7, submitted_at=NOW)
    assert next_step(told, 7, NOW + SECONDS_TO_COME - 1, SECONDS_TO_COME) is Step.NOTHING
    assert next_step(told, 7, NOW + SECONDS_TO_COME, SECONDS_TO_COME) is Step.PUSH
    assert next_step(told, 8, NOW + SECONDS_TO_COME, SECONDS_TO_COME) is Step.ANNOUNCE


def test_an_empty_log_is_sent_once() -> None:
    assert next_step(HubLog(HUB, "usage"), 0, NOW, 0) is Step.PUSH
    assert next_step(HubLog(HUB, "usage", submitted_at=NOW), 0, NOW, 0) is Step.NOTHING


@given(
    st.builds(HubLog, st.just(HUB), st.just("catalogue"), st.integers(1, 9), st.integers(0, 9)),
    st.integers(1, 9),
    st.sampled_from([None, 0, SECONDS_TO_COME]),
)
def test_what_the_mirror_shows_is_never_sent_again(
    seen: HubLog, size: int, seconds: int | None
) -> None:
    step = next_step(seen, size, NOW, seconds)
    assert (step is Step.NOTHING) == (seconds is None or seen.mirrored >= size)


def test_only_a_node_that_answers_waits_for_its_hub(node: Node) -> None:
    policies = {
        policy: replace(node, config=replace(node.config, push=policy))
        for policy in ("auto", "always", "never")
    }
    assert {name: patience(each) for name, each in policies.items()} == {
        "auto": 0,
        "always": 0,
        "never": None,
    }
    with serving(node.home):
        found = {name: patience(each) for name, each in policies.items()}
        deaf = replace(node, config=replace(node.config, listen=""))
        assert (found, patience(deaf)) == (
            {"auto": SECONDS_TO_COME, "always": 0, "never": None},
            0,
        )


async def test_a_hub_that_takes_no_pushes_is_told_as_such_and_nothing_is_lost(node: Node) -> None:
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    async with a_hub() as hub:
        await trust(node, hub)
        done = await push_hubs(node, Clock().now)
    assert {each.error.code for each in done if each.error} == {"push.refused"}
    with Store.open(node.home.store) as store:
        assert watching.of_log(store, HUB, "catalogue") == HubLog(HUB, "catalogue")


async def test_a_hub_that_cannot_be_reached_is_left_alone_for_a_while(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with a_hub() as hub:
        await trust(node, hub)
    chores = Chores(node, pen(node, clock))
    with caplog.at_level(logging.WARNING):
        await chores.push()
    assert "fetch.connect" in caplog.text
    assert await chores.push() == NOW + RETRY_SECONDS
