"""What a stranger may send, and how often. No script, no third party, nothing about him on disk.

`read_form` bounds a form in bytes, fields and time; `Tickets` let each form be sent once; `Rates`
count by network address, in memory alone. `Strangers` has one of each.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict, deque
from urllib.parse import parse_qsl

from aiohttp import web

from fenhe_protocol.errors import RequestError

MOST_FIELDS = 600  # an instrument may have 500 price lines
PATIENCE_SECONDS = 20
TICKET_SECONDS = 12 * 3600
MOST_FORMS, FORMS_SECONDS = 120, 600  # any forms of one address, estimates too
MOST_ADDRESSES = 20_000
DAY = 86_400
URLENCODED = "application/x-www-form-urlencoded"
TRAP = "website"  # a field that no person sees


class Tickets:
    """Tokens of forms: each was issued here, not long ago, and is good for one order."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._used: OrderedDict[str, int] = OrderedDict()

    def issue(self, now: int) -> str:
        """A fresh one."""
        text = f"{now}.{secrets.token_hex(12)}"
        return f"{text}.{self._mark(text)}"

    def check(self, ticket: str, now: int) -> None:
        """RequestError 400 `order.form` for one that is not ours, too old, or used."""
        text, _, mark = ticket.rpartition(".")
        ours = hmac.compare_digest(self._mark(text).encode(), mark.encode("utf-8", "replace"))
        if not ours or ticket in self._used or not self._is_fresh(text, now):
            raise RequestError("order.form", status=400)

    def age(self, ticket: str, now: int) -> int:
        """How many seconds ago one that is ours was issued."""
        return now - int(ticket.partition(".")[0])

    def use(self, ticket: str, now: int) -> None:
        """Let it be good no more."""
        self._used[ticket] = now
        while self._used and next(iter(self._used.values())) < now - TICKET_SECONDS:
            self._used.popitem(last=False)

    def _is_fresh(self, text: str, now: int) -> bool:
        return now - TICKET_SECONDS <= int(text.partition(".")[0]) <= now + 60

    def _mark(self, text: str) -> str:
        return hmac.new(self._secret, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Rates:
    """How often each address did something lately; the address that did longest nothing goes."""

    def __init__(self, most: int, seconds: int, code: str = "order.too-many") -> None:
        self._most, self._seconds, self._code = most, seconds, code
        self._times: OrderedDict[str, deque[int]] = OrderedDict()

    def check(self, address: str, now: int) -> None:
        """RequestError 429 where the room of an address is used up."""
        if not address:
            return
        times = self._times.get(address, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            raise RequestError(self._code, status=429)

    def note(self, address: str, now: int) -> None:
        """Count one."""
        if not address:
            return
        self._times.setdefault(address, deque(maxlen=self._most)).append(now)
        self._times.move_to_end(address)
        while len(self._times) > MOST_ADDRESSES:
            self._times.popitem(last=False)


class Strangers:
    """What is remembered of those who send forms: tickets, and how often each address sends."""

    def __init__(self, most_a_day: int) -> None:
        self.tickets = Tickets()
        self.forms = Rates(MOST_FORMS, FORMS_SECONDS)
        self.orders = Rates(most_a_day, DAY)


def address_of(request: web.Request) -> str:
    """The network that asks: what a proxy on this machine says, else the connection's; IPv6 by /64.

    A proxy appends the address that it sees, so the last one is its own word. Empty, and counted
    by nobody, where a proxy tells none: all the world would share its address.
    """
    remote = _network(request.remote or "")
    if remote and ipaddress.ip_network(remote).is_loopback:
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return _network(told)
    return remote


def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, bits), strict=False))


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a form, the first of each name; RequestError 400, 408, 413, 415."""
    if request.content_type != URLENCODED:
        raise RequestError("form.type", status=415, expected=URLENCODED)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            raw = await request.read()
    except (TimeoutError, ConnectionError) as error:
        raise RequestError("form.slow", status=408) from error
    except web.HTTPRequestEntityTooLarge as error:
        raise RequestError("form.large", status=413) from error
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise RequestError("form.broken", status=400) from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


def check_trap(form: dict[str, str]) -> None:
    """RequestError 400 for who filled in what no person sees."""
    if form.get(TRAP):
        raise RequestError("form.trap", status=400)
