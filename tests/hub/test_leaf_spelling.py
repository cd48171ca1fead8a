"""Leaves as other writers may spell them: with blanks, with escapes. They count as any other."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.stored_head import load_head
from fenhe_hub.restoring.from_others import restore
from fenhe_protocol.encoding import b64_encode, format_time
from fenhe_protocol.errors import StoreError
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened, served
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as made:
        yield made


@pytest.mark.parametrize("kind", ['"k": "h"', '"k":"\\u0068"'])
async def test_an_anchor_catches_an_old_copy_however_it_is_spelled(
    kind: str, province: Province, tmp_path: Path
) -> None:
    node, home = province.nodes[0], province.hub.home.path
    node.publish(instrument("A-1"))
    await province.sync_and_say()
    shutil.copytree(home, tmp_path / "old", ignore=shutil.ignore_patterns("head.sqlite", "*.lock"))
    node.publish(instrument("A-2"))
    await province.sync_and_say()
    seen = load_head(province.hub.fed_files(), province.hub.fed_origin)
    head = f'[["{seen.origin}",{seen.size},"{b64_encode(seen.root)}"]]'
    node.append_unchecked([f'{{"f":{head},{kind},"t":"{format_time(node.now)}","v":1}}'.encode()])
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "old", home)
    province.hub = reopened(province.hub)
    with pytest.raises(StoreError, match=r"restore\.behind"):
        await restore(province.hub, lambda: province.now)


async def test_an_erasure_is_told_however_it_is_spelled(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    node.append_unchecked([b'{"i":[[0,1]],"k":"\\u0078","r":"law","v":1}'])
    await province.sync_and_say()
    async with served(province.hub, province.now) as visitor:
        answer = await visitor.get("api/v1/changes")
        told = (await answer.json())["items"]
    (erasure,) = [each for each in told if each["type"] == "erasure"]
    assert (erasure["index"], erasure["body"]["ranges"]) == (2, [[0, 1]])
