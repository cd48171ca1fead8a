import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.stored.private_file import make_private
from fenhe_protocol.errors import StoreError

WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    make_private(path)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"", 0o600)


def test_to_open_it_again_lets_go_of_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    make_private(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        make_private(path)
        other = subprocess.run([sys.executable, "-c", WRITE, str(path)], capture_output=True)
    assert b"database is locked" in other.stderr


def test_where_it_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^store\.open"):
        make_private(tmp_path / "none" / "store.sqlite")
