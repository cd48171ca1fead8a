"""Erased at a node, obeyed by a hub: no byte on either side, and every proof still holds."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

import fenhe_client.cli
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.grams import pairs
from fenhe_hub.index.tables import open_index
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_node.publishing.heads import log_files, verify_head
from fenhe_protocol.body import read_body_file
from tests.federation.restoring_house import Pair, paired
from tests.node.homes import instrument, service
from tests.node.test_erasing import raw_scan

SECRET = "恒温振荡培养箱甲乙丙"


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as made:
        yield made


def traces(pair: Pair, log: str, id_: str) -> set[bytes]:
    """The salts and bodies of a record in the node's files."""
    files, found = log_files(pair.node.home, log), set[bytes]()
    for tier in ("pub", "hub"):
        for path in files.paths(f"body/{tier}"):
            for line in read_body_file(files.read(path) or b"", 0)[0]:
                if f'"id":"{id_}"'.encode() in line.body:
                    found |= {line.salt.encode(), line.body}
    return found


def dump(pair: Pair) -> list[bytes]:
    with closing(open_index(pair.hub.home.index)) as db:
        return list(dump_index(db))


def searched(text: str) -> set[bytes]:
    """The tokens by which the hub's full text finds it."""
    return {
        token.encode() for token in pairs(text).split() if len(token) == 8 and "000a" not in token
    }


async def test_what_is_erased_is_in_no_file_of_node_and_hub(
    pair: Pair, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    pair.publish(
        instrument("A-1", function=SECRET, value_yuan=7_654_321),
        instrument("A-2"),
        service("S-1", samples=987_654),
        service("S-2"),
    )
    await pair.sync()
    gone = traces(pair, "catalogue", "A-1") | traces(pair, "usage", "S-1")
    gone |= {SECRET.encode(), b"7654321", b"987654"}
    homes = (pair.home, pair.hub.home.path)
    assert all(raw_scan(home, *gone) for home in homes)
    assert raw_scan(pair.hub.home.path, *searched(SECRET)) == ["index.sqlite"]
    assert await pair.run("erase", "A-1", "--reason", "law") == 0
    assert await pair.run("erase", "S-1", "--kind", "service_record", "--reason", "law") == 0
    assert raw_scan(pair.home, *gone) == []
    await pair.sync()
    assert raw_scan(pair.hub.home.path, *gone, *searched(SECRET)) == []
    assert SECRET not in caplog.text + "".join(capfd.readouterr())
    for log in ("catalogue", "usage"):
        verify_head(pair.node.home, pair.node.root, log)
    before = dump(pair)
    await asyncio.to_thread(rebuild, pair.hub)
    assert dump(pair) == before


async def test_what_was_not_erased_still_verifies_for_everyone(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.publish(instrument("A-1", function=SECRET), instrument("A-2"))
    await pair.sync()
    assert await pair.run("erase", "A-1", "--reason", "error") == 0
    await pair.sync()
    capsys.readouterr()
    for folder in (pair.home, pair.hub.home.mirror(f"{pair.node.root.origin}/catalogue")):
        key = pair.node.root.verifier_keys[f"{pair.node.root.origin}/catalogue"]
        arguments = ["verify", str(folder), "--key", key]
        code = await asyncio.to_thread(fenhe_client.cli.main, arguments)
        assert code == 0, capsys.readouterr()
