"""What the platform answered: kept sealed to ourselves, shown without the user. Pure but for keys.

An answer may quote what was sent. So the raw text lies in the outbox sealed to the gateway's own
current key, and goes with that key; to be shown or grouped it is opened in memory, and whatever the
record itself says is taken out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fenhe_hub.upstream.seam import Reply
from fenhe_protocol.errors import Refused
from fenhe_protocol.seal import OpeningKey, open_body, seal_body

HIDDEN = "…"
_TAGS = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")
_SHORTEST, _SHORTEST_NUMBER = 2, 5  # characters of a value that is looked for


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


def shown(text: str, said: Iterable[str]) -> str:
    """A reply without markup and without any value that was sent, as it is grouped and shown."""
    found = text
    for value in sorted(_spellings(said), key=len, reverse=True):
        found = found.replace(value, HIDDEN)
    plain = html.unescape(_TAGS.sub(" ", found))
    return _SPACES.sub(" ", plain).strip()


def _spellings(said: Iterable[str]) -> Iterator[str]:
    for value in set(said):
        if len(value) >= (_SHORTEST_NUMBER if value.isdecimal() else _SHORTEST):
            yield value
            yield html.escape(value)
            yield json.dumps(value)[1:-1]


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
