"""The power goes out after any write of a node that is restored: restored again, it goes on.

What its hub has seen stays a part of the one history, and every record is published once.
"""

import shutil
from pathlib import Path

import pytest

from fenhe_client.stored.files import stored_hashes
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.node import open_node
from fenhe_node.publishing.heads import LOGS, log_files, verify_head
from fenhe_protocol.errors import StoreError
from fenhe_protocol.merkle import root_at
from tests.federation.restoring_house import Pair, names, paired
from tests.node.homes import instrument
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

KEPT = ("keys", "config.yaml")
THIRD = instrument("A-3", function="三")
DATABASES = ("store.sqlite", "head.sqlite")


@pytest.mark.hypothesis
async def test_after_a_cut_anywhere_the_next_restore_completes(tmp_path: Path) -> None:
    async with paired(tmp_path) as pair:
        pair.publish(instrument("A-1"))
        await pair.sync()
        backup = pair.copy("backup")
        pair.publish(instrument("A-2", function="二"), instrument("A-1", function="已改正"))
        await pair.sync()
        seen = {log: verify_head(pair.node.home, pair.node.root, log) for log in LOGS}
        whole = names(pair.node)
        pair.lose(backup)
        recording = Recording(pair.home, DATABASES, watchful=True)
        with recorded(recording, (HeadStore, "reach"), (HeadStore, "advance")):
            assert await pair.restore() == 0
        digests = set[str]()
        for count in range(len(recording.steps) + 1):
            shutil.rmtree(pair.home)
            digest = recording.cut(count, backup, pair.home, KEPT)
            if digest not in digests:
                digests.add(digest)
                await check_that_it_completes(pair, whole, seen["catalogue"].size)
                for log, head in seen.items():
                    files = log_files(pair.node.home, log)
                    assert root_at(head.size, stored_hashes(files, head.size)) == head.root
        print(f"cuts at the node that is restored: {len(digests)}")
        assert len(digests) > 8, (len(digests), len(recording.steps))


async def check_that_it_completes(pair: Pair, whole: dict[str, str], size: int) -> None:
    pair.node = open_node(pair.home)
    signed = True
    try:
        pair.publish(THIRD)
    except StoreError as error:
        assert error.code == "head.lost"
        signed = False
    assert await pair.restore() == 0
    if not signed:
        pair.publish(THIRD)
    assert (names(pair.node), pair.size()) == (whole | {"A-3": "三"}, size + 1)
