"""A hub set back to an older copy cosigns nothing that is pushed before it has been restored."""

import shutil
from pathlib import Path

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.visiting.workshop import publish_owed
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import new_hub, reopened, served
from tests.hub.push_house import NOW
from tests.hub.pusher import Pusher


async def test_without_its_head_store_a_hub_cosigns_nothing_that_is_pushed(tmp_path: Path) -> None:
    hub, node = new_hub(tmp_path / "hub"), FakeNode(tmp_path / "u1")
    other = FakeNode(tmp_path / "other")  # the same unit with another history
    enrol_pushing(hub, node.read("root", "root/1"), node.fingerprint)
    await publish_owed(hub, lambda: NOW)
    copy = tmp_path / "copy"
    shutil.copytree(hub.home.path, copy, ignore=shutil.ignore_patterns("head.sqlite*"))
    node.publish(instrument("A-1"))
    other.publish(instrument("B-1"))
    async with served(hub, NOW) as visitor:
        assert await Pusher(node, hub, visitor.session, NOW).push("catalogue")
    set_back = reopened(hub, copy)
    async with served(set_back, NOW) as visitor:
        pusher = Pusher(other, set_back, visitor.session, NOW)
        assert (await pusher.add_checkpoint()).status == 200
        assert (await pusher.add_entries("catalogue", 0, 1)).status == 202
        assert await pusher.send_missing("catalogue")
        answer = await pusher.add_entries("catalogue", 1, 1)
        # Nothing of the unit's is refused: it is told whose trouble this is.
        told = await answer.json()
        assert (answer.status, told["code"], told["found"]) == (503, "push.unsigned", "head.lost")
        assert await pusher.missing("catalogue") == []
    assert not list(kept_notes(MirrorLog(set_back.home, f"{other.origin}/catalogue").notes))
