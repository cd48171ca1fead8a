"""What a soak calls flat."""

from hypothesis import given
from hypothesis import strategies as st

from tests.soak.measured import FEWEST, is_flat

MIB = 1 << 20


@given(st.lists(st.integers(100 * MIB, 108 * MIB), min_size=FEWEST, max_size=40))
def test_what_goes_up_and_down_is_flat(values: list[int]) -> None:
    assert is_flat(values, share=0.08, slack=0)


def test_a_list_that_is_never_emptied_is_seen() -> None:
    leak = [150 * MIB + epoch * 4 * MIB for epoch in range(30)]
    assert not is_flat(leak, share=0.08, slack=12 * MIB)


def test_what_fills_up_in_the_first_third_is_flat() -> None:
    filled = [min(100 + epoch * 20, 200) * MIB for epoch in range(30)]
    assert is_flat(filled, share=0, slack=0)


def test_a_descriptor_an_epoch_is_seen() -> None:
    assert not is_flat([*range(25, 55)], share=0, slack=4)


def test_few_values_say_nothing() -> None:
    assert is_flat([1, 10, 100], share=0, slack=0)
