"""The power goes out after any write of a hub that is restored: restored again, it is whole.

Until then it signs nothing, unless the restore had come to its end; and there is one history.
"""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.operations.restore import bring_back
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.errors import StoreError
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.hub.provinces import Province, founded
from tests.hub.test_restoring import anchor, copy, head, lose
from tests.hub.test_sync_killed import assert_one_history, shown
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

KEPT = ("keys", "config.yaml")
LOST = ("mirror", "index.sqlite", "public/fed", "held", "visits.sqlite", "registry.yaml")
Resources = list[dict[str, object]]


@pytest.mark.hypothesis
async def test_after_a_cut_anywhere_the_next_restore_completes(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        node, home = province.nodes[0], province.hub.home.path
        node.publish(instrument("A-1"), instrument("A-2"))
        await province.sync()
        anchor(node, head(province))
        seen, resources = shown(province), province.rows("resource")
        other, bare = copy(province, "other"), bare_copy(province)
        lose(province, bare)
        recording = Recording(home, ("index.sqlite", "head.sqlite"), watchful=True)
        heads = ((HeadStore, "reach"), (HeadStore, "advance"))
        every = settings().max_examples > 1000  # as `make kills` asks; else some of them
        digests = set[str]()
        async with other_hub(other, province.hub.fed_origin) as url:
            with recorded(recording, *heads):
                await brought_back(province, url)
            for count in range(len(recording.steps) + 1):
                into = tmp_path / f"cut-{count}"
                digest = recording.cut(count, bare, into, KEPT)
                if digest not in digests and (every or count % 6 == 1):
                    digests.add(digest)
                    after = Province(reopened(province.hub, into), province.nodes, province.now)
                    with suppress(StoreError):  # `head.lost`
                        await after.sync_and_say()
                    await brought_back(after, url)
                    assert_one_history(after, seen | shown(after))
                    assert_whole(after, resources)
                shutil.rmtree(into)
        print(f"cuts at the hub that is restored: {len(digests)}")
        assert len(digests) > 8, (len(digests), len(recording.steps))


def bare_copy(province: Province) -> Path:
    """What a machine has on which the operator put nothing but keys and settings."""
    bare = copy(province, "bare")
    for name in LOST:
        path = bare / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return bare


async def brought_back(province: Province, url: str) -> None:
    province.now += 60
    await bring_back(province.hub, lambda: province.now, url, ())


def assert_whole(province: Province, resources: Resources) -> None:
    assert province.rows("resource") == resources
    dump = province.dump()
    rebuild(province.hub)
    assert province.dump() == dump
