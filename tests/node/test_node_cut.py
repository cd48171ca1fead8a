"""The power goes out after any write of a node that publishes and erases: the next start completes.

Whatever was shown stays a part of the one history, nothing is published twice, and what was to be
erased is in no file when the start after the cut is done.
"""

import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.erasing.for_good import Wish, erase, finish
from fenhe_node.node import Node, open_node
from fenhe_node.publishing.heads import LOGS, log_files, verify_head
from fenhe_node.publishing.publish import publish, recover
from fenhe_node.store import Store
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import InputError
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import dumps
from tests.node.homes import NOW, Clock, bodies, instrument, new_node, pen, put, service
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

KEPT = ("keys", "config.yaml")
HEADS = ("reach", "advance")
SECRET = "机密内容甲乙丙丁"
SCHEMAS = SchemaSet.load()


def work(node: Node, at: int) -> None:
    """Publish and erase, once more where a cut left it undone; `at` is the clock's time."""
    clock = Clock(at)
    recover(pen(node, clock))
    finish(pen(node, clock), SCHEMAS)
    put(node, [instrument("A-2", model="corrected"), instrument("A-3"), service("S-2")])
    publish(pen(node, clock), SCHEMAS)
    with suppress(InputError):  # erased already
        erase(pen(node, clock), SCHEMAS, Wish("law", "instrument", ("A-1",)))


@pytest.mark.hypothesis
def test_after_a_cut_anywhere_the_next_start_completes(tmp_path: Path) -> None:
    node, copy = new_node(tmp_path / "home"), tmp_path / "copy"
    put(node, [instrument("A-1", function=SECRET), instrument("A-2"), service("S-1")])
    publish(pen(node, Clock()), SCHEMAS)
    shutil.copytree(node.home.path, copy)
    recording = Recording(node.home.path, ("store.sqlite", "head.sqlite"))
    commits = ((Store, "transaction"), (Store, "scour"), *((HeadStore, name) for name in HEADS))
    with recorded(recording, *commits):
        work(node, NOW + 100)
    every = settings().max_examples > 1000  # as `make kills` asks; else some of them
    whole, digests = said(node), set[str]()
    for count in range(0 if every else 1, len(recording.steps) + 1, 1 if every else 7):
        into = tmp_path / f"cut-{count}"
        digest = recording.cut(count, copy, into, KEPT)
        if digest not in digests:
            digests.add(digest)
            check_that_it_completes(open_node(into), whole)
        shutil.rmtree(into)
    print(f"cuts at the node: {len(digests)}")
    assert len(digests) > 8, len(recording.steps)


def check_that_it_completes(node: Node, whole: Counter[bytes]) -> None:
    seen = {head for log in LOGS if (head := head_in(node, log))}
    work(node, NOW + 1000)
    for head in seen:
        files = log_files(node.home, head.origin.rpartition("/")[2])
        assert root_at(head.size, stored_hashes(files, head.size)) == head.root
    assert said(node) == whole
    left = [each for each in node.home.path.rglob("*") if each.is_file()]
    assert not [each for each in left if SECRET.encode() in each.read_bytes()]


def said(node: Node) -> Counter[bytes]:
    """How often the node says what, in all its logs, all of them verified."""
    heads = {log: verify_head(node.home, node.root, log) for log in LOGS}
    return Counter(
        dumps(body)
        for log, head in heads.items()
        for tier in ("pub", "hub")
        for body in bodies(node, log, tier, head.size)
    )


def head_in(node: Node, log: str) -> Checkpoint | None:
    raw = log_files(node.home, log).read(CHECKPOINT)
    return parse_checkpoint(parse_note(raw).text) if raw else None
