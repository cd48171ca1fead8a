"""What the platform answered: kept sealed to ourselves, shown without the user. Pure but for keys.

An answer may quote what was sent. So the raw text lies in the outbox sealed to the gateway's own
current key, and goes with that key; to be shown or grouped it is opened in memory, and whatever the
record itself says is taken out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from fenhe_hub.upstream.report import HIDDEN, plain, unescaped, without
from fenhe_hub.upstream.seam import Reply
from fenhe_protocol.errors import Refused
from fenhe_protocol.seal import OpeningKey, open_body, seal_body

_DEEPEST = 3  # an answer in JSON in XML in a page
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_CODED = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")  # base64, digests: nothing to read for anybody
_HIDDEN_RUN = re.compile(f"{HIDDEN}+")
_NAME, _PART_OF_NAME, _PART = 6, 2, 4  # characters


def sealed_reply(reply: Reply, *, origin: str, public: bytes) -> Reply:
    """A reply as it is kept; `origin` is the gateway's."""
    body = seal_body({"raw": reply.raw}, origin=_log(origin), public=public)
    return Reply(reply.code, body.decode())


def opened_reply(raw: str, *, origin: str, seals: Mapping[str, OpeningKey]) -> str:
    """The text of a kept reply; empty where its key is destroyed."""
    try:
        opened = open_body(raw.encode(), origin=_log(origin), keys=seals)
    except Refused:
        return ""
    return str(opened.value.get("raw", ""))


def shown(text: str, said: Iterable[str], user: Iterable[str] = ()) -> str:
    """A reply without markup and without any value that was sent, as it is grouped and shown.

    Of what `user` says also every part is taken out, however it is spelled: who quotes may escape,
    capitalise and cut off.
    """
    read = _unescaped(plain(without(text, said)))
    return plain(_without_parts(_CODED.sub(HIDDEN, without(read, said)), set(user)))


def _unescaped(text: str) -> str:
    """What is meant by references, escapes and percent signs, also where it was done twice."""
    for _ in range(_DEEPEST):
        text = unquote(unescaped(text), errors="ignore")
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _without_parts(text: str, values: Iterable[str]) -> str:
    """Without every stretch of a few signs that also stands in one of the values."""
    folded, hidden = _folded(text), bytearray(len(text))
    for value in map(_folded, map(_unescaped, values)):
        length = _PART if len(value) > _NAME else _PART_OF_NAME
        parts = {value[at : at + length] for at in range(len(value) - length + 1)}
        for at in range(len(folded) - length + 1):
            if folded[at : at + length] in parts:
                hidden[at : at + length] = b"\1" * length
    signs = (HIDDEN if hide else sign for sign, hide in zip(text, hidden, strict=True))
    return _HIDDEN_RUN.sub(HIDDEN, "".join(signs))


def _folded(text: str) -> str:
    """In small narrow letters, sign by sign, so that places stay."""
    plainer = ((sign, unicodedata.normalize("NFKC", sign).lower()) for sign in text)
    return "".join(small if len(small) == 1 else sign for sign, small in plainer)


def values_in(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from values_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from values_in(each)


def _log(origin: str) -> str:
    return f"{origin}/replies"
