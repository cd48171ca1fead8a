"""Evidence files as bytes: one spelling, and not a byte that can be changed."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.conviction import Conviction, convict
from fenhe_protocol.errors import Refused
from fenhe_protocol.root_document import fingerprint
from fenhe_protocol.strict_json import dumps, loads
from tests.protocol.accused import GUILTY, code, same_size, text_of, withheld


def convicts(raw: bytes, mark: str) -> Conviction | None:
    try:
        return convict(raw, fingerprint=mark)
    except Refused:
        return None


@pytest.mark.parametrize(
    "name", ["larger", "twice_received", "beyond_the_end", "withheld", "two_of_one_number"]
)
def test_any_changed_byte_makes_the_verdict_fall(name: str) -> None:
    evidence = GUILTY[name]()
    raw, mark = evidence.encode(), fingerprint(text_of(evidence.roots[0]))
    for place in range(len(raw)):
        bit = 1 << place % 8
        changed = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
        assert convicts(changed, mark) is None, (place, changed[place - 20 : place + 20])


def test_a_body_of_another_tier_is_not_the_one_withheld() -> None:
    raw = withheld().encode()
    assert code(raw.replace(b'{"pub":', b'{"hub":')) == "evidence.nothing"


@cache
def _encoded(name: str) -> tuple[bytes, str]:
    evidence = GUILTY[name]()
    return evidence.encode(), fingerprint(text_of(evidence.roots[0]))


@given(st.sampled_from(sorted(GUILTY)), st.data())
def test_no_cut_and_no_other_byte_leaves_a_verdict(name: str, data: st.DataObject) -> None:
    raw, mark = _encoded(name)
    start = data.draw(st.integers(0, len(raw) - 1))
    stop = data.draw(st.integers(start, min(len(raw), start + 40)))
    other = data.draw(st.binary(max_size=4))
    changed = raw[:start] + other + raw[stop:]
    assert changed == raw or convicts(changed, mark) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members | {"more": 1},
        lambda members: members | {"form": "fenhe/evidence/v2"},
        lambda members: members | {"kind": "theft"},
        lambda members: members | {"signer": 5},
        lambda members: members | {"notes": "a note"},
        lambda members: members | {"notes": [5, 6]},
        lambda members: members | {"path": "abc"},
        lambda members: members | {"roots": {}},
        lambda members: members | {"roots": [""]},
        lambda members: members | {"roots": ["x"] * 2000},
        lambda members: {name: members[name] for name in members if name != "path"},
    ],
)
def test_another_form_is_refused(change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    raw = dumps(change(loads(same_size().encode()))) + b"\n"
    assert code(raw) in ("evidence.form", "note.form")


def test_other_spellings_are_refused() -> None:
    raw = same_size().encode()
    for other in (
        raw + b"\n",
        raw[:-1],
        b" " + raw,
        raw.replace(b'","', b'", "'),
        b"{}",
        b"[]",
        b"",
    ):
        assert code(other) == "evidence.form"
    assert code(b" " * (8 << 20) + raw) == "evidence.form"
