"""What a gateway has taken, as it is written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import RequestError
from fenhe_protocol.taken import MOST_RANGES, compose_taken, parse_taken


@given(st.sets(st.integers(0, 10_000)))
def test_what_is_written_is_read(indices: set[int]) -> None:
    ranges = [each for raw in compose_taken(indices) for each in parse_taken(raw)]
    assert {index for start, stop in ranges for index in range(start, stop)} == indices


def test_many_gaps_are_several_requests() -> None:
    raws = compose_taken(range(0, 2 * MOST_RANGES + 2, 2))
    assert [len(parse_taken(raw)) for raw in raws] == [MOST_RANGES, 1]
    assert max(map(len, compose_taken(range(2**53 - 2 * MOST_RANGES, 2**53 - 1, 2)))) < 65_536


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"taken":[]}',
        b'{"taken":[[1,1]]}',
        b'{"taken":[[2,1]]}',
        b'{"taken":[[-1,1]]}',
        b'{"taken":[[0,true]]}',
        b'{"taken":[[0,1,2]]}',
        b'{"taken":[[0,1],[1,2]]}',
        b'{"taken":[[5,6],[1,2]]}',
        b'{"taken":[["0","1"]]}',
        b'{"taken":[[0,1]],"by":"x"}',
        b'{"taken":[[0,9007199254740992]]}',
    ],
)
def test_another_form_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_taken(raw)
    assert (caught.value.code, caught.value.status) == ("taken.form", 400)
