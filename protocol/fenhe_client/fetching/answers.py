"""What an HTTP answer or failure means for a reader: which outcome, which code (feed, Outcomes)."""

import asyncio
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientResponseError,
    ClientSSLError,
)

from fenhe_protocol.errors import Deferred, FenheError, Refused

OK, NOT_MODIFIED, ABSENT = 200, 304, 404

_DENIED = frozenset({401, 403})
_PASSING = frozenset({408, 425, 429})


class ForbiddenAddress(OSError):
    """A name resolved to an address out of reach."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"address out of reach: {address}")


def check_status(response: ClientResponse, *, conditional: bool, now: float, where: str) -> int:
    """Return 200, 404 or, if it was asked for, 304; raise for any other status."""
    status = response.status
    if status in (OK, ABSENT) or (status == NOT_MODIFIED and conditional):
        return status
    if status in _DENIED or status in _PASSING or 500 <= status < 600:
        raise Deferred(
            "fetch.denied" if status in _DENIED else "fetch.busy",
            where=where,
            found=str(status),
            retry_after=retry_after(response.headers.get("Retry-After"), now),
        )
    code = "fetch.redirect" if 300 <= status < 400 and status != NOT_MODIFIED else "fetch.status"
    raise Refused(code, where=where, expected="200", found=str(status))


def retry_after(value: str | None, now: float, longest: int = 3600) -> int | None:
    """Read a Retry-After header of either form as seconds from `now`, held within an hour."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        # Ten digits are beyond any limit; int() of thousands would be refused.
        return min(int(value[:10]), longest)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return int(min(max(seconds, 0), longest))


@contextmanager
def judged(where: str) -> Iterator[None]:
    """Turn what the HTTP library raises into Deferred and Refused."""
    try:
        yield
    except FenheError:
        raise
    except (ClientError, TimeoutError, OSError, ValueError) as error:
        raise _verdict(error, where) from error


def _verdict(error: Exception, where: str) -> FenheError:
    found = f"{type(error).__name__}: {error}"
    if isinstance(error, ClientSSLError):
        return Refused("fetch.tls", where=where, found=found)
    if isinstance(error, ClientConnectorError):
        # Several refused addresses of one name are merged into a plain OSError of that number.
        if error.os_error.errno == errno.EACCES:
            return Refused("fetch.address", where=where, expected="a public address", found=found)
        return Deferred("fetch.connect", where=where, found=found)
    if isinstance(error, asyncio.TimeoutError):
        return Deferred("fetch.timeout", where=where)
    if isinstance(error, ClientResponseError | ValueError):
        return Refused("fetch.malformed", where=where, found=found)
    return Deferred("fetch.broken", where=where, found=found)
