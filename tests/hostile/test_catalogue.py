"""That the catalogue is whole: every danger is shown, and all that is said to show it is there."""

from collections import Counter

import pytest

from tests.hostile.cases import CASES
from tests.hostile.catalogue import DANGERS
from tests.hostile.test_hostile_nodes import MEETINGS
from tests.sources import functions_of


def test_there_are_seventy_two() -> None:
    assert list(DANGERS) == list(range(1, 73))


@pytest.mark.parametrize("number", DANGERS)
def test_each_danger_is_shown(number: int) -> None:
    danger = DANGERS[number]
    assert danger.cases or danger.tests
    assert set(danger.cases) <= {case.name for case in CASES}
    for test in danger.tests:
        path, _, name = test.partition("::")
        assert name in functions_of(path), test


def test_every_case_stands_for_a_danger_and_has_a_name_of_its_own() -> None:
    named = {name for danger in DANGERS.values() for name in danger.cases}
    assert {case.name for case in CASES} - named == {"healthy"}
    assert max(Counter(case.name for case in CASES).values()) == 1


def test_every_limit_is_tried_warm_and_cold() -> None:
    met = {case.name: {each.cold for each in MEETINGS if each.case is case} for case in CASES}
    for case in CASES:
        code = case.warm.code.partition(".")[0]
        if code in ("fetch", "visit", "note", "bundle", "checkpoint", "log"):
            assert met[case.name] == {False, True}, case.name
