"""Base64, decimals and times: vectors, and that what is written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.encoding import (
    b64_decode,
    b64_encode,
    b64u_decode,
    b64u_encode,
    b64u_encode_all,
    date_at,
    format_time,
    parse_decimal,
    parse_time,
)
from tests.vectors import Case, load_cases

DECODERS = {"b64": b64_decode, "b64u": b64u_decode}
FIRST = -62_135_596_800  # 0001-01-01T00:00:00+00:00
LAST = 253_402_300_799  # 9999-12-31T23:59:59+00:00


@pytest.mark.parametrize("case", load_cases("base64"))
def test_base64_vector(case: Case) -> None:
    decode = DECODERS[case.input["form"]]
    if case.expected["outcome"] == "OK":
        data = decode(case.input["text"], size=case.input.get("bytes"))
        assert data.hex() == case.expected["hex"]
    else:
        with pytest.raises(ValueError, match=r".+"):
            decode(case.input["text"], size=case.input.get("bytes"))


@pytest.mark.parametrize("case", load_cases("times"))
def test_time_vector(case: Case) -> None:
    if case.expected["outcome"] == "OK":
        assert parse_time(case.input) == case.expected["posix"]
    else:
        with pytest.raises(ValueError, match=r".+"):
            parse_time(case.input)


@given(st.binary(max_size=70))
def test_bytes_are_read_back(data: bytes) -> None:
    assert b64_decode(b64_encode(data), size=len(data)) == data
    assert b64u_decode(b64u_encode(data), size=len(data)) == data


@given(st.text(st.sampled_from("AQgw+/-_= \n"), max_size=9))
def test_bytes_have_one_spelling(text: str) -> None:
    for decode, encode in ((b64_decode, b64_encode), (b64u_decode, b64u_encode)):
        try:
            data = decode(text)
        except ValueError:
            continue
        assert encode(data) == text


@given(st.integers(FIRST + 86_400, LAST - 86_400), st.integers(-1439, 1439))
def test_a_time_is_read_back_at_any_offset(posix: int, offset: int) -> None:
    text = format_time(posix, offset)
    assert parse_time(text) == posix
    assert date_at(posix, offset) == text[:10]


def test_times_are_written_at_the_offset_of_beijing() -> None:
    assert format_time(1795392065) == "2026-11-23T08:01:05+08:00"
    assert date_at(1795392065 + 16 * 3600) == "2026-11-24"


@pytest.mark.parametrize("posix", [FIRST - 28_801, LAST - 28_799, 10**30])
def test_a_time_without_a_date_is_refused(posix: int) -> None:
    with pytest.raises(ValueError, match="0001 to 9999"):
        date_at(posix)


@given(st.integers(0, 2**53 - 1))
def test_a_decimal_is_read_back(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "00", "01", "+1", "-1", "1 ", "1_0", "１", "٣", "9007199254740992", "9" * 5000]
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_decimal(text)


@given(st.integers(0, 40).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size))))
def test_many_pieces_are_written_as_each_is_alone(pieces: list[bytes]) -> None:
    assert b64u_encode_all(pieces) == [b64u_encode(each).encode() for each in pieces]


def test_pieces_of_several_lengths_are_not_written_in_one_go() -> None:
    with pytest.raises(ValueError, match="lengths"):
        b64u_encode_all([b"12", b"1234"])
