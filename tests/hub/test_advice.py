"""What is owed follows from what is held and what was said."""

from dataclasses import replace

import pytest

from fenhe_hub.advice import (
    Refusal,
    Standing,
    owed_advice,
    owed_refusals,
    owed_registration,
    owed_rule,
    refusal_id,
    tier_of,
)
from fenhe_hub.registry import Enrolment
from fenhe_protocol.checkpoint import Checkpoint, cosign, sign_checkpoint
from fenhe_protocol.keys import SigningKey

ORIGIN = "u1.example/fenhe/catalogue"
NAME = "hub.example/fenhe/m"
KEY = SigningKey.from_seed(bytes(range(32)))
MIRROR = SigningKey.from_seed(bytes(range(64, 96)))


def note(size: int, *, cosigned: bool) -> bytes:
    plain = sign_checkpoint(Checkpoint(ORIGIN, size, b"r" * 32), KEY)
    return cosign(plain, name=NAME, key=MIRROR, now=1_795_392_065) if cosigned else plain


def standing(size: int, *, cosigned: bool = True, late: int | None = None) -> Standing:
    return Standing(ORIGIN, size, note(size, cosigned=cosigned), late)


def said(begin: int, size: int, *, cosigned: bool = True) -> dict[str, object]:
    return {"from": begin, "size": size, "note": note(size, cosigned=cosigned).decode()}


@pytest.mark.parametrize(
    ("held", "before", "begin"),
    [
        (standing(0), None, None),
        (standing(300), None, 0),
        (standing(300, cosigned=False), None, 0),
        (standing(310), said(0, 300), 300),
        (standing(300), said(0, 300), None),
        (standing(300, cosigned=False), said(0, 300, cosigned=False), None),
        (standing(300), said(290, 300, cosigned=False), 290),
        (standing(300, late=270), said(290, 300), 256),
        (standing(300, late=10), said(290, 300, cosigned=False), 0),
        (standing(310, late=10), said(290, 300), 0),
        (standing(299), said(0, 300), None),
    ],
)
def test_growth_receipts_and_late_bodies_are_told(
    held: Standing, before: dict[str, object] | None, begin: int | None
) -> None:
    word = owed_advice(held, before, NAME)
    if begin is None:
        assert word is None
        return
    assert word is not None
    assert (word.kind, word.id, word.tier) == ("adv", ORIGIN, "pub")
    assert word.fields == {"from": begin, "size": held.size, "note": held.note.decode()}


def test_what_was_told_is_not_owed() -> None:
    held = standing(300)
    word = owed_advice(held, None, NAME)
    assert word is not None
    assert owed_advice(held, word.fields, NAME) is None


@pytest.mark.parametrize(
    ("origin", "tier"),
    [(ORIGIN, "pub"), ("u1.example/fenhe/usage", "hub"), ("u1.example/fenhe/usage.2", "hub")],
)
def test_a_usage_log_is_spoken_of_to_readers_alone(origin: str, tier: str) -> None:
    assert tier_of(origin) == tier


def test_refusals_are_told_once_and_lifted() -> None:
    first, second = refusal_id(ORIGIN, 1, "pub"), refusal_id(ORIGIN, 2, "-")
    present = {first: Refusal(1, "pub", "schema"), second: Refusal(2, "-", "leaf-form")}
    words = list(owed_refusals(ORIGIN, present, {}, set()))
    assert [(word.id, word.fields["code"]) for word in words] == [
        (first, "schema"),
        (second, "leaf-form"),
    ]
    known = {word.id: str(word.fields["code"]) for word in words}
    assert list(owed_refusals(ORIGIN, present, known, set())) == []
    (lifted,) = owed_refusals(ORIGIN, {second: present[second]}, known, set())
    assert (lifted.id, lifted.fields) == (first, {"code": "ok"})
    assert (
        list(owed_refusals(ORIGIN, {second: present[second]}, known | {first: "ok"}, set())) == []
    )
    assert list(owed_refusals(ORIGIN, {}, known, {first, second})) == []


def test_a_registration_is_told_until_it_stands() -> None:
    unit = Enrolment("u1.example/fenhe", "12140000000000019W", "ab" * 32, "http://10.0.0.5", "x")
    word = owed_registration(unit, "https://u1.example", None)
    assert word is not None
    assert word.fields["url"] == "https://u1.example"
    assert owed_registration(unit, "https://u1.example", word.fields) is None
    suspended = owed_registration(
        replace(unit, state="suspended"), "https://u1.example", word.fields
    )
    assert suspended is not None
    assert suspended.fields["state"] == "suspended"


def test_a_rule_set_is_named_once_and_again_when_its_bytes_change() -> None:
    word = owed_rule("shanxi-2015-draft", "aa", None)
    assert word is not None
    assert (word.kind, word.id, word.tier) == ("rule", "shanxi-2015-draft", "pub")
    assert owed_rule("shanxi-2015-draft", "aa", {"sha256": "aa"}) is None
    assert owed_rule("shanxi-2015-draft", "bb", {"sha256": "aa"}) is not None
