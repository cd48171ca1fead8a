import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.identifiers import check_ror, check_uscc, uscc_check_character

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# Published codes of real institutions.
GOOD_USCC = [
    "91350100M000100Y43",
    "91512081MA62K0260E",
    "11320000MB151840XJ",
    "91110000600037341L",
    "12140000000000019W",
]
# Issued, as reported, although its check character is wrong.
ODD_USCC = "91350211M0000XUF46"
GOOD_ROR = [
    "05dxps055",
    "034t30j35",
    "03yrm5c26",
    "013meh722",
    "042nb2s44",
    "03cve4549",
    "02v51f717",
]


@pytest.mark.parametrize("code", GOOD_USCC)
def test_a_valid_unit_code_passes(code: str) -> None:
    check_uscc(code)


def test_a_wrong_check_character_is_refused_with_the_right_one() -> None:
    with pytest.raises(ValueError, match="check character 3 instead of 4"):
        check_uscc("91350100M000100Y44")


@pytest.mark.parametrize(
    "code",
    ["", "9135010", "91350100M000100Y4Z", "91350100m000100y43", "91350100I000100Y43", "９" * 18],
)
def test_a_unit_code_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="18 characters"):
        check_uscc(code)


def test_an_issued_code_that_fails_passes_only_where_an_operator_lists_it() -> None:
    with pytest.raises(ValueError, match="check character"):
        check_uscc(ODD_USCC)
    check_uscc(ODD_USCC, allowed=[ODD_USCC])


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_changing_one_character_of_a_unit_code_is_noticed(
    first: str, place: int, other: str
) -> None:
    code = first + uscc_check_character(first)
    changed = code[:place] + other + code[place + 1 :]
    check_uscc(code)
    if changed != code:
        with pytest.raises(ValueError, match="check character"):
            check_uscc(changed)


@pytest.mark.parametrize("identifier", GOOD_ROR)
def test_a_valid_ror_id_passes(identifier: str) -> None:
    check_ror(identifier)


def test_wrong_check_digits_of_a_ror_id_are_refused_with_the_right_ones() -> None:
    with pytest.raises(ValueError, match="check digits 55 instead of 56"):
        check_ror("05dxps056")


@pytest.mark.parametrize("identifier", ["", "15dxps055", "05dxpi055", "https://ror.org/05dxps055"])
def test_a_ror_id_of_another_form_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="nine characters"):
        check_ror(identifier)
