"""The folders of one node: where each thing lies besides its feed. Start at `open_home`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.feed_home import CONFIG, FeedHome
from fenhe_client.stored.new_folder import check_finished, claim_folder
from fenhe_protocol.errors import SetupError, StoreError


@dataclass(frozen=True)
class Home(FeedHome):
    """The paths under `DIR`, besides those of every feed."""

    @property
    def files(self) -> Path:
        """Photos and documents that the public pages show, under their hashes."""
        return self.path / "files"

    @property
    def store(self) -> Path:
        """Staging, records and trusted hubs."""
        return self.path / "store.sqlite"

    @property
    def trusted(self) -> Path:
        """Root documents of trusted hubs, a folder for each fingerprint."""
        return self.path / "trusted"

    @property
    def runs(self) -> Path:
        """What the periodic jobs did last."""
        return self.path / "runs.json"


def open_home(path: Path) -> Home:
    """Find a finished home at `path`, or raise SetupError."""
    check_finished(path, mark=CONFIG, made_by="fenhe-node setup, 或 or --home DIR init")
    return Home(path)


def claim(path: Path) -> Home:
    """Make the empty folders of a new home; refuse a folder that holds anything."""
    claim_folder(path, mark=CONFIG)
    home = Home(path)
    home.keys.mkdir(mode=0o700)
    home.public.mkdir(mode=0o755)
    home.held.mkdir(mode=0o700)
    # Contact persons stay in the store; SQLite gives its journal the same mode.
    for database in (home.store, home.heads):
        database.touch(mode=0o600)
    return home


@contextmanager
def serving(home: Home) -> Iterator[None]:
    """Mark the home as served for as long as this lasts; SetupError if it already is."""
    handle = _opened(home.path / "serving.lock")
    try:
        if not _lock_now(handle):
            raise SetupError("home.served", where=str(home.path))
        yield
    finally:
        os.close(handle)


@contextmanager
def if_free(file: Path) -> Iterator[bool]:
    """Hold a lock of this name if nobody else does; says whether it is held."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = _opened(file)
    try:
        yield _lock_now(handle)
    finally:
        os.close(handle)


def is_served(home: Home) -> bool:
    """Whether a server runs in this home."""
    try:
        with serving(home):
            return False
    except SetupError:
        return True


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError("store.write", where=str(file), found=str(error)) from error


def _lock_now(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the node's one writing lock; commands and the server wait for each other here."""
    handle = _opened(home.path / "writing.lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
