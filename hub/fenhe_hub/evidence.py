"""The notes that prove a fork. While one lies in its folder, the origin does not move on.

Only an operator ends a quarantine, by taking the notes elsewhere: what proves a fork is never
deleted by a program. Files are named by what they hold, so keeping them twice changes nothing.
"""

from collections.abc import Iterable
from hashlib import sha256

from fenhe_client.disk import Disk, replace_files
from fenhe_hub.home import Home


def keep_evidence(home: Home, origin: str, notes: Iterable[bytes], disk: Disk) -> None:
    """Keep the notes of a fork of this log."""
    folder = home.evidence(origin)
    replace_files(disk, {folder / f"{sha256(note).hexdigest()}.note": note for note in notes})


def is_quarantined(home: Home, origin: str) -> bool:
    """Whether evidence against this log lies in the home."""
    folder = home.evidence(origin)
    return folder.is_dir() and any(folder.glob("*.note"))
