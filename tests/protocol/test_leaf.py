import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.leaf import (
    REASONS,
    TIERS,
    EraseLeaf,
    HeartbeatLeaf,
    Leaf,
    LeafForm,
    RecordLeaf,
    _parse_any,
    encode_leaf,
    may_be_of,
    merge_ranges,
    parse_leaf,
    split_log_name,
)
from tests.vectors import Case, as_bytes, load_cases

HASHES = st.binary(min_size=32, max_size=32)
RECORDS = st.dictionaries(st.sampled_from(TIERS), HASHES, min_size=1).map(RecordLeaf)
HEADS = st.tuples(st.text(min_size=1, max_size=20), st.integers(0, 2**53 - 1), HASHES)
HEARTBEATS = st.builds(
    HeartbeatLeaf,
    time=st.integers(0, 4_000_000_000),
    heads=st.lists(HEADS, unique_by=lambda head: head[0], max_size=3).map(tuple),
)
CUTS = st.sets(st.integers(0, 1000), min_size=2, max_size=8).filter(lambda cuts: len(cuts) % 2 == 0)
ERASES = st.builds(
    EraseLeaf,
    ranges=CUTS.map(lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=True))),
    tiers=st.none() | st.permutations(TIERS).map(tuple),
    reason=st.sampled_from(REASONS),
    log=st.none() | st.sampled_from(["catalogue", "catalogue.2"]),
)


def parsed(raw: bytes, index: int = 1000, log: str = "catalogue.3") -> Leaf | str:
    try:
        return parse_leaf(raw, index=index, log=log)
    except LeafForm:
        return "leaf-form"


def slowly_parsed(raw: bytes, index: int = 1000, log: str = "catalogue.3") -> Leaf | str:
    try:
        return _parse_any(raw, index, log)
    except LeafForm:
        return "leaf-form"


@pytest.mark.parametrize("case", load_cases("leaves"))
def test_leaf_vectors(case: Case) -> None:
    given_ = case.input
    found = parsed(as_bytes(given_["leaf"]), given_["index"], given_["log"])
    if case.expected["outcome"] == "OK":
        kind = {"r": RecordLeaf, "x": EraseLeaf, "h": HeartbeatLeaf}[case.expected["k"]]
        assert isinstance(found, kind)
    else:
        assert found == case.expected["code"]


@given(RECORDS | HEARTBEATS | ERASES)
def test_leaves_are_read_back(leaf: Leaf) -> None:
    assert parsed(encode_leaf(leaf)) == leaf


@given(RECORDS, st.data())
def test_fast_and_slow_reading_agree_on_records_with_one_byte_changed(
    leaf: RecordLeaf, data: st.DataObject
) -> None:
    raw = bytearray(encode_leaf(leaf))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert parsed(bytes(raw)) == slowly_parsed(bytes(raw))


@given(RECORDS, st.data())
def test_fast_and_slow_reading_agree_on_records_with_a_piece_moved(
    leaf: RecordLeaf, data: st.DataObject
) -> None:
    raw = encode_leaf(leaf)
    start, stop, to = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 3)))
    moved = raw[:start] + raw[stop:to] + raw[start:stop] + raw[to:]
    assert parsed(moved) == slowly_parsed(moved)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"c":{"hub":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",},"k":"r","v":1}',
        b'{"c":{"hub":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"},"k":"r","v":1}',
        b'{"c":{},"k":"r","v":1}',
        b'{"c":{"pub":"A","pub":"A"},"k":"r","v":1}',
    ],
)
def test_near_misses_of_the_canonical_form_are_refused(raw: bytes) -> None:
    assert parsed(raw) == slowly_parsed(raw) == "leaf-form"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"k":"h","t":"2026-11-23T08:00:00+08:00","v":1,"f":[]}',
        b'{"k":"h","t":1,"v":1}',
        b'{"k":"h","t":"2026-11-23T08:00:00+08:00","v":1,"f":[["a",true,"%b"]]}'
        % (b"A" * 43 + b"="),
        b'{"k":["h"],"v":1}',
        b'{"c":["pub"],"k":"r","v":1}',
        b'{"i":[[1,2]],"k":"x","r":["law"],"v":1}',
        b'{"i":[[1,2]],"k":"x","l":7,"r":"law","v":1}',
        b'{"e":[["pub"]],"i":[[1,2]],"k":"x","r":"law","v":1}',
        b"\xff",
        b"",
    ],
)
def test_members_of_another_type_are_refused(raw: bytes) -> None:
    assert parsed(raw) == "leaf-form"


