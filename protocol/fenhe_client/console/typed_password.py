"""A password as a person gives it to a command: typed twice, or one line that is piped in."""

import getpass
import sys

from fenhe_protocol.errors import InputError


def typed_password() -> str:
    """Ask for it; InputError `console.twice` where the two differ."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("口令 password: ")
    if first != getpass.getpass("再输一次 again: "):
        raise InputError("console.twice")
    return first
