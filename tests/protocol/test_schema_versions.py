"""A body is of the current version, of the one before, or refused in the current one's words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.record import BodyJudge, Record, Skip
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import dumps
from tests.protocol.contract import SCHEMAS, UNIT, instrument
from tests.protocol.versions import Schema, next_instrument, next_release, shipped, successor

RELEASE = next_release()
CURRENT, BEFORE = RELEASE.current, RELEASE.previous
READERS = {"node": 0, "nat": 1, "hub": 2, "pub": 3}


def judge(tier: str = "pub", schemas: SchemaSet = RELEASE) -> BodyJudge:
    return BodyJudge(schemas, tier=tier, log="catalogue", unit=UNIT)


def verdict(value: dict[str, Any], tier: str = "pub") -> Record | Skip:
    found = judge(tier).judge(dumps(value))
    assert isinstance(found, (Record, Skip))
    return found


def lags(value: dict[str, Any], tier: str = "pub") -> bool:
    found = verdict(value, tier)
    assert isinstance(found, Record), found
    return found.lags


def test_a_body_of_the_version_before_is_taken_and_lags() -> None:
    assert lags(instrument(model="NMR-600"))
    assert not lags(instrument(model_number="NMR-600"))


def test_a_body_that_both_versions_take_does_not_lag() -> None:
    assert not lags(instrument())
    gone = {"unit": UNIT, "kind": "instrument", "id": "A-1"}
    assert not lags(gone | {"deleted": {"on": "2026-11-20", "reason": "scrapped"}})


def test_a_mixture_of_both_versions_is_refused_in_the_words_of_the_current_one() -> None:
    mixed = instrument(model="NMR-600", model_number="NMR-600")
    found = verdict(mixed)
    assert found == judge(schemas=CURRENT).judge(dumps(mixed))
    assert isinstance(found, Skip)
    assert found.code == "schema" and found.expected.startswith("model: ")


def test_a_member_of_the_version_before_keeps_the_tier_that_it_gave() -> None:
    photo = "https://u1.example.org/a.jpg"
    assert lags(instrument(photo=photo))
    envelope = {"unit": UNIT, "kind": "instrument", "id": "A-1"}
    assert not lags(envelope | {"photo": photo}, "hub")
    assert isinstance(verdict(envelope | {"model": "NMR-600"}, "hub"), Skip)
    assert isinstance(verdict(instrument(colour="red")), Skip)


def test_what_lags_is_searched_for_personal_data_as_ever() -> None:
    found = verdict(instrument(model="联系 13800000000"))
    assert isinstance(found, Skip)
    assert found.code == "privacy"


MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["NMR-600", "x" * 300, "13800000000", 7]),
        "model_number": st.sampled_from(["NMR-600", "", 7]),
        "photo": st.sampled_from(["https://u1.example.org/a.jpg", "no address"]),
        "status": st.sampled_from(["normal", "no code"]),
        "deleted": st.just({"on": "2026-11-20", "reason": "scrapped"}),
        "ext": st.just({"colour": "red"}),
    },
)


@given(st.lists(MEMBERS, max_size=8), st.sampled_from(["pub", "hub"]))
def test_valid_is_what_either_version_takes_and_nothing_else(
    many: list[dict[str, Any]], tier: str
) -> None:
    assert BEFORE is not None
    values = [instrument() | members for members in many]
    bodies = [dumps(value) for value in values]
    found = [judge(tier).judge(body) for body in bodies]
    for value, body, each in zip(values, bodies, found, strict=True):
        now = judge(tier, CURRENT).judge(body)
        if CURRENT.validates("instrument", tier, value):
            assert each == now and not getattr(each, "lags", False)
        elif BEFORE.validates("instrument", tier, value):
            then = judge(tier, BEFORE).judge(body)
            assert each == (replace(then, lags=True) if isinstance(then, Record) else then)
        else:
            assert each == now and isinstance(each, Skip)
    assert judge(tier).judge_many(bodies, explained=len(bodies)) == found
    sound = judge(tier).all_good(bodies)
    good = [isinstance(each, Record) and not each.lags for each in found]
    assert sound == (values if bodies and all(good) else None)


def test_who_writes_is_held_to_the_current_version() -> None:
    old = instrument(model="NMR-600")
    assert not RELEASE.validates("instrument", "pub", old)
    assert isinstance(judge(schemas=RELEASE.current).judge(dumps(old)), Skip)
    assert CURRENT.current is CURRENT


def small(tiers: Mapping[str, str], version: int = 1) -> Schema:
    """A kind with these members, each of its tier."""
    schema = shipped("instrument")
    envelope = {name: schema["properties"][name] for name in ("unit", "kind", "id")}
    text = {"title": "示例", "x-title-en": "Sample", "type": "string", "maxLength": 9}
    members = {name: {**text, "x-tier": tier} for name, tier in tiers.items()}
    needed = {tier: ["unit", "kind", "id"] for tier in ("pub", "hub", "nat")}
    return schema | {
        "x-version": version,
        "properties": envelope | members,
        "required": ["unit", "kind", "id"],
        "x-required": needed,
    }


NAMES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(sorted(READERS)))


@given(NAMES, NAMES)
def test_what_was_given_to_few_is_never_read_by_more(
    before: dict[str, str], now: dict[str, str]
) -> None:
    following = small(now, 2) | {"x-retired": sorted(set(before) - set(now))}
    wider = [n for n in before if n in now and READERS[now[n]] > READERS[before[n]]]
    if wider:
        with pytest.raises(ValueError, match="more may read it"):
            SchemaSet([following], SchemaSet([small(before)]))
        return
    release = SchemaSet([following], SchemaSet([small(before)]))
    kept = {"unit": UNIT, "kind": "instrument", "id": "A-1"} | dict.fromkeys(before, "示例")
    for tier, part in release.split("instrument", kept).items():
        for name in part.keys() & before.keys():
            assert READERS[tier] <= READERS[before[name]]


def test_sealing_what_stayed_in_the_unit_needs_another_name() -> None:
    before = small({"a": "node"})
    member = before["properties"]["a"] | {"x-seal": True}
    with pytest.raises(ValueError, match=r"instrument\.a: more may read it"):
        SchemaSet([successor(before, {"a": member})], SchemaSet([before]))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"x-version": 3}, "version 3 does not follow 1"),
        ({"x-version": 1}, "version 1 does not follow 1"),
        ({"x-log": "usage"}, "log catalogue has become usage"),
        ({"x-retired": []}, r"model: given up, and not in x-retired"),
        ({"x-retired": ["model", "photo"]}, "photo: a name in x-retired is not used again"),
    ],
)
def test_a_version_that_is_no_successor_is_not_loaded(change: Schema, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        SchemaSet([next_instrument() | change], SchemaSet([shipped("instrument")]))


def test_a_kind_does_not_go() -> None:
    with pytest.raises(ValueError, match="instrument: a kind does not go"):
        SchemaSet([shipped("unit")], SchemaSet([shipped("instrument")]))


def test_the_digest_tells_releases_apart_and_nothing_else() -> None:
    one = SchemaSet([shipped("unit"), shipped("instrument")])
    assert one.digest == SchemaSet([shipped("instrument"), shipped("unit")]).digest
    after = SchemaSet([shipped("unit"), next_instrument()], SchemaSet([shipped("instrument")]))
    assert len({one.digest, after.digest, after.current.digest}) == 3


def test_every_version_that_is_still_taken_ships_and_can_judge() -> None:
    """Which it is, git and CHANGELOG.md tell; there may be none."""
    before = SchemaSet.load().previous
    kinds = before.kinds if before is not None else ()
    files = sorted((SCHEMAS / "previous").glob("*.schema.json"))
    assert tuple(file.name.removesuffix(".schema.json") for file in files) == kinds
    for kind in kinds:
        assert before is not None
        for tier in before.kind(kind).tiers:
            envelope = {"unit": UNIT, "kind": kind, "id": "A-1", "deleted": {}}
            assert not before.validates(kind, tier, envelope)
