"""Names of units and logs (feed §1): an origin is a name for ever, never an address to fetch."""

import hashlib
import re
from functools import lru_cache

_ORIGINS_REMEMBERED = 65_536  # of every log that is visited it is asked several times

_ORIGIN = re.compile(
    r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"  # host
    r"(?::([1-9][0-9]{0,4}))?"
    r"(?:/[!-*,-.0-~]+)+"  # one or more parts of printable ASCII without plus
)


def check_origin(text: str) -> str:
    """Return a unit or log origin `<host>[:<port>]/<prefix>` as it is; ValueError."""
    match = _ORIGIN.fullmatch(text)
    port = int(match[1] or 0) if match else 0
    if match is None or port == 443 or port > 65535:
        raise ValueError("not an origin <host>/<prefix>: ASCII, lowercase host, no scheme, no +")
    return text


def log_origin(unit_origin: str, log: str) -> str:
    """The origin of a unit's log, which is also the name of its keys."""
    return f"{unit_origin}/{log}"


@lru_cache(_ORIGINS_REMEMBERED)
def origin_hash(origin: str) -> str:
    """H(origin): the folder of an origin in a mirror and in push addresses."""
    return hashlib.sha256(origin.encode()).hexdigest()
