"""Strict JSON: the feed's vectors, the JSON test suite, and the law that both parsers agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.strict_json import (
    NotStrictJson,
    _certain,
    _exact,
    dumps,
    dumps_many,
    loads,
    loads_many,
)
from tests.vectors import JSON_TEST_SUITE, Case, absent, as_bytes, load_cases

FRACTION = "a number that is no integer"
RANGE = "a number beyond ±(2^53-1), or -0"
TWICE = "a name twice in one object"
SURROGATE = "a lone surrogate"
NOT_UTF8 = "not UTF-8"

# Valid JSON that the profile does not admit, also as a member of an object.
NARROWER = {
    "y_number.json": FRACTION,
    "y_number_0e+1.json": FRACTION,
    "y_number_0e1.json": FRACTION,
    "y_number_double_close_to_zero.json": FRACTION,
    "y_number_int_with_exp.json": FRACTION,
    "y_number_minus_zero.json": RANGE,
    "y_number_negative_zero.json": RANGE,
    "y_number_real_capital_e.json": FRACTION,
    "y_number_real_capital_e_neg_exp.json": FRACTION,
    "y_number_real_capital_e_pos_exp.json": FRACTION,
    "y_number_real_exponent.json": FRACTION,
    "y_number_real_fraction_exponent.json": FRACTION,
    "y_number_real_neg_exp.json": FRACTION,
    "y_number_real_pos_exponent.json": FRACTION,
    "y_number_simple_real.json": FRACTION,
    "y_object_duplicated_key.json": TWICE,
    "y_object_duplicated_key_and_value.json": TWICE,
    "y_object_extreme_numbers.json": FRACTION,
    "y_structure_lonely_negative_real.json": FRACTION,
}
# What JSON leaves open: all of it is refused, and this is why.
DECIDED = {
    "i_number_double_huge_neg_exp.json": FRACTION,
    "i_number_huge_exp.json": FRACTION,
    "i_number_neg_int_huge_exp.json": FRACTION,
    "i_number_pos_double_huge_exp.json": FRACTION,
    "i_number_real_neg_overflow.json": FRACTION,
    "i_number_real_pos_overflow.json": FRACTION,
    "i_number_real_underflow.json": FRACTION,
    "i_number_too_big_neg_int.json": RANGE,
    "i_number_too_big_pos_int.json": RANGE,
    "i_number_very_big_negative_int.json": RANGE,
    "i_object_key_lone_2nd_surrogate.json": SURROGATE,
    "i_string_1st_surrogate_but_2nd_missing.json": SURROGATE,
    "i_string_1st_valid_surrogate_2nd_invalid.json": SURROGATE,
    "i_string_UTF-16LE_with_BOM.json": NOT_UTF8,
    "i_string_UTF-8_invalid_sequence.json": NOT_UTF8,
    "i_string_UTF8_surrogate_U+D800.json": NOT_UTF8,
    "i_string_incomplete_surrogate_and_escape_valid.json": SURROGATE,
    "i_string_incomplete_surrogate_pair.json": SURROGATE,
    "i_string_incomplete_surrogates_escape_valid.json": SURROGATE,
    "i_string_invalid_lonely_surrogate.json": SURROGATE,
    "i_string_invalid_surrogate.json": SURROGATE,
    "i_string_invalid_utf-8.json": NOT_UTF8,
    "i_string_inverted_surrogates_U+1D11E.json": SURROGATE,
    "i_string_iso_latin_1.json": NOT_UTF8,
    "i_string_lone_second_surrogate.json": SURROGATE,
    "i_string_lone_utf8_continuation_byte.json": NOT_UTF8,
    "i_string_not_in_unicode_range.json": NOT_UTF8,
    "i_string_overlong_sequence_2_bytes.json": NOT_UTF8,
    "i_string_overlong_sequence_6_bytes.json": NOT_UTF8,
    "i_string_overlong_sequence_6_bytes_null.json": NOT_UTF8,
    "i_string_truncated-utf-8.json": NOT_UTF8,
    "i_string_utf16BE_no_BOM.json": NOT_UTF8,
    "i_string_utf16LE_no_BOM.json": NOT_UTF8,
    "i_structure_500_nested_arrays.json": "deeper than 32",
    "i_structure_UTF-8_BOM_empty_object.json": "Expecting value: line 1 column 6 (char 5)",
}


def suite(prefix: str) -> list[ParameterSet]:
    if not JSON_TEST_SUITE.is_dir():
        return absent(JSON_TEST_SUITE)
    return [pytest.param(path, id=path.name) for path in sorted(JSON_TEST_SUITE.glob(f"{prefix}*"))]


def as_member(raw: bytes) -> bytes:
    return b'{"a":' + raw + b"}"


def reason(raw: bytes) -> str:
    with pytest.raises(NotStrictJson) as caught:
        loads(raw)
    return str(caught.value)


@pytest.mark.parametrize("case", load_cases("json"))
def test_json_vector(case: Case) -> None:
    raw = as_bytes(case.input)
    if case.expected["outcome"] == "OK":
        assert loads(raw) == json.loads(raw)
    else:
        assert reason(raw)


@pytest.mark.parametrize("path", suite("y_"))
def test_what_must_parse_is_read_or_narrowed_for_a_reason(path: Path) -> None:
    member = as_member(path.read_bytes())
    if path.name in NARROWER:
        assert reason(member) == NARROWER[path.name]
    else:
        assert loads(member) == json.loads(member)


@pytest.mark.parametrize("path", suite("y_"))
def test_alone_only_an_object_is_read(path: Path) -> None:
    raw = path.read_bytes()
    if path.name in NARROWER:
        assert reason(raw)
    elif isinstance(json.loads(raw), dict):
        assert loads(raw) == json.loads(raw)
    else:
        assert reason(raw) == "not one object"


@pytest.mark.parametrize("path", suite("n_"))
def test_what_must_not_parse_is_refused(path: Path) -> None:
    assert reason(path.read_bytes())
    assert reason(as_member(path.read_bytes()))


@pytest.mark.parametrize("path", suite("i_"))
def test_what_json_leaves_open_is_decided(path: Path) -> None:
    assert reason(as_member(path.read_bytes())) == DECIDED[path.name]


def outcome(parse: Any, raw: bytes) -> Any:
    try:
        return parse(raw)
    except NotStrictJson:
        return NotStrictJson


def both_agree(raw: bytes) -> None:
    assert outcome(loads, raw) == outcome(lambda data: _exact(data, 32), raw)


# Pieces that are nearly JSON: where two parsers differ, it is at such seams.
WORDS = r"""
    { } [ ] , : "a" "b" "a":1 "": "\ud800" "\ud83d\ude00" "\u0061" "\" "\\" " ' 0 -0 1 -1 01 1.0 1e2
    1E2 .5 +1 1_0 9007199254740991 9007199254740992 -9007199254740991 18446744073709551616 true
    false
    null nul NaN Infinity "2.5" "[{[" "x:1.5" "中" é /**/ #
