"""How many files a program on Windows may have open. Only in the zip."""

RLIMIT_NOFILE = 7
_MOST = 2048  # the C library's own default for what it opens


def getrlimit(what: int) -> tuple[int, int]:
    """The same for every kind: what may be open now, and at most."""
    return _MOST, _MOST
