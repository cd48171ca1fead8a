"""The schema files as a contract: complete in both languages, every field placed, examples true."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fenhe_protocol.schema import SchemaSet, merge
from tests.protocol.contract import EXAMPLES, SCHEMAS, body_of

SHARED = Path(__file__).resolve().parents[3] / "shared"
SET = SchemaSet.load()
FILES = {path.name.split(".")[0]: path for path in sorted(SCHEMAS.glob("*.schema.json"))}
FED = {"act", "adv", "era", "ntc", "rcp", "reg", "rej", "rule"}
OF_UNITS = {
    "base",
    "centre",
    "fee_standard",
    "feedback_reply",
    "installation",
    "instrument",
    "notice_reply",
    "outcome",
    "platform",
    "platform_resource",
    "purchase_plan",
    "service_record",
    "service_unit",
    "unit",
    "unit_year",
    "usage_summary",
}
TIERS = {"pub", "hub", "nat", "node", "to"}
# Columns of the implementer's own database beside the norm's fields.
NOT_OF_THE_NORM = {"account", "instrument", "result", "created_at", "updated_at"}
ENTITIES = {
    "Instrument": "1234",
    "ServiceRecord": "6",
    "ServiceEffect": "7",
    "CustomsSupervision": "5",
}


def load(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(FILES[kind].read_text("utf-8"))
    return schema


def properties(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}{name}", inner
        yield from properties(inner, f"{path}{name}.")
    if "items" in schema:
        yield from properties(schema["items"], f"{path.removesuffix('.')}[].")


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from parts(inner)
    if "items" in schema:
        yield from parts(schema["items"])


def nrii_table() -> dict[str, dict[str, dict[str, Any]]]:
    table = json.loads((SCHEMAS / "tables" / "nrii-fields.json").read_text("utf-8"))["types"]
    return {number: entry["fields"] for number, entry in table.items()}


def nrii_homes() -> set[str]:
    return {t for kind in FILES for p in parts(load(kind)) for t in p.get("x-nrii", ())}


def test_there_is_a_schema_for_every_kind() -> None:
    assert set(FILES) == OF_UNITS | FED
    assert set(SET.kinds) == set(FILES)


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_names_itself_its_version_its_log_and_its_tiers(kind: str) -> None:
    schema = load(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:fenhe:schema:{schema['x-version']}:{kind}"
    assert schema["properties"]["kind"]["const"] == kind
    logs = {"service_record": "usage"} | dict.fromkeys(FED, "fed")
    assert schema["x-log"] == logs.get(kind, "catalogue")
    assert set(schema["x-required"]) <= TIERS


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_and_what_is_derived_from_it_are_json_schema(kind: str) -> None:
    Draft202012Validator.check_schema(load(kind))
    for tier in (*SET.kind(kind).tiers, "full"):
        Draft202012Validator.check_schema(SET.tier_schema(kind, tier))


@pytest.mark.parametrize("kind", FILES)
def test_every_field_has_a_title_in_both_languages_and_a_tier(kind: str) -> None:
    schema = load(kind)
    for path, field in properties(schema):
        assert field["title"], path
        assert field["x-title-en"], path
        assert ("description" in field) == ("x-description-en" in field), path
        tiers = field["x-tier"]
        assert {tiers} <= TIERS if isinstance(tiers, str) else set(tiers) <= TIERS, path


@pytest.mark.parametrize("kind", FILES)
def test_members_share_the_tier_of_what_they_stand_in(kind: str) -> None:
    for _, field in properties(load(kind)):
        for path, member in properties(field):
            assert member["x-tier"] == field["x-tier"], path


@pytest.mark.parametrize("kind", FILES)
def test_every_code_has_its_label_and_every_pattern_its_words(kind: str) -> None:
    for part in parts(load(kind)):
        if "enum" in part:
            assert list(part["x-labels"]) == [str(code) for code in part["enum"]]
            assert all(label["zh"] and label["en"] for label in part["x-labels"].values())
        if "pattern" in part and "format" not in part:
            assert part["x-form"]["zh"]
            assert part["x-form"]["en"]


@pytest.mark.parametrize("kind", FILES)
def test_everything_has_a_bound(kind: str) -> None:
    for part in parts(load(kind)):
        assert "uniqueItems" not in part
        assert part.get("type") != "number"
        if part.get("type") == "array":
            assert part["maxItems"] <= 500
        if part.get("type") == "integer" and "enum" not in part:
            assert -(2**53) < part["minimum"] <= part["maximum"] < 2**53
        if part.get("type") == "string" and not {"enum", "format"} & set(part):
            assert "maxLength" in part or part["pattern"].endswith("$")


@pytest.mark.parametrize("kind", FILES)
def test_each_object_is_closed_except_the_extension(kind: str) -> None:
    for path, field in properties(load(kind)):
        if field.get("type") == "object" and path != "ext":
            assert field["additionalProperties"] is False, path


@pytest.mark.parametrize("kind", OF_UNITS)
def test_the_envelope_is_the_same_everywhere(kind: str) -> None:
    own, other = load(kind)["properties"], load("centre")["properties"]
    for name in ("unit", "deleted", "ext"):
        assert own[name] == other[name]
    assert list(own)[:3] == ["unit", "kind", "id"]
    assert own["id"]["type"] == "string"


@pytest.mark.parametrize("kind", FILES)
def test_a_units_kind_of_catalogue_or_usage_names_where_it_was_before(kind: str) -> None:
    answers = {"notice_reply", "feedback_reply"}
    assert ("replaces" in load(kind)["properties"]) == (kind in OF_UNITS - answers)


def test_every_field_of_the_national_platform_has_a_home_or_a_reason() -> None:
    homes = nrii_homes()
    for number, fields in nrii_table().items():
        for name, entry in fields.items():
            assert (f"{number}.{name}" in homes) != ("why" in entry), f"{number}.{name}"


def test_every_home_is_a_field_of_the_national_platform() -> None:
    table = nrii_table()
    known = {f"{number}.{name}" for number, fields in table.items() for name in fields}
    assert nrii_homes() <= known


def test_the_norm_of_2016_is_covered_field_by_field() -> None:
    path = SHARED / "data" / "nrii" / "spec2016_field_definitions.csv"
    if not path.is_file():
        pytest.skip(f"no data at {path}")
    table = nrii_table()
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            # The implementer's spelling of `applicant` and his capitals are his own.
            name = row["field"].lower().replace("applicatp", "applicantp")
            name = name.replace("applicate", "applicante").replace("applicatu", "applicantu")
            known = {n.lower() for number in ENTITIES[row["entity"]] for n in table[number]}
            assert name in known | NOT_OF_THE_NORM, row


def test_every_sentence_quoted_stands_in_the_policy() -> None:
    path = SHARED / "reference" / "policy.zh.txt"
    if not path.is_file():
        pytest.skip(f"no policy at {path}")
    policy = bare(path.read_text("utf-8"))
    for kind in FILES:
        for part in parts(load(kind)):
            clause, _, sentence = part.get("x-policy", "一(一):").partition(":")
            assert re.fullmatch(r"[一二三四]\([一二三四五]\)", clause), clause
            assert bare(sentence) in policy, sentence


def bare(text: str) -> str:
    return re.sub(r"[\s（）()，,、：:；;]", "", text)


@pytest.mark.parametrize(("kind", "tier", "name", "body"), EXAMPLES)
def test_every_example_is_valid(kind: str, tier: str, name: str, body: dict[str, Any]) -> None:
    assert SET.violations(kind, tier, body) == []
    assert SET.validates(kind, tier, body)


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_has_a_full_a_least_and_a_deleted_example_of_each_tier(kind: str) -> None:
    found = {(tier, name) for k, tier, name, _ in EXAMPLES if k == kind}
    names = ("full", "least", "deleted")
    assert found == {(tier, name) for tier in SET.kind(kind).tiers for name in names}


@pytest.mark.parametrize("kind", FILES)
def test_a_full_example_has_every_member_and_a_least_one_only_what_is_required(kind: str) -> None:
    for tier in SET.kind(kind).tiers:
        schema = SET.tier_schema(kind, tier)["else"]
        assert set(body_of(kind, tier)) == set(schema["properties"])
        missing = list(absent_members(body_of(kind, tier), schema))
        assert missing == []
        least = {"unit", "kind", "id", *schema["required"]}
        assert set(body_of(kind, tier, "least")) == least


def absent_members(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from absent_members(item, schema["items"])
    if isinstance(value, dict) and "properties" in schema:
        yield from set(schema["properties"]) - set(value)
        for name, member in value.items():
            yield from absent_members(member, schema["properties"][name])


@pytest.mark.parametrize("kind", sorted(OF_UNITS))
def test_the_full_examples_together_are_a_whole_record(kind: str) -> None:
    whole = merge({tier: body_of(kind, tier) for tier in SET.kind(kind).tiers})
    assert SET.violations(kind, "full", whole) == []
    assert SET.validates(kind, "full", whole)
