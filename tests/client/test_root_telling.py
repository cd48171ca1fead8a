"""Whoever signs a root document has seen all that it says and changes."""

from typing import Any

import pytest

from fenhe_client.keys.root_telling import told_changes, told_document
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import LogEnd, LogKeys, RootDocument, compose_root
from fenhe_protocol.root_text import read_root_text
from tests.client.desks import NOW, ORIGIN

A, B, C, D, E = (SigningKey.from_seed(bytes([n]) * 32).public for n in range(1, 6))
LOG = LogKeys("catalogue", (KeyRange(B),))
SEAL = bytes([9]) + bytes(31)
WHOLE: dict[str, Any] = {
    "origin": ORIGIN,
    "unit": "12140000000000019W",
    "url": "https://u1.example/fenhe",
    "time": NOW,
    "root": [A],
    "logs": [LOG],
    "request": [C],
    "cosign": D,
    "seal": SEAL,
}


def document(**other: Any) -> RootDocument:
    return read_root_text(compose_root(**WHOLE | other))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"root": [A, E]}, b64_encode(E)),
        ({"root": [E]}, b64_encode(A)),
        ({"root": [A, E], "threshold": 2}, "1 → 2"),
        ({"url": "https://neu.example"}, "https://neu.example"),
        ({"request": []}, b64_encode(C)),
        ({"cosign": E}, f"cosigner → {ORIGIN}/m+"),
        ({"cosign": None}, "cosigner → —"),
        ({"seal": bytes([10]) + bytes(31)}, "seal key → Cg"),
        ({"seal": None}, "seal key → —"),
        ({"logs": [LOG, LogKeys("usage", ())]}, "usage"),
        ({"logs": [LogKeys("catalogue", (KeyRange(B, 0, 7), KeyRange(E, 7)))]}, "below 7"),
        ({"logs": [LogKeys("catalogue", (KeyRange(B),), LogEnd(5, bytes(32)))]}, "ended at 5"),
    ],
)
def test_every_change_is_said(change: dict[str, Any], told: str) -> None:
    before, after = document(), document(**change)
    assert told_changes(before, before) == []
    assert told in "\n".join(told_changes(before, after))
    said = [list(told_document(each)) for each in (before, after)]
    assert [each for each in said[0] if each[0] != "本份摘要 digest"] != [
        each for each in said[1] if each[0] != "本份摘要 digest"
    ]
