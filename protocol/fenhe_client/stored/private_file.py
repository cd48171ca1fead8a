"""Files for their owner's eyes; SQLite makes databases as open as the account's umask lets it."""

import os
from pathlib import Path
from threading import Lock

from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import StoreError

_IN_MEMORY = ":memory:"
_making = Lock()


class PrivateDisk(Disk):
    """Makes every file with mode 0600, from its first byte on."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file that nobody else could ever read."""
        self.unlink(path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)


def make_private(path: Path) -> None:
    """Make the file, mode 0600, if it is not there; SQLite gives its journals the same mode.

    Before it is opened: what stands in it must never have been readable. StoreError `store.open`.
    """
    if str(path) == _IN_MEMORY:
        return
    # Only a file that is new is opened here, and by one thread at a time: whoever closes a file
    # lets go of all the locks that this process holds on it, SQLite's too.
    try:
        with _making:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError("store.open", where=str(path), found=str(error)) from error