def test_an_origin_stands_once_in_a_heartbeat() -> None:
    head = b'["hub.example/fed",1,"%b"]' % (b"A" * 43 + b"=")
    raw = b'{"f":[%b,%b],"k":"h","t":"2026-11-23T08:00:00+08:00","v":1}'
    assert parsed(raw % (head, head)) == "leaf-form"
    assert isinstance(parsed(raw % (head, head.replace(b"hub", b"other"))), HeartbeatLeaf)


def test_tier_to_can_be_erased_in_fed_only() -> None:
    raw = b'{"e":["to"],"i":[[1,2]],"k":"x","r":"law","v":1}'
    assert parsed(raw, log="fed") == EraseLeaf(((1, 2),), ("to",), "law")
    assert parsed(raw, log="catalogue") == "leaf-form"


def test_an_erasure_covers_its_ranges_and_tiers() -> None:
    erase = EraseLeaf(((1, 3), (5, 6)), ("hub",), "law")
    covered = [index for index in range(8) if erase.covers(index, "hub")]
    assert covered == [1, 2, 5]
    assert not erase.covers(1, "pub")
    assert EraseLeaf(((1, 3),), None, "law").covers(1, "pub")


@pytest.mark.parametrize(
    ("name", "parts"),
    [("usage", ("usage", 1)), ("fed.2", ("fed", 2)), ("catalogue.10", ("catalogue", 10))],
)
def test_log_names_carry_their_epoch(name: str, parts: tuple[str, int]) -> None:
    assert split_log_name(name) == parts


@pytest.mark.parametrize("name", ["", "m", "usage.", "usage.1", "usage.02", "usage.2\n", "Usage"])
def test_other_names_are_no_logs(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a log"):
        split_log_name(name)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9))))
def test_merged_ranges_cover_the_same_and_do_not_touch(pieces: list[tuple[int, int]]) -> None:
    ranges = [(start, start + length) for start, length in pieces]
    merged = merge_ranges(ranges)
    assert covered_by(merged) == covered_by(ranges)
    assert all(one[1] < two[0] for one, two in pairwise(merged))


def covered_by(ranges: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> set[int]:
    return {index for start, stop in ranges for index in range(start, stop)}


@given(st.sampled_from("rxh"), st.data())
def test_no_spelling_hides_of_which_kind_a_leaf_is(kind: str, data: st.DataObject) -> None:
    members = {
        "r": {"c": {"pub": "A" * 43}, "k": "r", "v": 1},
        "x": {"i": [[0, 1]], "k": "x", "r": "law", "v": 1},
        "h": {"k": "h", "t": "2026-11-23T08:00:00+08:00", "v": 1},
    }[kind]
    order = data.draw(st.permutations(list(members)))
    between = data.draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    raw = json.dumps({name: members[name] for name in order}, separators=between)
    for sign in data.draw(st.sets(st.sampled_from("rxhkv"))):
        raw = raw.replace(f'"{sign}"', f'"\\u{ord(sign):04x}"')
    assert encode_leaf(parse_leaf(raw.encode(), index=1, log="catalogue"))
    assert may_be_of(kind, raw.encode())


def test_most_records_need_no_closer_look() -> None:
    raw = encode_leaf(RecordLeaf({"hub": bytes(32), "pub": b"hx" * 16}))
    assert not may_be_of("h", raw) and not may_be_of("x", raw)
