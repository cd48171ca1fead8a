"""A rule set is checked before it judges anybody: each fault has its line and its key."""

import pytest

from fenhe_client.yaml_text import load_yaml
from fenhe_hub.rule_file import read_rules, shipped_rules
from fenhe_hub.rules.functions import FUNCTIONS
from fenhe_hub.rules.rule_schema import rule_set_schema
from fenhe_protocol.errors import SetupError

SHIPPED = shipped_rules()


def line_of(text: str) -> int:
    return SHIPPED.decode()[: SHIPPED.decode().index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ("days: 30 ", "dayz: 30 ", "rules.key", "rules[0].parameters.dayz"),
        ("days: 30 ", "days: soon ", "rules.value", "rules[0].parameters.days"),
        ("days: 30 ", "days: -1 ", "rules.value", "rules[0].parameters.days"),
        ("days: 30 ", "days: 30.5 ", "rules.value", "rules[0].parameters.days"),
        ("day_kind: working", "day_kind: hours", "rules.value", "rules[0].parameters.day_kind"),
        ("first_day: 2016-01-01", "first_day: 1", "rules.value", "rules[0].parameters.first_day"),
        ("kinds: [instrument, ", "kinds: [car, ", "rules.value", "rules[0].parameters.kinds[0]"),
        ("from: 2015-11-03", "from: soon", "rules.day", "rules[0].from"),
        ("function: submission", "function: guess", "rules.function", "rules[0].function"),
        ("rule: D2", "rule: D1", "rules.value", "rules[1].rule"),
        ("examples: [days]", "examples: [dayz]", "rules.value", "rules[1].examples"),
        ("line_yuan: 200000", "line_yuan: much", "rules.value", "shared.line_yuan"),
        ("name: shanxi", "nam: shanxi", "rules.key", "nam"),
    ],
)
def test_what_is_wrong_in_a_rule_set_is_named_by_line_and_key(
    old: str, new: str, code: str, key: str
) -> None:
    raw = SHIPPED.replace(old.encode(), new.encode(), 1)
    assert raw != SHIPPED
    with pytest.raises(SetupError) as refused:
        read_rules(raw, "trial.yaml")
    assert (refused.value.code, refused.value.where.split(": ")[-1]) == (code, key)
    assert f"line {line_of(old)}:" in refused.value.where


def test_a_day_that_does_not_exist_and_a_key_that_stands_twice_have_their_line() -> None:
    for old, new in ((b"2015-11-03", b"2015-13-03"), (b"days: 30 ", b"days: 30\n      days: 30 ")):
        with pytest.raises(SetupError, match=r"rules\.form.*line \d+"):
            read_rules(SHIPPED.replace(old, new, 1), "trial.yaml")


def test_what_yaml_takes_for_a_date_is_a_name_where_a_name_stands() -> None:
    named = read_rules(SHIPPED.replace(b"name: shanxi-2015-draft", b"name: 2026-01-01"), "")
    assert named.name == "2026-01-01"
    with pytest.raises(SetupError, match=r"examples.*2026-01-01T12"):
        read_rules(SHIPPED.replace(b"[days]", b"[2026-01-01 12:00:00]", 1), "")


def test_a_rule_may_change_its_numbers_from_one_day_to_the_next() -> None:
    text = SHIPPED.decode()
    entry = text[text.index("  - rule: D1\n") : text.index("  - rule: D2")]
    ended = entry.replace("from: 2015-11-03", "from: 2015-11-03\n    until: 2020-01-01")
    then = entry.replace("2015-11-03", "2020-01-01").replace("days: 30 ", "days: 20 ")
    rules = read_rules(text.replace(entry, ended + then).encode(), "trial.yaml")
    numbers = [each.parameters["days"] for each in rules.rules if each.rule == "D1"]
    assert numbers == [30, 20]
    days = [rules.in_force(day.start) for day in rules.rules[:2]]
    assert [[r.start for r in each if r.rule == "D1"] for each in days] == [
        [rules.rules[0].start],
        [rules.rules[1].start],
    ]


def test_every_number_that_no_source_gives_is_empty_or_a_marked_example() -> None:
    """What the sources do give is listed here, with the sentence that gives it."""
    given = {
        ("D1", "days"): "二(四) 30个工作日",
        ("D1", "first_day"): "四 2016年试运行",
        ("D3", "first_day"): "国科发基〔2017〕289号",
    }
    for rule in load_yaml(SHIPPED)["rules"]:
        forms = FUNCTIONS[rule["function"]].parameters
        for name, value in rule["parameters"].items():
            number = "integer" in str(forms[name].get("type")) or "format" in forms[name]
            if number and value is not None and name not in rule.get("examples", ()):
                assert (rule["rule"], name) in given


def test_the_schema_knows_the_parameters_of_every_function() -> None:
    schema = rule_set_schema()
    assert set(schema["$defs"]) == set(FUNCTIONS)
    assert all(not each["additionalProperties"] for each in schema["$defs"].values())
