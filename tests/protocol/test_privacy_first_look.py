"""The first look at a body's bytes never overlooks what the closer look finds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.privacy import find_personal, surely_nothing
from fenhe_protocol.strict_json import dumps

UNIT = "12140000000000019W"
DIGITS = ["0", "1", "3", "9", "138", "0000", "00000000", "１３８", "140105190001010015"]
SIGNS = ["-", " ", "\t", "·", "（", "。", "@", '"', "\\", "\u200b"]
PIECES = st.sampled_from([*DIGITS, *SIGNS, "A", "电话", "qq.com", "zhangsan", UNIT])
TEXTS = st.lists(PIECES, max_size=14).map("".join)
EXT = st.recursive(
    TEXTS | st.integers(0, 10**15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(function=TEXTS, model=TEXTS, ext=st.dictionaries(TEXTS, EXT, max_size=3), unit=TEXTS)
def test_what_the_first_look_passes_holds_nothing_personal(
    function: str, model: str, ext: dict[str, Any], unit: str
) -> None:
    value = {"unit": UNIT, "function": function, "model": model, "ext": {"unit": unit} | ext}
    if surely_nothing(dumps(value), UNIT):
        assert find_personal(value) == []


@pytest.mark.parametrize(
    "name", ["核磁共振波谱仪（400 MHz）", "Agilent 6890N", "2026-11-23T09:00:00+08:00"]
)
def test_an_ordinary_record_needs_no_closer_look(name: str) -> None:
    assert surely_nothing(dumps({"unit": UNIT, "name_zh": name, "id": "S-0000001"}), UNIT)


@pytest.mark.parametrize(
    "text", ["13800000000", "１３８００００００００", "a\\u0040qq.com", "a@b.example"]
)
def test_a_closer_look_is_taken(text: str) -> None:
    body = b'{"function":"%b","unit":"%b"}' % (text.encode(), UNIT.encode())
    assert not surely_nothing(body, UNIT)
