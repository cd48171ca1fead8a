import stat
from pathlib import Path

import pytest

from fenhe_node.home import claim, open_home
from fenhe_protocol.errors import SetupError


def test_what_is_held_and_the_keys_are_closed_to_others(tmp_path: Path) -> None:
    home = claim(tmp_path / "home")
    assert stat.S_IMODE(home.keys.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.held.stat().st_mode) == 0o700


def test_a_home_is_never_laid_over_another(tmp_path: Path) -> None:
    home = claim(tmp_path / "home")
    with pytest.raises(SetupError) as unfinished:
        claim(home.path)
    home.config_file.write_text("")
    with pytest.raises(SetupError) as finished:
        claim(home.path)
    assert (unfinished.value.code, finished.value.code) == ("home.not-empty", "home.exists")


def test_an_empty_folder_made_by_the_service_manager_can_be_claimed(tmp_path: Path) -> None:
    assert claim(tmp_path).keys.is_dir()


def test_an_unfinished_home_is_not_opened(tmp_path: Path) -> None:
    home = claim(tmp_path / "home")
    with pytest.raises(SetupError) as absent:
        open_home(home.path)
    assert absent.value.code == "home.absent"
