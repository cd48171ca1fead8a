"""A disk that fills up in the middle of everything: what was there stays whole, and it is said.

The node's feed lies on a small file system of its own for one publish (complaint 12); no file of
the hub may grow for one round, and for one server (complaint 5: no run without a verdict).
"""

import json
import resource
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fenhe_node.node import open_node
from tests.federation.foreign_tree import leaf_hash, numbered, split_bundle, tree_hash
from tests.federation.province import Province, province_in
from tests.node.homes import publish_long_ago
from tests.node.lists import write_csv
from tests.patience import until
from tests.wanting import wanting

USCC = "121400000000000013"
FEW, MANY = 30, 300
FIRST = FEW + 2  # with the unit and its first heartbeat
BIN = Path(sys.executable).parent

ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=$1 none "$2"
cp -a "$3/." "$2"
shift 3
code=0
"$@" || code=$?
cp -a "$PLACE/." "$AFTER"
exit $code
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended under a shortage."""

    code: int
    answer: dict[str, Any]
    told: str


@dataclass(frozen=True)
class Story:
    """A unit's second publish and the hub's second round, short of room at first."""

    province: Province
    cut_publish: Ended | None  # None where no small file system can be made
    after_cut: Path
    full_publish: Ended  # the unit's own database may not grow
    publish: dict[str, Any]
    cut_round: Ended
    standing: dict[tuple[str, str], dict[str, Any]]
    served_meanwhile: bytes
    server_ended: int | None
    round: dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("disk")
    with province_in(folder) as province:
        province.found_hub(interval_seconds=1)
        province.serve("hub")
        province.found_node("node", "示例大学", USCC)
        _import(province, FEW, "称量")
        publish_long_ago(open_node(province.home("node")))
        province.serve("node")
        province.enrol("node")
        province.sync()
        _import(province, MANY, "称重")
        cut, after = _publish_on_a_small_disk(province)
        home = str(province.home("node"))
        full = _short(["fenhe-node", "--home", home, "publish"], kib=16)
        server = province.process("hub")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (16 * 1024, resource.RLIM_INFINITY))
        publish = province.node("node", "publish", "--no-wait")
        log = folder / "hub.log"
        until(
            lambda: (
                f"catalogue start={FIRST} size={FIRST}" in (said := log.read_text("utf-8"))
                and "store." in said
            )
        )
        cut_round = _short(
            ["fenhe-hub", "--home", str(province.home("hub")), "sync", "--once"], kib=16
        )
        standing = province.standing()
        served = province.fetch("/api/v1/resources?limit=1")
        ended = server.poll()
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        last = province.sync()
        yield Story(province, cut, after, full, publish, cut_round, standing, served, ended, last)


def _import(province: Province, rows: int, word: str) -> None:
    table = [["设备编号", "设备名称", "状态", "服务内容"]]
    table += [[f"R-{n}", "天平", "正常", f"{word}{n}" * 20] for n in range(rows)]
    province.node("node", "import", str(write_csv(province.folder / "list.csv", table)))


def _publish_on_a_small_disk(province: Province) -> tuple[Ended | None, Path]:
    """Publish with the feed on a file system with little room; a copy of how that was left."""
    place = province.home("node") / "public/catalogue"
    before, after = province.folder / "before", province.folder / "after"
    shutil.copytree(place, before)
    after.mkdir()
    command = [str(BIN / "fenhe-node"), "--home", str(province.home("node")), "publish", "--json"]
    finished = subprocess.run(
        ["unshare", "-rm", "bash", "-c", ON_A_SMALL_DISK, "-", "96k", place, before, *command],
        env={"PLACE": str(place), "AFTER": str(after), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        capture_output=True, check=False,
    )  # fmt: skip
    if b"unshare:" in finished.stderr or b"mount:" in finished.stderr:
        return None, after
    return _ended(finished), after


def _short(command: Sequence[str], kib: int) -> Ended:
    """Run a command that may let no file grow beyond this."""
    script = f'ulimit -f {kib}; exec "$@"'
    whole = ["bash", "-c", script, "-", str(BIN / command[0]), *command[1:], "--json"]
    return _ended(subprocess.run(whole, capture_output=True, check=False))


def _ended(finished: subprocess.CompletedProcess[bytes]) -> Ended:
    told = finished.stderr.decode()
    assert "Traceback" not in told, told
    return Ended(finished.returncode, json.loads(finished.stdout), told)


def _is_whole(catalogue: Path) -> int:
    """Recompute a log from its folder; its size."""
    _, size, root = catalogue.joinpath("checkpoint").read_text().split("\n")[:3]
    entries: list[bytes] = []
    for start in range(0, int(size), 256):
        width = min(256, int(size) - start)
        partial = "" if width == 256 else f".p/{width}"
        file = catalogue / "tile/entries" / f"{numbered(start // 256)}{partial}"
        entries += split_bundle(file.read_bytes())
    assert tree_hash([leaf_hash(entry) for entry in entries]) == b64decode(root)
    lines = sum(path.read_bytes().count(b"\n") for path in (catalogue / "body/pub").rglob("*"))
    assert lines >= int(size) - 1  # a heartbeat has none
    return int(size)


def test_a_publish_that_ran_out_of_room_leaves_the_one_before_whole(story: Story) -> None:
    if story.cut_publish is None:
        wanting("mount", "no file system can be mounted here: it takes unshare and the right to")
    assert story.cut_publish.code == 1
    assert story.cut_publish.answer["error"]["code"] == "store.write"
    assert "空间" in story.cut_publish.told or "No space" in story.cut_publish.told
    assert _is_whole(story.after_cut) == FIRST


def test_a_database_that_may_not_grow_is_told_and_signs_nothing(story: Story) -> None:
    assert (story.full_publish.code, story.full_publish.answer["exit"]) == (1, 1)
    assert story.full_publish.answer["error"]["code"] == "store.failed"


def test_the_next_publish_completes(story: Story) -> None:
    assert story.publish["leaves"]["catalogue"] == MANY
    assert _is_whole(story.province.home("node") / "public/catalogue") == FIRST + MANY


def test_a_round_without_room_is_no_round_without_a_verdict(story: Story) -> None:
    assert story.cut_round.code in (1, 4)
    for report in story.cut_round.answer["logs"]:
        assert (report["outcome"], report["size"] > report["start"]) == ("defer", False)
        assert report["code"].startswith("store.")


def test_the_hub_goes_on_serving_what_it_had(story: Story) -> None:
    assert story.server_ended is None
    assert story.standing["node.example/fenhe", "catalogue"]["size"] == FIRST
    assert json.loads(story.served_meanwhile)["total"] == FEW


def test_the_next_round_completes(story: Story) -> None:
    report = story.round["node.example/fenhe", "catalogue"]
    size = FIRST + MANY
    assert (report["size"], report["cosigned"]) == (size, size)
    # Unchanged where the server, which looks every second, was the first to have room again.
    assert report["outcome"] in ("grown", "unchanged")
