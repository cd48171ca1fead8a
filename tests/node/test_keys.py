import stat
from pathlib import Path

import pytest

from fenhe_node.keys import make_keys
from fenhe_node.node import open_node
from fenhe_protocol.errors import SetupError
from tests.node.homes import new_node


def test_keys_are_three_different_ones(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert len({made.log.public, made.root.public, made.request.public}) == 3


def test_only_the_owner_may_read_a_seed(tmp_path: Path) -> None:
    make_keys(tmp_path)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_seed_is_never_written_over(tmp_path: Path) -> None:
    make_keys(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(FileExistsError):
        make_keys(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 33])
def test_a_damaged_seed_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    node = new_node(tmp_path / "home")
    (node.home.keys / "log.seed").write_text(content)
    with pytest.raises(SetupError) as refused:
        open_node(node.home.path)
    assert refused.value.code == "keys.form"
    assert not content or content not in str(refused.value)


def test_a_seed_that_others_can_read_is_refused(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    (node.home.keys / "root.seed").chmod(0o640)
    with pytest.raises(SetupError) as refused:
        open_node(node.home.path)
    assert refused.value.code == "keys.mode"


@pytest.mark.parametrize("purpose", ["log", "request"])
def test_an_absent_seed_is_named(tmp_path: Path, purpose: str) -> None:
    node = new_node(tmp_path / "home")
    (node.home.keys / f"{purpose}.seed").unlink()
    with pytest.raises(SetupError) as refused:
        open_node(node.home.path)
    assert refused.value.code == "keys.absent"
    assert refused.value.where.endswith(f"{purpose}.seed")


def test_the_root_key_need_not_be_on_this_machine(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    (node.home.keys / "root.seed").unlink()
    assert open_node(node.home.path).keys.root == []
