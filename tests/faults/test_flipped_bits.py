"""A bit flipped at rest, at a node or at its hub: found, healed from the other, and never shown."""

import random
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import settings

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import Checked
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.self_check import check as hub_check
from fenhe_hub.visiting.workshop import sync_once, system_clock
from fenhe_node.published import read_catalogue
from fenhe_node.self_check import check as node_check
from tests.federation.restoring_house import Pair, paired
from tests.node.homes import instrument, service

PACE = Pace(threading.Event(), hurry=True)
RECORDS = 300  # more than a block
BESIDE = {
    "lock",
    "late",
    "late.lock",
}  # marks beside the files of a log, of which nothing is proven


async def check_node(pair: Pair) -> Checked:
    return await node_check.check_files(pair.node.home, pair.node.config, system_clock, PACE)


async def check_hub(pair: Pair) -> Checked:
    return await hub_check.check_files(pair.hub, system_clock, PACE)


def dump(pair: Pair) -> list[bytes]:
    with closing(open_index(pair.hub.home.index)) as db:
        return list(dump_index(db))


def log_files(pair: Pair) -> dict[Path, bytes]:
    """Every file of the unit's logs on both sides, and its root documents."""
    hub, node = pair.hub.home.path, pair.home
    folders = (node / "public", node / "held", hub / "mirror")
    files = (file for folder in folders for file in folder.rglob("*"))
    return {f: f.read_bytes() for f in files if f.is_file() and f.name not in BESIDE}


def flip(file: Path, chance: random.Random) -> None:
    raw = bytearray(file.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    file.write_bytes(raw)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as pair:
        pair.publish(instrument("A-1"), service("S-1"))
        await pair.sync()
        records = [instrument(f"A-{n}", value_yuan=500_000) for n in range(2, RECORDS)]
        pair.publish(*records, service("S-2"))
        await pair.sync(60)
        async with pair.served():
            yield pair


def trials() -> Iterator[random.Random]:
    """As many as the profile in force asks; the same each time but in `make fuzz`."""
    profile = settings()
    seeds = random.Random(0 if profile.derandomize else None)
    for _ in range(profile.max_examples * 30 // 100):
        yield random.Random(seeds.random())


@pytest.mark.hypothesis
async def test_a_flipped_bit_is_found_and_healed_from_the_other_side(pair: Pair) -> None:
    whole, said = log_files(pair), dump(pair)
    assert not (await check_node(pair)).findings
    assert not (await check_hub(pair)).findings
    for chance in trials():
        file = chance.choice(sorted(whole))
        flip(file, chance)
        at_node = file.is_relative_to(pair.home)
        checked = await (check_node(pair) if at_node else check_hub(pair))
        assert [each.line for each in checked.findings if not each.healed_by] == [], file
        assert checked.findings, file
        assert log_files(pair) == whole, file
    assert dump(pair) == said


async def test_a_body_that_nobody_has_whole_is_asked_for_again_at_the_next_visits(
    pair: Pair,
) -> None:
    said, path = dump(pair), "body/pub/000"
    mirrored = MirrorLog(pair.hub.home, f"{pair.node.root.origin}/catalogue").files.locate(path)
    at_node = pair.home / "public/catalogue" / path
    whole = at_node.read_bytes()
    for file in (mirrored, at_node):
        file.write_bytes(whole.replace("示例".encode(), "范例".encode()).replace(b"A-7", b"A-8"))
    checked = await check_hub(pair)
    assert [each.path for each in checked.damaged] == [path]
    assert any('"gap"' in line.decode() for line in dump(pair))
    at_node.write_bytes(whole)
    await sync_once(pair.hub, clock=lambda: system_clock() + 90)
    assert mirrored.read_bytes() == whole
    assert not (await check_hub(pair)).findings
    after = dump(pair)
    assert [line for line in said if b'"resource"' in line] == [
        line for line in after if b'"resource"' in line
    ]


async def test_what_no_hub_has_is_told_and_makes_the_node_unwell(pair: Pair) -> None:
    files = [pair.home / "public/catalogue/body/pub/000", pair.home / "public/catalogue/checkpoint"]
    shutil.rmtree(pair.hub.home.path / "mirror")
    for file in files:
        flip(file, random.Random(7))
    before = [file.read_bytes() for file in files]
    checked = await check_node(pair)
    assert {each.path for each in checked.damaged} == {"body/pub/000", "checkpoint"}
    assert all(each.advice for each in checked.damaged)
    assert [file.read_bytes() for file in files] == before
    assert await pair.run("check-files", "--json") == 4


async def test_nothing_that_was_flipped_is_shown(pair: Pair) -> None:
    path = "body/pub/000"
    mirrored = MirrorLog(pair.hub.home, f"{pair.node.root.origin}/catalogue").files.locate(path)
    for file in (mirrored, pair.home / "public/catalogue" / path):
        file.write_bytes(file.read_bytes().replace("核磁共振".encode(), "核磁共鸣".encode(), 9))
    shown = [each.name for each in read_catalogue(pair.node.home.public).records.values()]
    url = f"{pair.hub.config.public_url}/api/v1/changes"
    page: dict[str, Any] = {"cursor": "", "more": True}
    async with ClientSession() as session:
        while page["more"]:
            query = {"cursor": page["cursor"]} if page["cursor"] else {}
            async with session.get(url, params=query) as response:
                page = await response.json()
            shown += [str(each["body"]) for each in page["items"]]
    assert len(shown) > RECORDS
    assert not [each for each in shown if "共鸣" in each]
