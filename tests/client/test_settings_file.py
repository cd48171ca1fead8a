"""One line of a settings file changed in place: the rest of it stays, and nobody else may read."""

from pathlib import Path

import pytest

from fenhe_client.settings_file import set_line

TEXT = "# 网址\npublic_url: 'http://a'\nsm2_sign_command: p11 --pin 1234\n"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_stays_as_open_as_it_was(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(TEXT, "utf-8")
    file.chmod(mode)
    (tmp_path / ".config.yaml.new").write_text("left by a killed writer")
    set_line(file, "public_url", "https://b.example")
    assert file.stat().st_mode & 0o777 == mode
    assert file.read_text("utf-8") == TEXT.replace("'http://a'", '"https://b.example"')
    assert list(tmp_path.iterdir()) == [file]


def test_a_line_that_is_not_there_comes_last(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("origin: a", "utf-8")
    set_line(file, "public_url", "https://b.example")
    assert file.read_text("utf-8") == 'origin: a\npublic_url: "https://b.example"\n'


def test_settings_that_lie_apart_are_changed_where_they_lie(tmp_path: Path) -> None:
    apart, link = tmp_path / "etc.yaml", tmp_path / "config.yaml"
    apart.write_text(TEXT, "utf-8")
    link.symlink_to(apart)
    set_line(link, "public_url", "https://b.example")
    assert link.is_symlink() and "https://b.example" in apart.read_text("utf-8")
