"""A unit that cannot be visited pushes all of it, and the hub comes to what a visit comes to."""

from pathlib import Path

from fenhe_hub.hub import Hub
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import publish_owed
from fenhe_protocol.checkpoint import KeyRange, open_checkpoint
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.houses import enrolled, new_hub
from tests.hub.provinces import Province
from tests.hub.push_house import NOW, pushing


def publish_much(node: FakeNode) -> None:
    node.publish(*(instrument(f"A-{n}") for n in range(300)))
    node.publish(
        instrument("W-1", status="no such status"),
        instrument("P-1", model="13800138000"),
        instrument("A-1", model="corrected"),
        deletion("A-2"),
    )
    node.erase(4, 6)
    node.beat()
    node.publish(*(service(f"S-{n}") for n in range(270)), log="usage")


async def pulled(tmp_path: Path, node: FakeNode) -> list[bytes]:
    """The index of a hub that visits the node."""
    hub: Hub = new_hub(tmp_path / "pulled")
    async with node.serving():
        await enrolled(hub, node)
        node.clock = lambda: NOW
        province = Province(hub, [node], NOW)
        await province.sync(seconds=0)
    return province.dump()


def comparable(dump: list[bytes]) -> list[bytes]:
    """Without what the hub itself said: its own keys differ, and when it said what."""
    own = (b'"table":"said"', b'"table":"fed"', b'"table":"unit"')
    return [row for row in dump if not any(each in row for each in own)]


async def test_a_push_and_a_visit_come_to_the_same_index(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    publish_much(node)
    async with pushing(tmp_path, node) as (province, pusher):
        for log in ("catalogue", "usage"):
            await pusher.push(log)
        pushed = province.dump()
    rebuild(province.hub)
    assert province.dump() == pushed
    assert comparable(pushed) == comparable(await pulled(tmp_path, node))


async def test_the_cosignature_in_the_answer_is_that_of_the_mirror(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(instrument("A-1"), instrument("A-2"))
    async with pushing(tmp_path, node) as (province, pusher):
        lines = await pusher.push("catalogue")
        note, _ = pusher.head("catalogue")
        cosigner = province.hub.root.cosign
        assert cosigner is not None
        opened = open_checkpoint(
            note + lines,
            origin=f"{node.origin}/catalogue",
            keys=[KeyRange(node.log_key.public)],
            cosigners=[cosigner],
        )
        assert [each.time for each in opened.cosignatures] == [NOW]
        path = f"m/{origin_hash(f'{node.origin}/catalogue')}/checkpoint"
        async with pusher.session.get(f"{pusher.url}/{path}") as answer:
            assert await answer.read() == note + lines
        said = await publish_owed(province.hub, lambda: NOW)
        assert said.words["adv"] == 1


async def test_a_push_goes_on_from_the_one_before(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with pushing(tmp_path, node) as (province, pusher):
        for turn in range(3):
            node.publish(*(instrument(f"A-{turn}-{n}") for n in range(200)))
            assert await pusher.push("catalogue")
        assert len(province.rows("resource")) == 600


async def test_an_empty_log_is_cosigned_too(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with pushing(tmp_path, node) as (_, pusher):
        assert (await pusher.push("usage")).startswith("— hub.example".encode())
