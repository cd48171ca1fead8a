"""What a hub tells the gateway of instruments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import Refused
from fenhe_protocol.forwarded import ACCEPTED, WAITING, Standing, compose_forwarded, parse_forwarded

STANDINGS = st.builds(
    Standing, st.text(max_size=18), st.text(max_size=64), st.sampled_from([ACCEPTED, WAITING])
)


@given(st.lists(STANDINGS, max_size=20))
def test_what_is_written_is_read(standings: list[Standing]) -> None:
    assert parse_forwarded(compose_forwarded(standings)) == standings


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b'{"instruments":{}}',
        b'{"instruments":[["u","i"]]}',
        b'{"instruments":[["u","i","done"]]}',
        b'{"instruments":[["u",1,"accepted"]]}',
    ],
)
def test_another_form_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match=r"^forwarded\.form"):
        parse_forwarded(raw)
