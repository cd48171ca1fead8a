"""The next root document: what is composed is believed, and each size has one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import (
    Checkpoint,
    KeyRange,
    cosign,
    open_checkpoint,
    sign_checkpoint,
)
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.root_changes import compose_next, end_log, lacking, succeed_key
from fenhe_protocol.root_document import (
    LogEnd,
    LogKeys,
    RootDocument,
    compose_root,
    fingerprint,
    open_first,
    open_next,
    sign_root,
)

ORIGIN = "u1.example/fenhe"
NOW = 1_795_392_065
A, B, C, LOG, NEXT, REQUEST = (SigningKey.from_seed(bytes([n]) * 32) for n in range(1, 7))


def first(*root: SigningKey, threshold: int = 1, cosign: SigningKey | None = None) -> RootDocument:
    text = compose_root(
        origin=ORIGIN,
        unit="12140000000000019W",
        url="https://u1.example/fenhe",
        time=NOW,
        root=[key.public for key in root],
        threshold=threshold,
        logs=[LogKeys("catalogue", (KeyRange(LOG.public),))],
        request=[REQUEST.public],
        cosign=cosign.public if cosign else None,
    )
    return open_first(sign_root(text, ORIGIN, list(root)), fingerprint=fingerprint(text))


def test_what_is_not_changed_stays() -> None:
    held = first(A, cosign=C)
    text = compose_next(held, time=NOW - 5, url="https://neu.example")
    document = open_next(held, sign_root(text, ORIGIN, [A]))
    assert (document.n, document.url, document.time) == (2, "https://neu.example", NOW)
    kept = ("origin", "unit", "root", "threshold", "logs", "request", "cosign", "seal")
    assert all(getattr(document, name) == getattr(held, name) for name in kept)


def test_what_no_reader_would_believe_is_not_composed() -> None:
    held = first(A)
    with pytest.raises(Refused, match=r"^root\.chain"):
        compose_next(held, time=NOW, logs=[])
    with pytest.raises(Refused, match=r"^root\.purpose"):
        compose_next(held, time=NOW, request=[A.public])
    with pytest.raises(Refused, match=r"^root\.form"):
        compose_next(held, time=NOW, threshold=2)


@given(sizes=st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_however_often_a_key_is_followed_each_size_has_one_key(sizes: list[int]) -> None:
    log, size = LogKeys("catalogue", (KeyRange(LOG.public),)), 0
    for number, grown in enumerate(sizes):
        size += grown
        signer = [key.public for key in log.keys if key.covers(size)]
        log = succeed_key(log, SigningKey.from_seed(bytes([99, number]) * 16).public, size=size)
        # Who signed the last head still may, and the newest key may sign all that is to come.
        assert signer == [key.public for key in log.keys if key.covers(size)]
        assert log.keys[-1].end is None
        for each in range(size, size + len(sizes) + 2):
            assert len([key for key in log.keys if key.covers(each)]) == 1


def test_an_ended_log_has_a_successor_from_nothing() -> None:
    held = first(A)
    end = LogEnd(0, EMPTY_ROOT)
    logs = end_log(held.logs, "catalogue", end, successor=NEXT.public)
    document = open_next(held, sign_root(compose_next(held, time=NOW, logs=logs), ORIGIN, [A]))
    assert [(log.name, log.end) for log in document.logs] == [
        ("catalogue", end),
        ("catalogue.2", None),
    ]
    assert list(document.verifier_keys) == [f"{ORIGIN}/catalogue.2"]
    for name in ("catalogue", "usage"):
        with pytest.raises(ValueError, match="no log that goes on"):
            end_log(logs, name, end, successor=NEXT.public)
    assert end_log(logs, "catalogue.2", end, successor=LOG.public)[-1].name == "catalogue.3"


def test_it_is_told_who_may_still_sign() -> None:
    held = first(A, B, threshold=2)
    text = compose_next(held, time=NOW, root=[A.public, C.public])
    document = open_next(held, sign_root(text, ORIGIN, [A, B, C]))
    assert lacking(held, document, []).number == 2
    after_a = lacking(held, document, [A.public])
    assert (after_a.number, set(after_a.keys)) == (1, {B.public, C.public})
    # B suffices for the old document, not for the new one.
    after_b = lacking(held, document, [A.public, B.public])
    assert (after_b.number, after_b.keys) == (1, (C.public,))
    assert lacking(held, document, [A.public, B.public, C.public]).number == 0
    assert lacking(None, held, [A.public]).keys == (B.public,)


def test_receipts_by_a_former_cosigner_count_up_to_its_last_day() -> None:
    held = first(A, cosign=C)
    following = compose_next(held, time=NOW + 100, cosign=B.public)
    document = open_next(held, sign_root(following, ORIGIN, [A]))
    third = open_next(document, sign_root(compose_next(document, time=NOW + 200), ORIGIN, [A]))
    assert [key.public for key in third.cosigners] == [B.public, C.public]
    note = sign_checkpoint(Checkpoint(f"{ORIGIN}/catalogue", 0, EMPTY_ROOT), LOG)
    for key, at, counts in (
        (C, NOW + 100, True),
        (C, NOW + 101, False),
        (B, NOW + 101, True),
        (NEXT, NOW + 99, False),
    ):
        raw = cosign(note, name=f"{ORIGIN}/m", key=key, now=at)
        opened = open_checkpoint(
            raw,
            origin=f"{ORIGIN}/catalogue",
            keys=held.logs[0].keys,
            cosigners=third.cosigners,
        )
        assert [each.time for each in opened.cosignatures] == ([at] if counts else [])
