from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.leaf import TIERS, Leaf, LeafForm, RecordLeaf, encode_leaf, parse_leaf
from fenhe_protocol.leaves import parse_leaves
from tests.protocol.test_leaf import ERASES, HASHES, HEARTBEATS, RECORDS

ALIKE = st.sets(st.sampled_from(TIERS), min_size=1).flatmap(
    lambda tiers: st.lists(st.fixed_dictionaries(dict.fromkeys(tiers, HASHES)).map(RecordLeaf))
)
ODD = st.one_of(
    st.sampled_from([b"", b"\n", b'{"c":{},"k":"r","v":1}', b'{"c":{"hub":"A"},"k":"r","v":1}']),
    RECORDS.map(encode_leaf).map(lambda raw: raw + b"\n"),
    RECORDS.map(encode_leaf).map(lambda raw: raw + b"\n" + raw),
    st.one_of(ERASES, HEARTBEATS).map(encode_leaf),
)


def one_by_one(entries: list[bytes], start: int) -> list[Leaf | str]:
    found: list[Leaf | str] = []
    for index, raw in enumerate(entries, start):
        try:
            found.append(parse_leaf(raw, index=index, log="catalogue.3"))
        except LeafForm as error:
            found.append(str(error))
    return found


def together(entries: list[bytes], start: int) -> list[Leaf | str]:
    leaves = parse_leaves(entries, start, "catalogue.3")
    return [str(leaf) if isinstance(leaf, LeafForm) else leaf for leaf in leaves]


@given(ALIKE)
def test_records_alike_are_read_as_they_were_written(leaves: list[RecordLeaf]) -> None:
    assert together(list(map(encode_leaf, leaves)), 1000) == leaves


@given(st.lists(st.one_of(RECORDS.map(encode_leaf), ODD)))
def test_a_block_says_what_its_leaves_say_one_by_one(entries: list[bytes]) -> None:
    assert together(entries, 1000) == one_by_one(entries, 1000)


@given(ALIKE, ODD)
def test_one_odd_leaf_changes_no_other(leaves: list[RecordLeaf], odd: bytes) -> None:
    entries = [odd, *map(encode_leaf, leaves)]
    assert together(entries, 1000)[1:] == leaves
    assert together(entries[::-1], 1000) == one_by_one(entries[::-1], 1000)


@given(ALIKE.filter(bool), st.integers(0), st.integers(0), st.binary(min_size=1, max_size=1))
def test_one_other_byte_changes_no_other_leaf(
    leaves: list[RecordLeaf], place: int, at: int, byte: bytes
) -> None:
    entries = list(map(encode_leaf, leaves))
    raw = entries[place % len(entries)]
    at %= len(raw)
    entries[place % len(entries)] = raw[:at] + byte + raw[at + 1 :]
    assert together(entries, 1000) == one_by_one(entries, 1000)
