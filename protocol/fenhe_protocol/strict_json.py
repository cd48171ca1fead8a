"""Strict JSON (feed, Encodings): one object, no duplicate names, small integers only, depth ≤ 32.

`loads` first asks orjson and believes it only where the answer leaves no doubt; everything else,
errors included, is decided by the exact parser, so both always agree (a test law).
"""

import contextlib
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from fenhe_protocol.limits import JSON_DEPTH, LARGEST_SIZE

# Outside a string a number follows one of these; inside a string a match only costs time.
_MAYBE_FRACTION = re.compile(rb"[:,\[]-?[0-9]+[.eE]")
# A first look that takes a tenth of the time: digits become 1 and E becomes e.
_DIGITS_TO_ONES = bytes.maketrans(b"0123456789E", b"1" * 10 + b"e")
_EXPONENT = re.compile(rb"1e")
# A string, closed or not, or a bracket. An unclosed string must not be tried from every quote in
# it again: a hostile line would take hours.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
_LONGEST_INTEGER = len(str(-LARGEST_SIZE))
_PLAIN = frozenset({str, int, bool, type(None)})
_WRITE = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_SUBCLASS
_ONLY_JSON = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class NotStrictJson(ValueError):
    """The bytes are not strict JSON; the text says why and never quotes them."""


def loads(raw: bytes, *, max_depth: int = JSON_DEPTH) -> dict[str, Any]:
    """Read one strict JSON object; NotStrictJson says what is wrong."""
    value = _certain(raw, max_depth)
    return _exact(raw, max_depth) if value is None else value


def loads_many(raws: list[bytes]) -> list[dict[str, Any] | None]:
    """Read many objects in one go; None for each that only `loads` can judge.

    Written back together they are the bytes that were given, if and only if each one is: no object
    is the beginning of another.
    """
    with contextlib.suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):
        values: list[dict[str, Any] | None] = list(map(orjson.loads, raws))
        same = orjson.dumps(values, option=_WRITE) == b"[%b]" % b",".join(raws)
        if same and {*map(type, values)} == {dict} and _are_sound(raws, values):
            return values
    return [_certain(raw, JSON_DEPTH) for raw in raws]


def _are_sound(raws: list[bytes], values: list[Any]) -> bool:
    """Tell whether surely no object has a fraction in it or goes too deep."""
    members = chain.from_iterable(map(dict.values, values))
    return _PLAIN.issuperset(map(type, members)) or (
        all(map(_is_shallow, raws)) and not _maybe_fraction(b",".join(raws))
    )


def dumps(value: dict[str, Any]) -> bytes:
    """Write names in code point order without spaces; refuse what `loads` would not read."""
    try:
        raw = orjson.dumps(value, option=_WRITE | _ONLY_JSON | orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise NotStrictJson(str(error)) from error
    if b"null" in raw and _has_float(value):  # orjson writes NaN so; `loads` finds all others
        raise NotStrictJson("a number that is no integer")
    loads(raw)
    return raw


def is_deeper(raw: bytes, depth: int) -> bool:
    """Whether brackets outside strings nest deeper, in any bytes: no recursion should go there."""
    if raw.count(b"{") + raw.count(b"[") <= depth:
        return False
    return any(found > depth for found in _depths(raw.decode("utf-8", "replace")))


def dumps_many(values: list[dict[str, Any]]) -> list[bytes] | None:
    """Write many in one go, as `dumps` writes each; None where one of them must be looked at alone.

    Not yet read again: it is for whoever gives it to `loads_many` before it is used.
    """
    option = _WRITE | _ONLY_JSON | orjson.OPT_SORT_KEYS
    try:
        # Copied: what orjson gives takes some four KiB of memory, however short it is.
        raws = [b"%b" % orjson.dumps(value, option=option) for value in values]
    except orjson.JSONEncodeError:
        return None
    return None if any([b"null" in raw for raw in raws]) else raws  # it may have been NaN


def _has_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_float, value))
    return isinstance(value, float)


def _certain(raw: bytes, max_depth: int) -> dict[str, Any] | None:
    """Return the object where orjson's answer is beyond doubt, else None.

    Bytes that orjson writes back unchanged hold no duplicate, no odd spelling and no space; what
    may still be wrong is a fraction or the depth.
    """
    if raw.count(b"{") + raw.count(b"[") > max_depth or _maybe_fraction(raw):
        return None
    try:
        value = orjson.loads(raw)
        same = orjson.dumps(value, option=_WRITE) == raw
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value if same and isinstance(value, dict) else None


def _is_shallow(raw: bytes) -> bool:
    return raw.count(b"{") + raw.count(b"[") <= JSON_DEPTH


def _maybe_fraction(raw: bytes) -> bool:
    if b"." not in raw and _EXPONENT.search(raw.translate(_DIGITS_TO_ONES)) is None:
        return False
    return _MAYBE_FRACTION.search(raw) is not None


def _exact(raw: bytes, max_depth: int) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
        _check_depth(text, max_depth)
        value = _DECODER.decode(text)
        # A lone surrogate, which only an escape can write, cannot be encoded again.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except NotStrictJson:
        raise
    except UnicodeDecodeError as error:
        raise NotStrictJson("not UTF-8") from error
    except UnicodeEncodeError as error:
        raise NotStrictJson("a lone surrogate") from error
    except ValueError as error:
        raise NotStrictJson(str(error)) from error
    if not isinstance(value, dict):
        raise NotStrictJson("not one object")
    return value


def _check_depth(text: str, max_depth: int) -> None:
    if any(depth > max_depth for depth in _depths(text)):
        raise NotStrictJson(f"deeper than {max_depth}")


def _depths(text: str) -> Iterator[int]:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = match[0][0]
        if first != '"':
            depth += 1 if first in "[{" else -1
            yield depth


def _integer(text: str) -> int:
    if text == "-0" or len(text) > _LONGEST_INTEGER or abs(int(text)) > LARGEST_SIZE:
        raise NotStrictJson("a number beyond ±(2^53-1), or -0")
    return int(text)


def _refuse_number(_text: str) -> int:
    raise NotStrictJson("a number that is no integer")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictJson("a name twice in one object")
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_refuse_number,
    parse_int=_integer,
    parse_constant=_refuse_number,
)
