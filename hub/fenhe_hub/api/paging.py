"""Cursors: the place behind the last thing of a page, opaque to who asks. Pure."""

from collections.abc import Sequence
from typing import Any

import orjson

from fenhe_protocol.encoding import b64u_decode, b64u_encode
from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import LARGEST_SIZE

Key = str | int | bytes


def write_cursor(order: str, place: Sequence[Key]) -> str:
    """A cursor for the place in one order; another order does not take it."""
    parts = [["b", key.hex()] if isinstance(key, bytes) else key for key in place]
    return b64u_encode(orjson.dumps([order, *parts]))


def read_cursor(order: str, cursor: str | None, *types: type[Key]) -> Any:
    """The place a cursor stands for, None without one; RequestError 404 `api.cursor`.

    Typed Any: the caller names the types, and gets a tuple of exactly these.
    """
    if cursor is None:
        return None
    try:
        found, *parts = orjson.loads(b64u_decode(cursor))
        place = tuple(_key(part, wanted) for part, wanted in zip(parts, types, strict=True))
    except (ValueError, TypeError) as error:
        raise unknown_cursor("", cursor) from error
    if found != order:
        raise unknown_cursor(order, str(found))
    return place


def unknown_cursor(expected: str, found: str) -> RequestError:
    """There is no such place: another list's, or one from before the index was rebuilt."""
    return RequestError("api.cursor", status=404, where="cursor", expected=expected, found=found)


def _key(part: object, wanted: type[Key]) -> Key:
    if wanted is bytes and isinstance(part, list):
        _, digits = part
        return bytes.fromhex(digits)
    if type(part) is not wanted:
        raise ValueError("another type of key")
    if isinstance(part, int) and not 0 <= part <= LARGEST_SIZE:
        raise ValueError("a number out of range")
    return part
