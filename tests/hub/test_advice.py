"""What is owed follows from what is held and what was said."""

from dataclasses import replace

import pytest

from fenhe_hub.below.judging import Below
from fenhe_hub.below.passing_on import standing as as_it_stands
from fenhe_hub.fed.advice import (
    Standing,
    owed_advice,
    owed_refusals,
    owed_registration,
    owed_rule,
)
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.checkpoint import Checkpoint, cosign, sign_checkpoint
from fenhe_protocol.fed import LEAF, Advance, Place, Refusal, RuleSet
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
    due = None if begin is None else Advance(ORIGIN, begin, held.size, held.note)
    assert word == due


def test_what_was_told_is_not_owed() -> None:
    held = standing(300)
    word = owed_advice(held, None, NAME)
    assert word is not None
    assert owed_advice(held, word.members(), NAME) is None


def test_refusals_are_told_once_and_lifted() -> None:
    body = Refusal(Place(ORIGIN, 1, "pub"), "schema")
    leaf = Refusal(Place(ORIGIN, 2, LEAF), "leaf-form")
    assert list(owed_refusals([body, leaf], {}, set())) == [body, leaf]
    known = {body.place: "schema", leaf.place: "leaf-form"}
    assert list(owed_refusals([body, leaf], known, set())) == []
    assert list(owed_refusals([leaf], known, set())) == [Refusal(body.place, "ok")]
    assert list(owed_refusals([leaf], known | {body.place: "ok"}, set())) == []
    assert list(owed_refusals([], known, {body.place, leaf.place})) == []


def test_a_registration_is_told_until_it_stands() -> None:
    unit = Enrolment("u1.example/fenhe", "12140000000000019W", "ab" * 32, "http://10.0.0.5", "x")
    word = as_it_stands(unit, "https://u1.example", Below())
    assert word.url == "https://u1.example"
    assert owed_registration(word, None) == word
    assert owed_registration(word, word.members()) is None
    suspended = as_it_stands(replace(unit, state="suspended"), "https://u1.example", Below())
    assert owed_registration(suspended, word.members()) == replace(word, state="suspended")


def test_a_rule_set_is_named_once_and_again_when_its_bytes_change() -> None:
    assert owed_rule("shanxi-2015-draft", "aa", None) == RuleSet("shanxi-2015-draft", "aa")
    assert owed_rule("shanxi-2015-draft", "aa", {"sha256": "aa"}) is None
    assert owed_rule("shanxi-2015-draft", "bb", {"sha256": "aa"}) is not None
