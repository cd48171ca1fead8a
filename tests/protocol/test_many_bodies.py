"""Bodies judged many at once come to what each comes to alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.record import BodyJudge
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads, loads_many

UNIT = "12140000000000019W"
PIECES = ["{", "}", ",", '"a":1', '"b":[]', '"a":1.5', '"é":"x"', '"c":{"d":0}', " ", "[", "]", "1"]
PARTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join).map(str.encode)
OBJECTS = st.dictionaries(st.text(max_size=3), st.integers(-5, 5) | st.text(max_size=4), max_size=3)


def alone(raw: bytes) -> dict[str, Any] | None:
    try:
        return loads(raw)
    except NotStrictJson:
        return None


@given(st.lists(PARTS | st.binary(max_size=6) | OBJECTS.map(dumps), max_size=6))
def test_what_is_read_together_is_what_is_read_alone(raws: list[bytes]) -> None:
    found = loads_many(raws)
    assert len(found) == len(raws)
    for raw, value in zip(raws, found, strict=True):
        assert value is None or value == alone(raw)


@pytest.mark.parametrize(
    "raws",
    [
        [b'{"a":1},{"c":3}', b'{"a":1', b'"b":2}'],
        [b"{}", b"{},{}", b""],
        [b'{"a":1}', b'{"a":1.5}'],
        [b'{"a":1}', b"[" * 40 + b"]" * 40],
        [b'{"a":' + b"[" * 33 + b"]" * 33 + b"}", *[b"1"] * 40],
        [b'{"a":1}', b'{"a":1,"a":2}'],
        [b'{"a":1}', b'{"a":9007199254740993}'],
        [b'{"a":1}', b"\xff"],
    ],
)
def test_one_bad_body_takes_no_other_with_it(raws: list[bytes]) -> None:
    found = loads_many(raws)
    assert [value for value in found if value is not None] == [
        value for value in map(alone, raws) if value is not None
    ]


def test_good_bodies_are_all_read_in_one_go() -> None:
    assert loads_many([b'{"a":%d}' % n for n in range(256)]) == [{"a": n} for n in range(256)]


NAMES = st.sampled_from(["示例仪器", "13800000000", "a@qq.com", "", "x" * 300, 7, "Agilent"])


@given(st.lists(st.tuples(NAMES, st.sampled_from([UNIT, "12140000000000027P"])), max_size=8))
def test_what_is_judged_together_comes_to_what_it_comes_to_alone(
    records: list[tuple[object, str]],
) -> None:
    bodies = [
        json.dumps(
            {"id": "A-1", "kind": "instrument", "name_zh": name, "status": "normal", "unit": unit},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        for name, unit in records
    ]
    judge = BodyJudge(SchemaSet.load(), tier="pub", log="catalogue", unit=UNIT)
    together = judge.judge_many([*bodies, b"\xff"], explained=len(bodies) + 1)
    assert together == [judge.judge(body) for body in (*bodies, b"\xff")]
    assert judge.judge_many(bodies, explained=99) == together[:-1]
