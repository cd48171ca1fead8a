"""A folder for a new home is empty, or it is left as it is."""

from pathlib import Path

import pytest

from fenhe_client.stored.new_folder import claim_folder
from fenhe_protocol.errors import SetupError


def test_what_is_not_there_is_made_and_an_empty_folder_is_taken(tmp_path: Path) -> None:
    for _ in range(2):
        claim_folder(tmp_path / "a" / "home", mark="config.yaml")
    assert list((tmp_path / "a" / "home").iterdir()) == []


@pytest.mark.parametrize(
    ("file", "code"), [("config.yaml", "home.exists"), ("notes.txt", "home.not-empty")]
)
def test_a_folder_that_holds_anything_is_refused_untouched(
    tmp_path: Path, file: str, code: str
) -> None:
    (tmp_path / file).write_text("示例", "utf-8")
    with pytest.raises(SetupError) as refused:
        claim_folder(tmp_path, mark="config.yaml")
    assert (refused.value.code, refused.value.where) == (code, str(tmp_path))
    assert [each.read_text("utf-8") for each in tmp_path.iterdir()] == ["示例"]


def test_a_link_to_settings_that_are_still_to_be_made_is_nothing_that_lies_there(
    tmp_path: Path,
) -> None:
    home, apart = tmp_path / "home", tmp_path / "config.yaml"
    home.mkdir()
    (home / "config.yaml").symlink_to(apart)
    claim_folder(home, mark="config.yaml")
    apart.write_text("origin: a", "utf-8")
    with pytest.raises(SetupError, match=r"home\.exists"):
        claim_folder(home, mark="config.yaml")
