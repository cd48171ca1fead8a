import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.schema import merge
from tests.protocol.contract import EXAMPLES, SET, UNIT, body_of, envelope, faults, instrument
from tests.vectors import Case, as_bytes, load_cases

OF_UNITS = [kind for kind in SET.kinds if SET.kind(kind).log != "fed"]


def test_a_name_is_enough_for_the_public_body_of_an_instrument() -> None:
    value = instrument()
    del value["status"]
    assert faults("instrument", "pub", value) == []
    assert faults("instrument", "full", value) == [("status", "missing")]


def test_the_envelope_alone_is_enough_in_the_other_tiers() -> None:
    value = envelope()
    assert faults("instrument", "hub", value) == []
    assert faults("instrument", "pub", value) == [("name_zh", "missing")]


@pytest.mark.parametrize("name", ["unit", "kind", "id"])
def test_a_body_without_its_envelope_is_refused(name: str) -> None:
    value = instrument()
    del value[name]
    assert faults("instrument", "pub", value) == [(name, "missing")]


def test_an_unknown_kind_or_tier_is_never_valid() -> None:
    assert not SET.validates("recipe", "pub", instrument())
    assert not SET.validates("instrument", "node", instrument())
    assert not SET.validates("instrument", "to", instrument())
    with pytest.raises(KeyError):
        SET.violations("recipe", "pub", instrument())
    with pytest.raises(KeyError):
        SET.violations("instrument", "to", instrument())


def strangers() -> list[tuple[str, str, str]]:
    return [
        (kind, tier, field.name)
        for kind in OF_UNITS
        for tier in ("pub", "hub", "nat")
        for field in SET.kind(kind).own_fields
        if tier not in field.tiers and not (tier == "nat" and field.sealable)
    ]


@pytest.mark.parametrize(("kind", "tier", "name"), strangers())
def test_a_member_of_another_tier_is_refused(kind: str, tier: str, name: str) -> None:
    owners = [owner for owner in ("pub", "hub", "nat") if name in body_of(kind, owner)]
    value = body_of(kind, tier, "least") | {name: body_of(kind, owners[0])[name]}
    assert faults(kind, tier, value) == [(name, "tier")]


def test_what_stays_in_the_node_goes_sealed_only_where_that_is_allowed() -> None:
    record = instrument(contact_person={"name": "示例联系人"})
    assert SET.split("instrument", record) == {"pub": instrument()}
    sealed = SET.split("instrument", record, seal=True)
    assert sealed["nat"]["contact_person"] == {"name": "示例联系人"}
    assert faults("instrument", "nat", sealed["nat"]) == []


def test_unknown_members_stand_only_under_ext() -> None:
    assert faults("instrument", "pub", instrument(colour="red")) == [("colour", "unknown")]
    nested = instrument(location={"planet": "示例"})
    assert faults("instrument", "pub", nested) == [("location.planet", "unknown")]
    assert faults("instrument", "pub", instrument(ext={"colour": [1, {"a": None}]})) == []


def test_a_whole_record_keeps_its_extensions_by_tier() -> None:
    record = instrument(ext={"pub": {"colour": "red"}, "hub": {"shelf": 3}})
    assert faults("instrument", "full", record) == []
    parts = SET.split("instrument", record)
    assert parts["pub"]["ext"] == {"colour": "red"}
    assert parts["hub"]["ext"] == {"shelf": 3}
    assert faults("instrument", "full", instrument(ext={"colour": "red"})) == [
        ("ext.colour", "unknown")
    ]


def test_a_deletion_has_the_envelope_a_day_and_a_reason() -> None:
    gone = envelope()
    good = gone | {"deleted": {"on": "2026-11-23", "reason": "scrapped"}}
    assert faults("instrument", "pub", good) == []
    assert faults("instrument", "hub", good) == []
    assert faults("instrument", "full", good) == []
    other = gone | {"deleted": {"on": "2026-11-23", "reason": "x"}}
    assert faults("instrument", "pub", other) == [("deleted.reason", "code")]
    empty: dict[str, Any] = gone | {"deleted": {}}
    assert faults("instrument", "pub", empty) == [
        ("deleted.on", "missing"),
        ("deleted.reason", "missing"),
    ]
    more = good | {"name_zh": "示例", "ext": {}}
    assert faults("instrument", "pub", more) == [("name_zh", "deleted"), ("ext", "deleted")]


