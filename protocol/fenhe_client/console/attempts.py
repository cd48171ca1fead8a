"""Passwords that were guessed wrong, so that guessing takes for ever. Times are POSIX seconds."""

import asyncio
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

FREE = 4  # wrong ones that cost nothing but the time to compute
LONGEST_WAIT = 900
FORGET_SECONDS = 3600
MOST = 10_000
A_MINUTE = 30  # of all addresses together


class Attempts:
    """Counts by address (of IPv6 its /64): each wrong one past the fourth doubles the wait."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()  # how many, the last
        self._minute, self._in_minute = 0, 0
        self.turn = asyncio.Semaphore(1)  # each takes 32 MiB and a tenth of a second

    def seconds_to_wait(self, address: str, now: int) -> int:
        """How long this address has to wait before its next one counts; 0: not at all."""
        if self._minute == now // 60 and self._in_minute >= A_MINUTE:
            return 60 - now % 60
        count, last = self._wrong.get(_net(address), (0, 0))
        if count <= FREE or now - last > FORGET_SECONDS:
            return 0
        wait: int = min(2 ** min(count - FREE, 20), LONGEST_WAIT)
        return max(0, last + wait - now)

    def begin(self, address: str, now: int) -> None:
        """Count one as wrong before it is looked at: many at once count too."""
        minute = now // 60
        self._in_minute = self._in_minute + 1 if self._minute == minute else 1
        self._minute = minute
        net = _net(address)
        count, last = self._wrong.pop(net, (0, 0))
        self._wrong[net] = (count + 1 if now - last <= FORGET_SECONDS else 1, now)
        while len(self._wrong) > MOST:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        """It was right: nothing is held against the address."""
        self._wrong.pop(_net(address), None)


def _net(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)
