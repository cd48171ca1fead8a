"""A database that another process holds for a while is waited for, and nothing is half done."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fenhe_node.publishing.heads import verify_head
from tests.federation.restoring_house import Pair, paired
from tests.node.homes import Clock, instrument, new_node, publish_all, put

HELD_SECONDS = 0.3


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Somebody writes in the file, and ends only after what happens in the block has begun."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        ending = threading.Timer(HELD_SECONDS, other.execute, ["ROLLBACK"])
        ending.start()
        yield
        assert not ending.is_alive()  # it was waited for


@pytest.mark.parametrize("name", ["store", "heads"])
async def test_a_publish_waits_for_the_databases_of_the_node(tmp_path: Path, name: str) -> None:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    with held(getattr(node.home, name)):
        await asyncio.to_thread(publish_all, node, Clock())
    assert verify_head(node.home, node.root, "catalogue").size == 2


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as pair:
        pair.publish(instrument("A-1"))
        await pair.sync()
        yield pair


@pytest.mark.parametrize("name", ["index", "heads"])
async def test_a_round_waits_for_the_databases_of_the_hub(pair: Pair, name: str) -> None:
    pair.publish(instrument("A-2"))
    with held(getattr(pair.hub.home, name)):
        await pair.sync(60)
    assert (pair.hub.home.path / "index.sqlite").exists()
