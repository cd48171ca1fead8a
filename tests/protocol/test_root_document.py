"""Root documents: vectors of chains, and that what is composed is believed and nothing else."""

from typing import Any

import pytest

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import (
    LogEnd,
    LogKeys,
    RootDocument,
    compose_root,
    fingerprint,
    open_chain,
    open_first,
    open_next,
    sign_root,
)
from fenhe_protocol.strict_json import dumps, loads
from tests.vectors import Case, as_bytes, load_cases

ORIGIN = "u1.example/fenhe"
NOW = 1795392065
LOG_KEY, ROOT, REQUEST, MIRROR, NEXT_LOG = (
    SigningKey.from_seed(bytes(range(start, start + 32))) for start in range(0, 160, 32)
)
CATALOGUE = LogKeys("catalogue", (KeyRange(LOG_KEY.public),))
SEAL = bytes([9]) + bytes(31)


def text_of(**changes: Any) -> bytes:
    members: dict[str, Any] = {
        "origin": ORIGIN,
        "unit": "12140000000000019W",
        "url": "https://u1.example/fenhe",
        "time": NOW,
        "root": [ROOT.public],
        "logs": [CATALOGUE],
        "request": [REQUEST.public],
    }
    return compose_root(**(members | changes))


def first(**changes: Any) -> RootDocument:
    text = text_of(**changes)
    return open_first(sign_root(text, ORIGIN, [ROOT]), fingerprint=fingerprint(text))


def following(previous: RootDocument, **changes: Any) -> bytes:
    link = {"n": previous.n + 1, "prev": fingerprint(previous.text)}
    return sign_root(text_of(**(link | changes)), ORIGIN, [ROOT])


def with_members(text: bytes, **changes: Any) -> bytes:
    head, members, _ = text.split(b"\n")
    return head + b"\n" + dumps(loads(members) | changes) + b"\n"


@pytest.mark.parametrize("case", load_cases("roots"))
def test_root_vector(case: Case) -> None:
    documents = [as_bytes(document) for document in case.input["documents"]]
    loopback = bool(case.input.get("loopback"))
    held: RootDocument | None = None
    refused = None
    for number, raw in enumerate(documents, 1):
        try:
            held = (
                open_next(held, raw, allow_loopback_http=loopback)
                if held
                else open_first(
                    raw,
                    fingerprint=case.input["fingerprint"],
                    origin=case.input["origin"],
                    allow_loopback_http=loopback,
                )
            )
        except Refused:
            refused = number
            break
    assert ("REFUSE" if refused else "OK") == case.expected["outcome"]
    assert (held.n if held else None) == case.expected.get("held")
    assert refused == case.expected.get("refused", refused)


def test_what_is_composed_is_read_back() -> None:
    ended = LogKeys("usage", (KeyRange(NEXT_LOG.public, 3, 9),), LogEnd(8, bytes(32)))
    document = first(
        logs=[CATALOGUE, ended], cosign=MIRROR.public, seal=SEAL, url="https://[::1]:8/"
    )
    assert document.log("catalogue") == CATALOGUE
    assert document.log("usage") == ended
    assert document.log("usage.2") is None
    assert (document.origin, document.time, document.n, document.prev) == (ORIGIN, NOW, 1, None)
    assert document.cosign is not None
    assert (document.cosign.name, document.cosign.public) == (f"{ORIGIN}/m", MIRROR.public)
    assert (document.seal, document.url) == (SEAL, "https://[::1]:8")


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("n", {"n": 1025, "prev": "0" * 64}),
        ("prev", {"n": 2, "prev": "0" * 63}),
        ("unit", {"unit": "12140000000000018W"}),
        ("url", {"url": "https://u1.example/fenhe?x"}),
        ("url", {"url": "https://user@u1.example/"}),
        ("url", {"url": "ftp://u1.example"}),
        ("origin", {"origin": "u1.example:443/fenhe"}),
        ("origin", {"origin": "u1.example"}),
        ("logs", {"logs": [LogKeys("catalogue.1", CATALOGUE.keys)]}),
        ("logs", {"logs": [CATALOGUE, CATALOGUE]}),
        ("logs", {"logs": [LogKeys("usage", CATALOGUE.keys * 2)]}),
        ("logs", {"logs": [LogKeys("usage", (KeyRange(LOG_KEY.public, 2, 2),))]}),
        ("threshold", {"threshold": 2}),
        ("threshold", {"root": []}),
        ("seal", {"seal": bytes(31)}),
    ],
)
def test_what_would_not_be_read_is_not_composed(member: str, change: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=rf"^root\.form: .*: {member};"):
        text_of(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"request": [ROOT.public]},
        {"request": [LOG_KEY.public]},
        {"cosign": REQUEST.public},
        {"logs": [LogKeys("fed", (KeyRange(ROOT.public),))]},
    ],
)
def test_a_key_serves_one_purpose(change: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"^root\.purpose"):
        text_of(**change)


