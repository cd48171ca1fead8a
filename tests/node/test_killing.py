import random
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from fenhe_client.stored.files import stored_hashes
from fenhe_node.erasing.for_good import finish
from fenhe_node.node import Node
from fenhe_node.publishing.heads import LOGS, log_files, verify_head
from fenhe_node.publishing.publish import recover
from fenhe_node.store import Store, records
from fenhe_node.store.erased import is_erased
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.schema import SchemaSet
from tests.forked import Speaking
from tests.node import erase_until_killed, publish_until_killed
from tests.node.homes import Clock, bodies, new_node, pen, publish_all

pytestmark = pytest.mark.no_cover

KILLS = 20
ERASING_KILLS = 8
LONGEST_SECONDS = 0.5


def test_a_publish_killed_anywhere_leaves_one_history_with_every_record_once(
    tmp_path: Path,
) -> None:
    node = new_node(tmp_path / "home")
    seen: set[Checkpoint] = set()
    chance = random.Random(KILLS)
    for _ in range(KILLS):
        _run_and_kill(node, publish_until_killed, chance.uniform(0, LONGEST_SECONDS))
        seen |= {_shown(node, log) for log in LOGS}
    sizes = publish_all(node, Clock(int(time.time()) + 60)).sizes
    _assert_one_history(node, seen)
    _assert_every_record_once(node, sizes)
    assert len(seen) > 2  # else nothing was published before a kill


def test_an_erasure_killed_anywhere_is_finished_at_the_next_start(tmp_path: Path) -> None:
    node, seen = new_node(tmp_path / "home"), set[Checkpoint]()
    chance = random.Random(ERASING_KILLS)
    for _ in range(ERASING_KILLS):
        _run_and_kill(node, erase_until_killed, chance.uniform(0, LONGEST_SECONDS))
        seen.add(_shown(node, "catalogue"))
        clock = Clock(int(time.time()) + 60)
        recover(pen(node, clock))
        finish(pen(node, clock), SchemaSet.load())
        assert _still_here(node, _erased(node)) == []
    _assert_one_history(node, seen)
    assert _erased(node)


def _erased(node: Node) -> list[str]:
    with Store.open(node.home.store) as store:
        found = records.every(store, kind="instrument")
        return [record.id for record in found if is_erased(record.before)]


def _still_here(node: Node, ids: Iterable[str]) -> list[str]:
    words = [erase_until_killed.secret(int(id_[2:])).encode() for id_ in ids]
    return [
        str(file)
        for file in sorted(node.home.path.rglob("*"))
        if file.is_file() and any(word in file.read_bytes() for word in words)
    ]


def _run_and_kill(node: Node, child: ModuleType, seconds: float) -> None:
    with Speaking(child.main, node.home.path) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        assert process.poll() is None
        process.kill()


def _shown(node: Node, log: str) -> Checkpoint:
    raw = log_files(node.home, log).read("checkpoint")
    assert raw is not None
    return parse_checkpoint(parse_note(raw).text)


def _assert_one_history(node: Node, seen: set[Checkpoint]) -> None:
    for log in LOGS:
        verify_head(node.home, node.root, log)
    for head in seen:
        files = log_files(node.home, head.origin.rpartition("/")[2])
        assert root_at(head.size, stored_hashes(files, head.size)) == head.root


def _assert_every_record_once(node: Node, sizes: Mapping[str, int]) -> None:
    with Store.open(node.home.store) as store:
        stored = sorted((record.kind, record.id) for record in records.every(store))
    published = [
        (body["kind"], body["id"])
        for log, tier in (("catalogue", "pub"), ("usage", "hub"))
        for body in bodies(node, log, tier, sizes[log])
    ]
    assert sorted(published) == stored