"""
ODD = [" ", "\n", "\t", "\f", "\0", "\x7f", "\xa0", "\ufeff", "\u2028", '"\n"', '"\x7f"']
PIECES = st.sampled_from([*re.findall(r"\S+", WORDS), *ODD])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) - 2, 2**53 + 2)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(st.lists(PIECES, max_size=12), st.booleans())
def test_both_parsers_agree_on_pieces(pieces: list[str], wrapped: bool) -> None:
    raw = "".join(pieces).encode()
    both_agree(as_member(raw) if wrapped else raw)


@given(
    st.dictionaries(st.text(max_size=3), VALUES), st.booleans(), st.sampled_from([None, (",", ":")])
)
def test_both_parsers_agree_on_values(value: dict[str, Any], ascii_: bool, separators: Any) -> None:
    both_agree(
        json.dumps(value, ensure_ascii=ascii_, separators=separators).encode(
            "utf-8", "surrogatepass"
        )
    )


@given(st.dictionaries(st.text(max_size=3), VALUES), st.integers(min_value=0), st.integers(0, 255))
def test_both_parsers_agree_on_one_changed_byte(value: Any, at: int, byte: int) -> None:
    raw = bytearray(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    raw[at % len(raw)] = byte
    both_agree(bytes(raw))


@given(st.binary(max_size=40))
def test_both_parsers_agree_on_any_bytes(raw: bytes) -> None:
    both_agree(raw)
    both_agree(as_member(raw))


@given(st.integers(28, 36), st.sampled_from(['{"a":', "["]))
def test_both_parsers_agree_on_depth(depth: int, opening: str) -> None:
    closing = "}" if opening.startswith("{") else "]"
    raw = ('{"a":' + opening * (depth - 1) + "1" + closing * (depth - 1) + "}").encode()
    both_agree(raw)
    assert (outcome(loads, raw) is NotStrictJson) == (depth > 32)


STRICT_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
STRICT_OBJECTS = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), STRICT_VALUES)


@given(STRICT_OBJECTS)
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    raw = dumps(value)
    assert loads(raw) == value
    assert dumps(loads(raw)) == raw


def test_names_are_written_in_code_point_order() -> None:
    raw = dumps({"\U0001f600": 1, "\ue000": 2, "b": {"z": 3, "a": 4}, "B": 5})
    assert raw.decode() == '{"B":5,"b":{"a":4,"z":3},"\ue000":2,"\U0001f600":1}'


@pytest.mark.parametrize(
    "value", [{"a": 1.5}, {"a": float("nan")}, {"a": 2**53}, {"a": "\ud800"}, {1: 2}, ["a"]]
)
def test_what_could_not_be_read_is_not_written(value: Any) -> None:
    with pytest.raises(NotStrictJson):
        dumps(value)


ANY_VALUES = STRICT_VALUES | st.floats() | st.integers() | st.just("\ud800")


@given(st.lists(st.dictionaries(st.text(max_size=3), ANY_VALUES, max_size=3), max_size=4))
def test_many_written_at_once_are_what_each_is_or_are_not_written(
    values: list[dict[str, Any]],
) -> None:
    raws = dumps_many(values)
    if raws is not None and None not in loads_many(raws):
        assert raws == list(map(dumps, values))


def test_many_are_mostly_written_at_once() -> None:
    assert dumps_many([{"b": 1, "a": "示"}, {}]) == ['{"a":"示","b":1}'.encode(), b"{}"]


def test_a_body_as_writers_write_it_takes_the_fast_path() -> None:
    body = {"id": "A-1", "kind": "instrument", "name_zh": "2.4米望远镜", "value_yuan": 3200000}
    assert _certain(dumps(body), 32) == body


def test_a_reason_never_quotes_the_number() -> None:
    assert "110101199003070000" not in reason(b'{"id":110101199003070000}')


def test_a_hostile_unclosed_string_costs_no_more_than_its_length() -> None:
    # A million characters: a scan that starts anew at every quote would not end in hours.
    assert reason(b'{"a":"' + rb"\"" * 500_000)
