"""The cursor file of a follower."""

from pathlib import Path

import pytest

from fenhe_client.following.cursor import Cursor
from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import SetupError


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    cursor = Cursor("https://hub.example", "ab" * 32, 7, {"u1.example/fenhe/catalogue": 256})
    cursor.save(tmp_path / "cursor", Disk())
    assert Cursor.load(tmp_path / "cursor") == cursor
    assert Cursor.load(tmp_path / "none") is None


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"hub":"x","fingerprint":"y","size":"z"}'])
def test_a_cursor_file_that_is_none_is_told(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "cursor").write_bytes(raw)
    with pytest.raises(SetupError):
        Cursor.load(tmp_path / "cursor")
