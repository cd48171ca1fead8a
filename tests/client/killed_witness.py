"""Submits one checkpoint to a witness that is killed when it has promised, before it answers."""

import os
import signal
import sys
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_client.witness.home import open_home
from fenhe_client.witness.service import Witness


class DeadlyDisk(Disk):
    """Kills this process where the cosigned note would be written."""

    def write(self, path: Path, data: bytes) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main(home: Path, now: int) -> None:
    """Never returns."""
    print(Witness(open_home(home), DeadlyDisk()).add_checkpoint(sys.stdin.buffer.read(), now))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
