"""The encodings of the feed: base64 in two alphabets, decimals and times. All raise ValueError."""

import base64
import re
from binascii import b2a_base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fenhe_protocol.limits import LARGEST_SIZE

BEIJING_MINUTES = 480

_DECIMAL = re.compile(r"0|[1-9][0-9]*")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"([+-])([0-9]{2}):([0-9]{2})"
)
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def b64_encode(data: bytes) -> str:
    """Write RFC 4648 §4 base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64_decode(text: str, *, size: int | None = None) -> bytes:
    """Read base64 that re-encodes to itself and, if `size` is given, has that many bytes."""
    data = base64.b64decode(text, validate=True)
    if b64_encode(data) != text:
        raise ValueError("base64 that does not re-encode to itself")
    return _of_size(data, size)


def b64u_encode(data: bytes) -> str:
    """Write RFC 4648 §5 base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64u_encode_all(pieces: Sequence[bytes]) -> list[bytes]:
    """Write pieces of one length as `b64u_encode` writes each, in one go."""
    if len({*map(len, pieces)}) > 1:
        raise ValueError("pieces of several lengths")
    size = len(pieces[0]) if pieces else 0
    fill = bytes(-size % 3)  # so that no piece shares a character with the next
    text = b2a_base64(fill.join([*pieces, b""]), newline=False).translate(_TO_URL_SAFE)
    width = (size + len(fill)) // 3 * 4
    return [text[n * width : (n + 1) * width - len(fill)] for n in range(len(pieces))]


def b64u_decode(text: str, *, size: int | None = None) -> bytes:
    """Read unpadded url-safe base64 that re-encodes to itself."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u_encode(data) != text:
        raise ValueError("base64url that does not re-encode to itself")
    return _of_size(data, size)


def _of_size(data: bytes, size: int | None) -> bytes:
    if size is not None and len(data) != size:
        raise ValueError(f"{len(data)} bytes where {size} are expected")
    return data


def parse_decimal(text: str, *, largest: int = LARGEST_SIZE) -> int:
    """Read a decimal without sign or leading zeros, at most `largest`."""
    # The length is looked at first: int() of a long text is slow and, past 4,300 digits, refused.
    if len(text) > len(str(largest)) or not _DECIMAL.fullmatch(text):
        raise ValueError("not a decimal without sign and leading zeros")
    if (number := int(text)) > largest:
        raise ValueError(f"above {largest}")
    return number


def parse_time(text: str) -> int:
    """Read `YYYY-MM-DDThh:mm:ss±hh:mm` as POSIX seconds (feed, Encodings)."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time of the form YYYY-MM-DDThh:mm:ss±hh:mm")
    *parts, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, parts)
    local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("offset beyond 23:59")
    offset = (int(hours) * 60 + int(minutes)) * 60
    return _seconds(local) - (offset if sign == "+" else -offset)


def format_time(posix: int, offset_minutes: int = BEIJING_MINUTES) -> str:
    """Write POSIX seconds as the feed writes times, at UTC+8 unless told otherwise."""
    sign, minutes = ("+", offset_minutes) if offset_minutes >= 0 else ("-", -offset_minutes)
    local = _local(posix, offset_minutes).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{local}{sign}{minutes // 60:02}:{minutes % 60:02}"


def date_at(posix: int, offset_minutes: int = BEIJING_MINUTES) -> str:
    """Return the calendar date at that offset, `YYYY-MM-DD`."""
    return _local(posix, offset_minutes).date().isoformat()


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _local(posix: int, offset_minutes: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=posix, minutes=offset_minutes)
    except OverflowError as error:
        raise ValueError("beyond the years 0001 to 9999") from error