def test_a_cosigner_has_the_name_of_its_hub() -> None:
    text = text_of(cosign=MIRROR.public)
    cosign = loads(text.split(b"\n")[1])["cosign"] | {"name": "hub.example/m"}
    forged = with_members(text, cosign=cosign)
    with pytest.raises(Refused, match=r"^root\.form: .*: cosign;"):
        open_first(sign_root(forged, ORIGIN, [ROOT]), fingerprint=fingerprint(forged))


@pytest.mark.parametrize("logs", [{}, "catalogue", [[]], [{"name": 1, "keys": []}]])
def test_a_member_of_another_type_is_refused(logs: Any) -> None:
    forged = with_members(text_of(), logs=logs)
    with pytest.raises(Refused, match=r"^root\.form: .*: logs;"):
        open_first(sign_root(forged, ORIGIN, [ROOT]), fingerprint=fingerprint(forged))


def test_a_second_document_is_no_first() -> None:
    text = text_of(n=2, prev="0" * 64)
    with pytest.raises(Refused, match=r"^root\.chain"):
        open_first(sign_root(text, ORIGIN, [ROOT]), fingerprint=fingerprint(text))


OLD = LogKeys("catalogue", (KeyRange(LOG_KEY.public, 0, 9),), LogEnd(8, bytes(32)))


@pytest.mark.parametrize(
    "now",
    [
        LogKeys("catalogue", (), OLD.end),
        LogKeys("catalogue", (KeyRange(LOG_KEY.public, 1, 9),), OLD.end),
        LogKeys("catalogue", (KeyRange(LOG_KEY.public, 0, 10),), OLD.end),
        LogKeys("catalogue", (KeyRange(LOG_KEY.public, 0),), OLD.end),
        LogKeys("catalogue", OLD.keys, LogEnd(9, bytes(32))),
        LogKeys("catalogue", OLD.keys),
        LogKeys("usage", OLD.keys, OLD.end),
    ],
)
def test_what_was_said_of_a_log_stays_said(now: LogKeys) -> None:
    held = first(logs=[OLD])
    with pytest.raises(Refused, match=r"^root\.chain"):
        open_next(held, following(held, logs=[now]))


def test_a_key_may_be_ended_and_followed() -> None:
    held = first()
    keys = (KeyRange(LOG_KEY.public, 0, 10), KeyRange(NEXT_LOG.public, 10))
    assert open_next(held, following(held, logs=[LogKeys("catalogue", keys)])).logs[0].keys == keys


def test_a_refused_document_changes_nothing() -> None:
    held = first()
    before = dict(held.purposes)
    with pytest.raises(Refused):
        open_next(held, following(held, time=NOW - 1))
    assert held.purposes == before
    assert open_next(held, following(held, time=NOW)).n == 2


def test_a_chain_is_believed_document_by_document() -> None:
    held = first()
    second = open_next(held, following(held, url="https://new.example"))
    mark = fingerprint(held.text)
    assert open_chain([held.raw, second.raw], fingerprint=mark, origin=ORIGIN) == second
    with pytest.raises(Refused, match=r"^root\.fingerprint"):
        open_chain([second.raw], fingerprint=mark)


@pytest.mark.parametrize("at", range(0, 800, 7))
def test_no_changed_byte_of_the_text_is_believed(at: int) -> None:
    text = text_of()
    raw = bytearray(sign_root(text, ORIGIN, [ROOT]))
    raw[at % len(text)] ^= 1
    with pytest.raises(Refused):
        open_first(bytes(raw), fingerprint=fingerprint(text))
