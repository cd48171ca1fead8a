"""The files of a log that no longer count, put where nobody is shown them: they may be evidence."""

import shutil
from pathlib import Path

from fenhe_client.files import FolderFiles
from fenhe_node.home import Home


def aside(home: Home, name: str, now: int) -> Path:
    """Where the former files of a log are put at this time (POSIX seconds)."""
    return home.path / "aside" / f"{name}-{now}"


def former_files(home: Home, name: str) -> list[FolderFiles]:
    """The files of a log that were put there, the oldest first."""
    folders = sorted((home.path / "aside").glob(f"{name}-*"))
    return [FolderFiles(each / "public", each / "held", log=name) for each in folders]


def set_aside(home: Home, name: str, now: int) -> None:
    """Move the files of a log there; done again after a kill, the rest follows."""
    target = aside(home, name, now)
    target.mkdir(parents=True, mode=0o700, exist_ok=True)
    for tree in (home.public, home.held):
        if (tree / name).is_dir():
            shutil.move(tree / name, target / tree.name)
