"""A witness's folder. Start at `make_home` and `open_home`.

name           the cosigner's name; written last, so a folder without it is unfinished
witness.seed   its key
head.sqlite    the heads it has promised; never part of a backup
logs/          whose checkpoints it judges
roots/         the root documents from which it knows their keys
checkpoints/   the newest cosigned note of each log
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.seeds import SUFFIX, load_seed, make_seed
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.new_folder import check_finished, claim_folder
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.origin import check_origin, origin_hash

_NAME = "name"
_SEED = f"witness{SUFFIX}"


@dataclass(frozen=True, slots=True)
class WitnessHome:
    """The folder of one witness, with its name and key read."""

    path: Path
    name: str
    key: SigningKey

    @property
    def verifier(self) -> VerifierKey:
        """What others name it by: name, type 0x04, public key."""
        return VerifierKey(self.name, COSIGNATURE, self.key.public)

    @property
    def heads(self) -> Path:
        """The store of promised heads."""
        return self.path / "head.sqlite"

    @property
    def logs(self) -> Path:
        """The folder of known logs."""
        return self.path / "logs"

    def roots_folder(self, unit: str) -> Path:
        """What is known of a unit or hub by its root documents."""
        return self.path / "roots" / origin_hash(unit)

    def roots(self, unit: str) -> FolderFiles:
        """Where its root documents lie."""
        folder = self.roots_folder(unit)
        return FolderFiles(folder, folder, log=ROOT)

    def checkpoint(self, hashed: str) -> Path:
        """The newest cosigned note of the log with this H(origin)."""
        return self.path / "checkpoints" / hashed


def make_home(path: Path, name: str) -> WitnessHome:
    """Make a home with a fresh key; SetupError where anything lies there or the name is none."""
    try:
        check_origin(name)
    except ValueError as error:
        raise SetupError("setup.value", where="--name", found=str(error)) from error
    claim_folder(path, mark=_NAME)
    key = SigningKey.from_seed(make_seed(path / _SEED))
    home = WitnessHome(path, name, key)
    HeadStore(home.heads).get("")  # makes the store: from now on, none means that it was lost
    replace_files(Disk(), {path / _NAME: f"{name}\n".encode()})
    return home


def is_home(path: Path) -> bool:
    """Whether a finished home lies there."""
    return (path / _NAME).is_file()


def open_home(path: Path) -> WitnessHome:
    """Open a finished home; SetupError `home.absent`, `home.account` or `keys.*`."""
    check_finished(path, mark=_NAME, made_by="fenhe witness --home DIR init")
    name = (path / _NAME).read_text("utf-8").strip()
    return WitnessHome(path, name, SigningKey.from_seed(load_seed(path / _SEED)))


@contextmanager
def served_alone(home: WitnessHome) -> Iterator[None]:
    """One `serve` for a home; SetupError `home.served`."""
    handle = os.open(home.path / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SetupError("home.served", where=str(home.path)) from error
    finally:
        os.close(handle)
