"""A node's keys change while it works; whatever is killed, a listed key signed what it shows."""

import random
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.keys.key_rotation import Rotation, rotate
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_node.home import alone
from fenhe_node.node import Node, open_node
from fenhe_node.operations.keys import root_desk
from fenhe_node.publishing.heads import LOGS, own_root, verify_head
from fenhe_node.publishing.publish import recover
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_changes import compose_next
from tests.laws import examples
from tests.node.homes import NOW, Clock, bodies, instrument, new_node, pen, publish_all, put
from tests.node.serving import application, signed, trust_a_hub


class _Killed(BaseException):
    pass


def rotated(node: Node, purpose: str) -> None:
    with alone(node.home):
        desk = root_desk(node)
        assert desk.propose(rotate(desk, node.home.keys, Rotation(purpose), NOW)) is None


STEPS = st.lists(st.sampled_from(["publish", "log", "request", "root", "die"]), max_size=8)


@given(steps=STEPS)
@examples(25)
def test_each_head_is_signed_by_a_key_listed_for_its_size(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """`die`: the power goes between the note of what is signed and the signature."""
    path = tmp_path_factory.mktemp("rotation") / "home"
    # One node stays open all the while, as in a server; others are opened beside it.
    serving, clock = new_node(path), Clock()
    published: list[str] = []
    for number, step in enumerate(steps):
        node = random.Random(number).choice([serving, open_node(path)])
        if step in ("publish", "die"):
            put(node, [instrument(f"A-{number}")])
            published.append(f"A-{number}")
        if step == "publish":
            publish_all(node, clock)
        elif step == "die":
            _publish_and_die(node, clock)
        else:
            rotated(node, step)
        clock.at += 60
    recover(pen(serving, clock))
    sizes = publish_all(serving, clock).sizes
    for log in LOGS:
        assert verify_head(serving.home, own_root(serving.home), log).size == sizes[log]
    told = bodies(serving, "catalogue", "pub", sizes["catalogue"])
    ids = [body["id"] for body in told if body["kind"] == "instrument"]
    assert sorted(ids) == sorted(published)


def _publish_and_die(node: Node, clock: Clock) -> None:
    def die(self: FeedWriter, head: Checkpoint, key: object) -> None:
        raise _Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeedWriter, "_show", die)
        with pytest.raises(_Killed):
            publish_all(node, clock)


def test_without_the_listed_seed_nothing_is_begun(tmp_path: Path) -> None:
    node, clock = new_node(tmp_path / "home"), Clock()
    publish_all(node, clock)
    rotated(node, "log")
    (node.home.keys / "log-2.seed").unlink()
    put(node, [instrument("A-1")])
    clock.at += 60
    with pytest.raises(SetupError, match=r"^keys\.absent: .*log\.seed"):
        publish_all(node, clock)
    # The head that was signed stands, and no other was promised.
    head = verify_head(node.home, own_root(node.home), "catalogue")
    assert head.size == 1
    with pytest.raises(SetupError, match=r"^keys\.absent"):
        open_node(node.home.path)


async def test_a_served_node_is_well_after_a_rotation_and_answers_at_both_addresses(
    tmp_path: Path,
) -> None:
    node, clock = new_node(tmp_path / "home"), Clock()
    publish_all(node, clock)
    await trust_a_hub(node)
    app = application(node, clock)
    rotated(node, "log")
    clock.at += 60
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    async with TestClient(TestServer(app)) as client:
        for path in ("catalogue/checkpoint", "root/2"):
            assert (await client.get(f"/fenhe/{path}")).status == 200
        assert (await client.get("/fenhe/healthz")).status == 200
    old = open_node(node.home.path)
    with alone(node.home):
        text = compose_next(old.root, time=NOW, url="https://neu.example/kaifang")
        assert root_desk(old).propose(text) is None
    new = open_node(node.home.path)
    assert new.config.address == "https://neu.example/kaifang"
    async with TestClient(TestServer(application(new, clock))) as client:
        for asker, base in ((old, "/fenhe"), (new, "/kaifang")):
            headers = signed(asker, "usage/checkpoint", clock)
            answer = await client.get(f"{base}/usage/checkpoint", headers=headers)
            assert answer.status == 200, base
        clock.at = NOW + 2 * 86_400  # by now the former address may be somebody else's
        for asker, base, status in ((old, "/fenhe", 401), (new, "/kaifang", 200)):
            headers = signed(asker, "usage/checkpoint", clock)
            answer = await client.get(f"{base}/usage/checkpoint", headers=headers)
            assert answer.status == status, base
        assert (await client.get("/fenhe/root/3")).status == 200  # so a late reader learns of it
        stranger = signed(node, "usage/checkpoint", clock)
        assert (await client.get("/kaifang/usage/checkpoint", headers=stranger)).status == 401


def test_a_configuration_that_names_an_address_never_signed_is_refused(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    text = node.home.config_file.read_text("utf-8")
    other = text.replace('public_url: ""', 'public_url: "https://other.example"')
    assert other != text
    node.home.config_file.write_text(other, "utf-8")
    with pytest.raises(SetupError, match=r"^setup\.signed: .*set-url"):
        open_node(node.home.path)
