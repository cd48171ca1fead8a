"""A folder of a moment: what was given lies in it, private, for as long as it is read.

It holds persons. What a kill leaves is taken away when the home is served again, and is in no
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


def empty(home: Path) -> None:
    """Take away what was left; whoever reads meanwhile has to be asked again."""
    shutil.rmtree(home / FOLDER, ignore_errors=True)
