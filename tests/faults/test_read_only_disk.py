"""A disk that has turned read-only, as a failing one does: it is said, and nothing changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fenhe_node.node import open_node
from fenhe_node.publishing.heads import verify_head
from tests.hub.houses import new_hub
from tests.node.homes import instrument, new_node, publish_long_ago, put
from tests.wanting import wanting

BIN = Path(sys.executable).parent
READ_ONLY = """
set -e
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
shift
exec "$@"
"""


def on_a_read_only_disk(home: Path, program: str, *command: str) -> tuple[int, dict[str, object]]:
    """Run a command with `--json`; its exit code and answer."""
    asked = [str(BIN / program), "--home", str(home), *command, "--json"]
    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", READ_ONLY, "-", str(home), *asked],
        capture_output=True,
        check=False,
    )
    if b"unshare:" in done.stderr or b"mount:" in done.stderr:
        wanting("mount", "no file system can be mounted here: it takes unshare and the right to")
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def everything(home: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}


def test_a_node_signs_nothing_says_why_and_goes_on_later(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    publish_long_ago(node)
    put(node, [instrument("A-1")])
    before = everything(node.home.path)
    code, answer = on_a_read_only_disk(node.home.path, "fenhe-node", "publish", "--no-wait")
    assert (code, str(answer["error"])[:40].count("store.")) == (1, 1)
    assert everything(node.home.path) == before
    size = verify_head(node.home, node.root, "catalogue").size
    publish_long_ago(node)
    assert verify_head(open_node(node.home.path).home, node.root, "catalogue").size > size


@pytest.mark.parametrize("command", ["sync --once", "rebuild"])
def test_a_hub_changes_nothing_and_says_why(tmp_path: Path, command: str) -> None:
    home = new_hub(tmp_path / "hub").home.path
    before = everything(home)
    code, answer = on_a_read_only_disk(home, "fenhe-hub", *command.split())
    assert (code, str(answer["code"]).startswith("store.")) == (1, True)
    assert everything(home) == before
