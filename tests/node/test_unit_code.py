"""What is said of a unit's code that is wrong."""

import pytest

from fenhe_node.unit_code import read_uscc
from fenhe_protocol.errors import SetupError

GOOD = "12140000000000019W"


def advice(typed: str) -> str:
    with pytest.raises(SetupError) as caught:
        read_uscc(typed)
    assert caught.value.code == "setup.value"
    return caught.value.advice


def test_a_code_is_taken_as_people_type_it() -> None:
    assert read_uscc("1214 0000 0000 0001 9w") == GOOD


def test_the_characters_to_look_at_are_named() -> None:
    said = advice("12140000000000018W")
    assert "第 17 位“8”(可能是 9)" in said and "character 17: 9 for 8?" in said
    assert "前 17 位都对的话, 末位应为 R" in said


def test_neighbours_that_changed_places_are_named() -> None:
    assert "第 4、5 位“04”(可能是 40, 写反了)" in advice("12104000000000019W")


@pytest.mark.parametrize(("typed", "said"), [(GOOD[:-1], "少了 1 位"), (GOOD + "00", "多了 2 位")])
def test_a_wrong_length_is_counted(typed: str, said: str) -> None:
    assert said in advice(typed)


def test_a_letter_that_is_in_no_code_is_named() -> None:
    assert "第 1 位“I”(可能是 1)" in advice("I2140000000000019W")


def test_more_than_one_slip_is_said_to_be_that() -> None:
    assert "不止一位" in advice("ZZ140000000000019W")
