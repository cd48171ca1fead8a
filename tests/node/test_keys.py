import stat
from pathlib import Path

import pytest

from fenhe_node.keys import load_keys, make_keys
from fenhe_protocol.errors import SetupError


def test_keys_are_three_different_ones_and_come_back_the_same(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert len({made.log.public, made.root.public, made.request.public}) == 3
    assert load_keys(tmp_path) == made


def test_only_the_owner_may_read_a_seed(tmp_path: Path) -> None:
    make_keys(tmp_path)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_seed_is_never_written_over(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    with pytest.raises(FileExistsError):
        make_keys(tmp_path)
    assert load_keys(tmp_path) == made


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 33])
def test_a_damaged_seed_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    make_keys(tmp_path)
    (tmp_path / "log.seed").write_text(content)
    with pytest.raises(SetupError) as refused:
        load_keys(tmp_path)
    assert refused.value.code == "keys.form"
    assert not content or content not in str(refused.value)


def test_a_seed_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_keys(tmp_path)
    (tmp_path / "root.seed").chmod(0o640)
    with pytest.raises(SetupError) as refused:
        load_keys(tmp_path)
    assert refused.value.code == "keys.mode"


def test_an_absent_seed_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        load_keys(tmp_path)
    assert refused.value.where.endswith("log.seed")
