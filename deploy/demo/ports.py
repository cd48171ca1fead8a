"""Ports for servers that start later, or again.

The system hands out ports by itself from a range, for connections too: one from there that was free
a moment ago may be taken when its server starts. So these lie below that range, and each is claimed
for this process by a UDP socket of its number, which stands in the way of no server over TCP.
"""

import os
import random
import socket
from collections import deque
from contextlib import closing
from pathlib import Path

_SYSTEM_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_ITS_BEGINNING = 32_768  # where the system does not say
_SPAN = 10_000
_CLAIMS_KEPT = 256  # open files; what was asked for so long ago has started
_LOOPBACK = "127.0.0.1"

_chance = random.SystemRandom()
_claims: deque[int] = deque()


def free_port() -> int:
    """Return a loopback port that is free, and that nobody else is given who asks here."""
    end = _beginning_of_system_range()
    while True:
        port = _chance.randrange(max(1024, end - _SPAN), end)
        if (claim := _claim(port)) is not None:
            break
    _claims.append(claim)
    if len(_claims) > _CLAIMS_KEPT:
        os.close(_claims.popleft())
    return port


def _beginning_of_system_range() -> int:
    try:
        return int(_SYSTEM_RANGE.read_text("ascii").split()[0])
    except (OSError, ValueError):
        return _ITS_BEGINNING


def _claim(port: int) -> int | None:
    """Bind its UDP socket and return the descriptor; None if the port is claimed or in use."""
    with (
        closing(socket.socket(type=socket.SOCK_DGRAM)) as claim,
        closing(socket.socket()) as probe,
    ):
        try:
            claim.bind((_LOOPBACK, port))
            probe.bind((_LOOPBACK, port))
        except OSError:
            return None
        return claim.detach()