def test_a_deleted_record_is_split_into_every_tier_it_may_have_gone_to() -> None:
    gone = envelope(deleted={"on": "2026-11-23", "reason": "error"})
    assert SET.split("instrument", gone) == {"pub": gone, "hub": gone, "nat": gone}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def holders(value: Any) -> list[tuple[Any, str | int]]:
    if isinstance(value, dict):
        keys: list[str | int] = list(value)
    else:
        keys = list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [h for key in keys for h in holders(value[key])]


@given(st.data(), st.sampled_from(EXAMPLES))
def test_the_fast_and_the_friendly_judge_agree(
    data: st.DataObject, example: tuple[str, str, str, dict[str, Any]]
) -> None:
    kind, tier, _, body = example
    changed = json.loads(json.dumps(body))
    holder, key = data.draw(st.sampled_from(holders(changed)))
    holder[key] = data.draw(ANYTHING)
    faults(kind, tier, changed)


@given(st.data(), st.sampled_from(OF_UNITS))
def test_split_and_merged_a_record_comes_back_without_what_stays_in_the_node(
    data: st.DataObject, kind: str
) -> None:
    tiers = SET.kind(kind).tiers
    whole = merge({tier: body_of(kind, tier) for tier in tiers})
    names = [name for name in whole if name not in ("unit", "kind", "id")]
    kept = data.draw(st.sets(st.sampled_from(names)))
    record = {name: whole[name] for name in whole if name not in names or name in kept}
    stays = {field.name for field in SET.kind(kind).of_tier("node")}

    parts = SET.split(kind, record)

    assert merge(parts) == {n: v for n, v in record.items() if n not in stays} or not parts
    for tier, part in parts.items():
        own = set(part) - {"unit", "kind", "id"}
        assert own
        assert all(SET.kind(kind).field(name).tier == tier for name in own - {"ext"})
        allowed = set(SET.tier_schema(kind, tier)["else"]["properties"])
        assert set(part) <= allowed


def bodies(file: bytes) -> dict[int, dict[str, Any]]:
    found = {}
    for line in file.split(b"\n"):
        index, _, rest = line.partition(b" ")
        try:
            found[int(index)] = json.loads(rest.partition(b" ")[2])
        except ValueError:
            continue
    return found


def is_valid(tier: str, body: Any) -> bool:
    if not isinstance(body, dict) or not isinstance(kind := body.get("kind"), str):
        return False
    return SET.validates(kind, tier, body)


@pytest.mark.parametrize("case", load_cases("bodyfiles"))
def test_the_schemas_agree_with_the_vectors_of_body_files(case: Case) -> None:
    outcomes = case.expected["leaves"]
    for index, body in bodies(as_bytes(case.input["file"])).items():
        outcome = outcomes.get(str(index), "missing")
        if outcome in ("indexed", "SKIP log", "SKIP unit"):
            assert is_valid(case.input["tier"], body), body
        if outcome == "SKIP schema":
            assert not is_valid(case.input["tier"], body), body


@pytest.mark.parametrize("case", load_cases("logs"))
def test_the_schemas_agree_with_the_vectors_of_logs(case: Case) -> None:
    skips = {(index, tier): code for index, tier, code in case.expected.get("skips", [])}
    for path, file in case.input["files"].items():
        if not path.startswith("body/"):
            continue
        tier = path.split("/")[1]
        for index, body in bodies(as_bytes(file)).items():
            refused = skips.get((index, tier)) == "schema"
            assert is_valid(tier, body) != refused, body


def test_the_worked_example_of_the_feed_is_valid() -> None:
    envelope = {"id": "A-1001", "kind": "instrument", "unit": UNIT}
    assert SET.validates("instrument", "pub", envelope | {"name_zh": "核磁共振波谱仪"})
    assert SET.validates("instrument", "hub", envelope | {"value_yuan": 3200000})
