"""Keys changed with the real commands while things go wrong: kills, others, a failing token."""

import json
import random
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import fenhe_node.cli
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.seeds import load_seed
from fenhe_node.node import Node, open_node
from fenhe_node.publishing.heads import own_root, root_files, verify_head
from fenhe_protocol.keys import SigningKey
from tests import forked
from tests.federation.push_house import configure
from tests.node.homes import Clock, instrument, new_node, publish_all, put

KILLS = 8
SIGNER = """
import base64, sys
from pathlib import Path
from fenhe_protocol.keys import SigningKey
key = SigningKey.from_seed(bytes.fromhex(Path(sys.argv[1]).read_text()))
print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    return node.home.path


def said(home: Path, *command: str, code: int = 0) -> Any:
    out = StringIO()
    with redirect_stdout(out):
        found = fenhe_node.cli.main(["--home", str(home), *command, "--json"])
    assert found == code, out.getvalue()
    return json.loads(out.getvalue())


def open_head(node: Node) -> int:
    """The size that is signed, by a key that is listed for it."""
    return verify_head(node.home, own_root(node.home), "catalogue").size


def seeds(home: Path, purpose: str) -> Sequence[Path]:
    return sorted((home / "keys").glob(f"{purpose}*.seed"))


def test_several_rotations_at_once_come_one_after_another(home: Path) -> None:
    """The chain has them all, and each of the keys that it lists is here."""
    command = ("--home", str(home), "rotate-key", "request")
    running = [forked.start("fenhe-node", *command, log=home.parent / f"{n}") for n in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    node = open_node(home)
    assert node.root.n == 5
    assert len(seeds(home, "request")) == 5
    public = [SigningKey.from_seed(load_seed(file)).public for file in seeds(home, "request")]
    assert set(node.root.request) <= set(public)
    assert [row["in_force"] for row in said(home, "keys")["keys"]].count(True) == 4


def test_killed_at_any_instant_the_next_rotation_comes_through(home: Path, tmp_path: Path) -> None:
    """Real kills, as the power goes: no key is half there, and none that is listed is missing."""
    draw = random.Random(20261123)
    for number in range(KILLS):
        before = open_node(home).root.n
        command = ("--home", str(home), "rotate-key", draw.choice(("log", "root", "request")))
        process = forked.start("fenhe-node", *command, log=tmp_path / f"{number}")
        time.sleep(draw.uniform(0, 0.08))
        process.kill()
        process.wait(timeout=60)
        assert open_node(home).root.n in (before, before + 1)
        OwnKeys(home / "keys", root_files(open_node(home).home)).check()
    after = open_node(home).root.n
    for purpose in ("log", "root", "request"):
        said(home, "rotate-key", purpose)
    node, clock = open_node(home), Clock()
    assert node.root.n == after + 3
    clock.at += 60
    put(node, [instrument("A-2")])
    before = open_head(node)
    assert publish_all(node, clock).sizes["catalogue"] == before + 1


def test_a_token_that_fails_changes_nothing_and_its_successor_is_not_wasted(
    home: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick.seed"
    (home / "keys/root.seed").rename(stick)
    signer = tmp_path / "sign.py"
    signer.write_text(SIGNER)
    rubbish = shlex.join([sys.executable, "-c", "print('PIN 271828')"])
    wrong = shlex.join([sys.executable, str(signer), str(home / "keys/log.seed")])
    for command in ("false", "/nowhere/token", rubbish, wrong):
        configure(home, root_sign_command=json.dumps(command))
        failed = said(home, "rotate-key", "log", code=1)
        assert failed["error"]["code"] == "root.command"
        assert "271828" not in json.dumps(failed) and str(home) not in json.dumps(failed)
        assert (open_node(home).root.n, len(seeds(home, "log"))) == (1, 2)
    good = shlex.join([sys.executable, str(signer), str(stick)])
    configure(home, root_sign_command=json.dumps(good))
    assert said(home, "rotate-key", "log")["in_force"]
    assert (open_node(home).root.n, len(seeds(home, "log"))) == (2, 2)


@pytest.mark.parametrize("margin", ["-1", "x", "1.5"])
def test_a_margin_is_a_number_of_leaves(home: Path, margin: str) -> None:
    with pytest.raises(SystemExit):
        said(home, "rotate-key", "log", "--margin", margin)
    assert open_node(home).root.n == 1


def test_lines_for_another_draft_do_not_count(home: Path, tmp_path: Path) -> None:
    """The lines came back after the draft was given up and another was proposed."""
    stick = tmp_path / "stick.seed"
    (home / "keys/root.seed").rename(stick)
    lines = []
    for number, purpose in enumerate(("request", "log")):
        draft = said(home, "rotate-key", purpose, code=4)["file"]
        lines.append(str(tmp_path / f"{number}.line"))
        sign = ("sign-root", draft, "--seed-file", str(stick), "--out", lines[-1])
        assert forked.run("fenhe", *sign).returncode == 0
        if purpose == "request":
            said(home, "root-document", "discard")
    refused = said(home, "root-document", "adopt", lines[0], code=3)
    assert refused["error"]["code"] == "root.line"
    assert said(home, "root-document", "adopt", *lines[1:])["in_force"]
    # Once more is no harm: nothing waits any more.
    assert (
        said(home, "root-document", "adopt", lines[1], code=1)["error"]["code"] == "root.no-draft"
    )
