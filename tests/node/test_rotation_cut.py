"""The power goes out after any write of key rotations: what is in force is here, and goes on."""

import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import fenhe_node.cli
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.node import open_node
from fenhe_node.publishing.heads import own_root, root_files, verify_head
from fenhe_node.store import Store
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

PURPOSES = ("log", "root", "request")


def rotate(home: Path, purpose: str) -> None:
    with redirect_stdout(StringIO()):
        assert fenhe_node.cli.main(["--home", str(home), "rotate-key", purpose]) == 0


def test_after_a_cut_anywhere_the_keys_in_force_are_here_and_go_on(tmp_path: Path) -> None:
    node, copy = new_node(tmp_path / "home"), tmp_path / "copy"
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    shutil.copytree(node.home.path, copy)
    recording = Recording(node.home.path, ("store.sqlite", "head.sqlite"), folder="keys")
    commits = ((Store, "transaction"), (HeadStore, "reach"), (HeadStore, "advance"))
    with recorded(recording, *commits):
        for purpose in PURPOSES:
            rotate(node.home.path, purpose)
    digests = set[str]()
    for count in range(len(recording.steps) + 1):
        into = tmp_path / f"cut-{count}"
        digest = recording.cut(count, copy, into, ("config.yaml",))
        if digest not in digests:
            digests.add(digest)
            check_that_it_goes_on(into)
        shutil.rmtree(into)
    assert len(digests) > 5, len(recording.steps)


def check_that_it_goes_on(home: Path) -> None:
    node = open_node(home)
    before = node.root.n
    for purpose in PURPOSES:
        rotate(home, purpose)
    node = open_node(home)
    OwnKeys(home / "keys", root_files(node.home)).check()
    assert before + len(PURPOSES) <= node.root.n <= before + len(PURPOSES) + 1
    put(node, [instrument("A-2")])
    publish_all(node, Clock(NOW + 1000))
    assert verify_head(node.home, own_root(node.home), "catalogue").size > 1
