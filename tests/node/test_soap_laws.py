"""Laws of the intake: whatever is sent, it ends in a known code or an error of ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.soap.envelope import read_call
from fenhe_node.sources.instru_list import read_list
from fenhe_protocol.errors import InputError, RequestError
from tests.laws import examples
from tests.node.instru_calls import TYPES, said, with_code
from tests.node.test_soap_intake import call

CODES = {100, 101, 200, 201, 202, 203, 204, 301}


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_a_call(raw: bytes) -> None:
    try:
        read_call(raw)
    except RequestError as error:
        assert error.code == "soap.xml"


@given(st.text(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
).map(json.dumps))  # fmt: skip
def test_no_text_breaks_the_reading_of_a_list(text: str) -> None:
    try:
        read_list(text)
    except InputError as error:
        assert error.code.startswith("soap.")


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_code(tmp_path_factory.mktemp("intake") / "store.sqlite")


_PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=20)


@given(st.sampled_from((*TYPES, 3)), st.data())
@examples(30)
def test_whatever_stands_in_a_record_it_is_answered_with_a_known_code(
    one_store: Path, instru_type: int, data: st.DataObject
) -> None:
    names = sorted(said(4 if instru_type == 3 else instru_type))
    record = data.draw(st.dictionaries(st.sampled_from(names), _PLAIN, max_size=6))
    assert call(one_store, instru_type, record).code in CODES
