"""Which character of a unit's code was mistyped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.uscc_mending import (
    has_sound_organisation,
    likely_slips,
    slips,
    typed_uscc,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GOOD = "12140000000000019W"
FIRST_17 = st.text(ALPHABET, min_size=17, max_size=17)


def places(code: str) -> list[tuple[int, str, str]]:
    return [(slip.place, slip.found, slip.meant) for slip in likely_slips(code)]


@given(first=FIRST_17, at=st.integers(0, 17), typed=st.sampled_from(ALPHABET + "IOSVZ"))
def test_the_code_that_was_meant_is_among_the_ways_back_from_one_wrong_key(
    first: str, at: int, typed: str
) -> None:
    meant = first + uscc_check_character(first)
    wrong = f"{meant[:at]}{typed}{meant[at + 1 :]}"
    if wrong != meant:
        assert meant in {slip.code for slip in slips(wrong)}


@given(first=FIRST_17, at=st.integers(0, 16))
def test_the_code_that_was_meant_is_among_the_ways_back_from_an_exchange(
    first: str, at: int
) -> None:
    meant = first + uscc_check_character(first)
    wrong = f"{meant[:at]}{meant[at + 1]}{meant[at]}{meant[at + 2 :]}"
    if wrong != meant:
        assert meant in {slip.code for slip in slips(wrong)}


@pytest.mark.parametrize(
    ("wrong", "first"),
    [
        ("12140000000000018W", (17, "8", "9")),
        ("12104000000000019W", (4, "04", "40")),
        ("I2140000000000019W", (1, "I", "1")),
        ("1214000000000001SW", (17, "S", "9")),
    ],
)
def test_the_likeliest_slip_is_named_first(wrong: str, first: tuple[int, str, str]) -> None:
    assert places(wrong)[0] == first


def test_the_second_check_character_says_in_which_part_to_look() -> None:
    assert has_sound_organisation(GOOD)
    # With sound characters 9 to 17, the slip is sought elsewhere.
    assert all(not 9 <= place <= 17 for place, *_ in places("12140000000000019X"))


def test_where_several_are_wrong_no_single_one_is_accused() -> None:
    assert likely_slips("ZZ140000000000019W") == ()
    assert likely_slips("1214") == ()


def test_blanks_and_width_and_case_are_no_mistakes() -> None:
    assert typed_uscc(" １２140000 0000-00019w ") == GOOD
