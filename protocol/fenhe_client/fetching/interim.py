"""Answers of the series 1xx that come before the one that was asked for: a few, and no more.

HTTP sets no end to them (RFC 9110 §15.2), and the library waits through them all; each costs the
processor's time, which a publisher would otherwise take from all others.
"""

from typing import Any

from aiohttp import ClientResponse
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError

MOST_INTERIM = 8  # of one answer


class PlainAnswer(ClientResponse):
    """An answer that comes after at most `MOST_INTERIM` others."""

    async def start(self, connection: Connection) -> ClientResponse:
        """Read its head; ClientResponseError where too many come before it."""
        protocol: Any = connection.protocol
        read, count = protocol.read, 0

        async def read_counted() -> object:
            nonlocal count
            if count > MOST_INTERIM:
                raise HttpProcessingError(code=400, message="interim answers without end")
            count += 1
            return await read()

        protocol.read = read_counted
        try:
            return await super().start(connection)
        finally:
            del protocol.read
