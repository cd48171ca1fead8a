"""A fingerprint as a person types it, who hears it read aloud in groups of four."""

import re

from fenhe_protocol.errors import SetupError

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def read_fingerprint(typed: str, *, where: str = "--fingerprint") -> str:
    """64 hex characters, however they were grouped; SetupError `setup.value` names `where`."""
    found = "".join(typed.lower().split())
    if not _FINGERPRINT.fullmatch(found):
        expected = "64 位十六进制 64 hex characters"
        raise SetupError("setup.value", where=where, expected=expected, found=typed)
    return found
