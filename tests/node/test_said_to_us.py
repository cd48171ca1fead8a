"""What a hub says to one unit alone reaches it, and nothing that its leaf does not commit to."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.following import fed_epoch
from fenhe_node.hubs import said_to_us
from fenhe_node.hubs.looking import look
from fenhe_node.node import Node
from fenhe_node.store import Store, asked, notices
from fenhe_protocol.body import read_body_file
from fenhe_protocol.fed import Registration
from fenhe_protocol.notice import Notice
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.position import Position
from tests.node.a_hub import HUB, AHub, a_hub
from tests.node.homes import ORIGIN, Clock, new_node, publish_all
from tests.node.said_by_a_hub import Fed, trust

OURS = Notice(
    "N-2026-0001",
    ORIGIN,
    "请补充收费标准",
    "2026-12-25",
    matter="reminder",
    title="关于补充收费标准的提醒",
    about=("12140000000000019W/D2/instrument/A-1",),
)
THEIRS = Notice("N-2026-0002", "u2.example/fenhe", "别家的")


@pytest.fixture
async def hub() -> AsyncIterator[AHub]:
    async with a_hub() as hub:
        yield hub


@pytest.fixture
async def node(tmp_path: Path, hub: AHub) -> Node:
    node = new_node(tmp_path / "home")
    publish_all(node, Clock())
    await trust(node, hub)
    return node


def give(hub: AHub, *indices: int, block: int = 0) -> None:
    """Let the hub give these lines of `fed` to the unit."""
    for line in read_body_file(hub.files[f"fed/body/to/{block:03}"], block)[0]:
        if line.index in indices:
            raw = b"%d %b %b\n" % (line.index, line.salt.encode(), line.body)
            hub.files[path_of(line.index)] = raw


def path_of(index: int) -> str:
    return f"in/{origin_hash(ORIGIN)}/to/{index}"


def kept(node: Node) -> dict[str, str]:
    with Store.open(node.home.store) as store:
        return {each.number: each.text for each in notices.every(store)}


def place(node: Node) -> Position:
    with Store.open(node.home.store) as store:
        return asked.place(store, HUB)


async def test_what_is_said_to_us_alone_is_kept_and_asked_for_once(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    fed = Fed(tmp_path / "fed", hub)
    fed.say(THEIRS, OURS, tier="to")
    give(hub, 1)
    clock = Clock()
    await look(node, clock.now)
    with Store.open(node.home.store) as store:
        (notice,) = notices.every(store)
    assert notice == notices.of_word(HUB, OURS, clock.now(), Position(1, 1))
    assert notice.about == OURS.about
    assert place(node) == Position(1, 2)
    del hub.files[path_of(1)]  # it would now be absent
    await look(node, clock.now)
    assert kept(node) == {"N-2026-0001": OURS.text} and place(node) == Position(1, 2)


async def test_a_line_that_its_leaf_does_not_commit_to_is_refused_and_asked_for_again(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    Fed(tmp_path / "fed", hub).say(OURS, tier="to")
    give(hub, 0)
    good = hub.files[path_of(0)]
    hub.files[path_of(0)] = good.replace("收费".encode(), "公开".encode())
    (view,) = await look(node, Clock().now)
    assert "follow.line" in view.trouble and not kept(node)
    hub.files[path_of(0)] = b"something else\n"
    await look(node, Clock().now)
    assert not kept(node)
    hub.files[path_of(0)] = good
    (view,) = await look(node, Clock().now)
    assert not view.trouble and kept(node) == {"N-2026-0001": OURS.text}


async def test_what_a_line_says_to_another_unit_is_not_ours(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    Fed(tmp_path / "fed", hub).say(THEIRS, tier="to")
    give(hub, 0)
    await look(node, Clock().now)
    assert not kept(node) and place(node) == Position(1, 1)


async def test_one_visit_asks_for_so_many_and_the_next_goes_on(
    node: Node, hub: AHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(said_to_us, "MOST_AT_ONCE", 2)
    Fed(tmp_path / "fed", hub).say(THEIRS, THEIRS, THEIRS, OURS, tier="to")
    give(hub, 3)
    await look(node, Clock().now)
    assert (kept(node), place(node)) == ({}, Position(1, 2))
    await look(node, Clock().now)
    assert (kept(node), place(node)) == ({"N-2026-0001": OURS.text}, Position(1, 4))


async def test_what_was_said_before_the_unit_was_registered_is_not_asked_for(
    node: Node, hub: AHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(said_to_us, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(fed_epoch, "_BLOCKS_AT_ONCE", 1)
    fed = Fed(tmp_path / "fed", hub)
    fed.say(*[THEIRS] * 260, tier="to")
    fed.say(Registration(ORIGIN, "enrolled"))
    fed.say(OURS, tier="to")
    give(hub, 261, block=1)
    await look(node, Clock().now)
    assert (kept(node), place(node)) == ({"N-2026-0001": OURS.text}, Position(1, 262))


async def test_what_the_hub_erases_of_it_is_not_kept_here(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    fed = Fed(tmp_path / "fed", hub)
    other = replace(OURS, number="N-2026-0009")
    fed.say(OURS, other, tier="to")
    give(hub, 0, 1)
    await look(node, Clock().now)
    assert {*kept(node)} == {"N-2026-0001", "N-2026-0009"}
    fed.erase(0)
    await look(node, Clock().now)
    assert {*kept(node)} == {"N-2026-0009"}
