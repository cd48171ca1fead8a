"""Files of a moment: what was given, in a private folder of the home, for as long as it is read.

They hold persons. What a kill leaves is taken away when the node is served again, and is in no
backup.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "uploads"


@contextmanager
def own_folder(home: Path) -> Iterator[Path]:
    """An empty folder for this account alone, gone at the end with all that is in it."""
    above = home / FOLDER
    above.mkdir(mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=above))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_copy(home: Path, name: str, raw: bytes) -> Iterator[Path]:
    """A copy that nobody else changes, under a cleaned name."""
    with own_folder(home) as folder:
        path = folder / name
        path.write_bytes(raw)
        yield path


def empty(home: Path) -> None:
    """Take away what was left; whoever reads meanwhile has to be asked again."""
    shutil.rmtree(home / FOLDER, ignore_errors=True)
