"""What the platform answered: kept sealed to ourselves, shown without the user. Pure but for keys.

An answer may quote what was sent. So the raw text lies in the outbox sealed to the gateway's own
current key, and goes with that key; to be shown or grouped it is opened in memory, and whatever the
record itself says is taken out.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fenhe_hub.upstream.report import plain, without
from fenhe_hub.upstream.seam import Reply
from fenhe_protocol.errors import Refused
from fenhe_protocol.seal import OpeningKey, open_body, seal_body


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
    return plain(without(text, _spellings(said)))


def _spellings(said: Iterable[str]) -> Iterator[str]:
    for value in said:
        yield from (value, html.escape(value), json.dumps(value)[1:-1])


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
