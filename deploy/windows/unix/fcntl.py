"""The one function of Unix's `fcntl` that Fenhe uses, by Windows' own locks. Only in the zip."""

import msvcrt
import os
import time
from typing import Any

LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8
_BETWEEN_SECONDS = 0.05
_windows: Any = msvcrt  # whose names other systems' type stubs do not have


def flock(handle: int, how: int) -> None:
    """Lock the file's first byte; BlockingIOError where LOCK_NB is set and another has it."""
    while True:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            _windows.locking(handle, _windows.LK_NBLCK, 1)
        except OSError as error:
            if how & LOCK_NB:
                raise BlockingIOError(error.errno, error.strerror) from error
            time.sleep(_BETWEEN_SECONDS)
        else:
            return
