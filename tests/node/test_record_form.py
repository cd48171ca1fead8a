"""The form of a record: its texts lead back to it, whatever the record."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenhe_node.console.record_fields import read, texts_of
from fenhe_node.console.record_form import Given, controls, tables_in
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import instrument
from tests.sources import ROOT

SCHEMAS = SchemaSet.load()
OFFSET = "+08:00"
KINDS = [kind for kind in SCHEMAS.kinds if SCHEMAS.kind(kind).log != "fed"]


def examples(kind: str) -> list[dict[str, Any]]:
    """The examples of a kind that are whole records, with all that they say in any tier."""
    tiers = json.loads(Path(ROOT / f"schemas/examples/{kind}.json").read_text(encoding="utf-8"))
    return [
        {name: value for tier in tiers.values() for name, value in tier[size].items()}
        for size in ("full", "least")
    ]


def test_the_examples_are_there() -> None:
    assert all(examples(kind) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_taken_apart_and_put_together_is_the_same(kind: str) -> None:
    schema = SCHEMAS.kind(kind)
    for record in examples(kind):
        found = read(schema, texts_of(schema, record, OFFSET), record, OFFSET)
        assert (found.record, found.problems) == (record, {})


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_control_with_a_title_and_a_tier(kind: str) -> None:
    shown = controls(SCHEMAS.kind(kind), Given({}))
    assert all(each.title and each.tier_zh for each in shown), kind


@settings(max_examples=25)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "value_yuan": st.integers(0, 2**53 - 1),
            "model": st.text("甲乙 \"'&<>[].:;,%\\1aA", min_size=1, max_size=20).filter(str.strip),
            "function": st.text("甲\n乙x", min_size=1).filter(lambda t: t == t.strip() and t),
            "imported_duty_free": st.booleans(),
            "subjects": st.lists(st.sampled_from(["110", "150"]), min_size=1, max_size=4),
            "location": st.fixed_dictionaries({"city": st.just("太原市")}),
        },
    )
)
def test_the_law_holds_for_any_values(fields: dict[str, Any]) -> None:
    schema = SCHEMAS.kind("instrument")
    record = instrument("A-1", **{n: v.strip() if n == "model" else v for n, v in fields.items()})
    assert read(schema, texts_of(schema, record, OFFSET), record, OFFSET).record == record


def test_money_is_typed_in_yuan_and_what_is_no_number_is_told() -> None:
    schema = SCHEMAS.kind("fee_standard")
    base = {"unit": "u", "kind": "fee_standard", "id": "F-1"}
    texts = {"lines[0].item": ["氢谱"], "lines[0].external_fen": ["300.50"]}
    assert read(schema, texts, base, OFFSET).record["lines"] == [
        {"item": "氢谱", "external_fen": 30050}
    ]
    wrong = read(schema, texts | {"lines[0].external_fen": ["三百"]}, base, OFFSET)
    assert list(wrong.problems) == ["lines[0].external_fen"]


def test_a_code_is_read_from_what_is_suggested() -> None:
    schema = SCHEMAS.kind("instrument")
    found = read(schema, {"subjects": ["150 化学", "", "140"]}, instrument("A"), OFFSET)
    assert found.record["subjects"] == ["150", "140"]
    assert tables_in(controls(schema, Given({}))) == {"instrument-classes", "subjects"}


def test_a_row_that_was_emptied_is_gone_and_one_more_is_offered() -> None:
    schema = SCHEMAS.kind("fee_standard")
    texts = {"lines[0].item": [""], "lines[1].item": ["碳谱"], "lines[1].no": ["2"]}
    found = read(schema, texts, {}, OFFSET)
    assert found.record["lines"] == [{"no": 2, "item": "碳谱"}]
    (lines,) = [c for c in controls(schema, Given(texts)) if c.path == "lines"]
    assert len(lines.parts) == 3


def test_rows_are_those_that_are_named_however_far_apart() -> None:
    schema, base = SCHEMAS.kind("fee_standard"), {"unit": "u", "kind": "fee_standard", "id": "F-1"}
    numbers = ("7", "99999999", "9" * 5000, "2", "10", "x")
    texts = {f"lines[{number}].item": [number] for number in numbers}
    items = [line["item"] for line in read(schema, texts, base, OFFSET).record["lines"]]
    assert items == ["2", "7", "10"]
    lines = next(each for each in controls(schema, Given(texts)) if each.path == "lines")
    assert len(lines.parts) == 12
