import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.limits import LARGEST_SIZE
from fenhe_protocol.merkle import leaf_hash, leaf_hashes, perfect_root, root_at
from fenhe_protocol.upload import (
    INFO_TYPE,
    MirrorInfo,
    Package,
    Span,
    UploadHeader,
    UploadParser,
    compose_mirror_info,
    make_package,
    parse_mirror_info,
    spans,
)

ENTRIES = [f"entry {number}".encode() for number in range(1500)]
LEAVES = leaf_hashes(ENTRIES)
ORIGIN = "u1.example/fenhe/catalogue"


def stored(level: int, index: int) -> bytes:
    return perfect_root(LEAVES[index << level : (index + 1) << level])


def packages(start: int, end: int) -> list[Package]:
    return [
        make_package(each, ENTRIES[each.start : each.end], end, stored)
        for each in spans(start, end)
    ]


def whole(start: int, end: int) -> bytes:
    head = UploadHeader(ORIGIN, start, end, b"a ticket").compose()
    return head + b"".join(each.compose() for each in packages(start, end))


def parsed(raw: bytes, step: int) -> list[UploadHeader | Package]:
    parser = UploadParser()
    pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
    return [each for piece in pieces for each in parser.feed(piece)]


RANGES = st.tuples(st.integers(0, 1500), st.integers(0, 1500)).map(
    lambda pair: (min(pair), max(pair))
)


def test_the_canonical_sequence_is_that_of_the_specification() -> None:
    """ "start = max(upload_start, rounded_start + i * 256)", and so on."""
    assert list(spans(0, 0)) == list(spans(700, 700)) == []
    assert list(spans(0, 1)) == [Span(0, 0, 1)]
    assert list(spans(3, 256)) == [Span(0, 3, 256)]
    assert list(spans(255, 257)) == [Span(0, 255, 256), Span(256, 256, 257)]
    assert list(spans(300, 700)) == [Span(256, 300, 512), Span(512, 512, 700)]


@given(RANGES)
def test_the_number_of_packages_is_that_of_the_rounded_range(borders: tuple[int, int]) -> None:
    start, end = borders
    found = list(spans(start, end))
    rounded = 0 if start == end else -(-end // 256) - start // 256
    assert len(found) == rounded
    assert [at for each in found for at in range(each.start, each.end)] == list(range(start, end))
    assert all(each.block % 256 == 0 <= each.start - each.block < 256 for each in found)


def test_the_bytes_of_an_upload() -> None:
    package = make_package(Span(0, 0, 2), ENTRIES[:2], 3, stored)
    raw = UploadHeader("o.example/l", 0, 3, b"t").compose() + package.compose()
    assert raw == (
        b"\x00\x0bo.example/l" + bytes(8) + bytes(7) + b"\x03" + b"\x00\x01t"
        b"\x00\x07entry 0\x00\x07entry 1" + b"\x01" + LEAVES[2]
    )


@given(RANGES, st.integers(1, 5000))
def test_what_is_sent_is_read_in_pieces_of_any_size(borders: tuple[int, int], step: int) -> None:
    header, *found = parsed(whole(*borders), step)
    assert header == UploadHeader(ORIGIN, *borders, b"a ticket")
    assert found == packages(*borders)


@given(RANGES, st.data())
def test_of_an_upload_that_breaks_off_the_whole_packages_come_out(
    borders: tuple[int, int], data: st.DataObject
) -> None:
    raw = whole(*borders)
    cut = data.draw(st.integers(0, len(raw)))
    parser = UploadParser()
    found = list(parser.feed(raw[:cut]))
    assert found == parsed(raw, len(raw))[: len(found)]
    assert parser.is_complete == (cut == len(raw))
    assert found + list(parser.feed(raw[cut:])) == parsed(raw, len(raw))
    assert list(parser.feed(b"more")) == []


@given(RANGES)
def test_every_package_proves_its_entries(borders: tuple[int, int]) -> None:
    start, end = borders
    root = root_at(end, stored)
    for each in packages(start, end):
        before = LEAVES[each.span.block : each.span.start]
        assert each.proves(before, size=end, root=root)
        assert not each.proves(before, size=end, root=leaf_hash(b"other"))
        altered = Package(each.span, (*each.entries[:-1], b"other"), each.proof)
        assert not altered.proves(before, size=end, root=root)


def test_the_hashes_before_a_package_have_to_be_as_many_as_it_leaves_out() -> None:
    package = packages(3, 5)[0]
    with pytest.raises(ValueError, match="2 hashes"):
        package.proves(LEAVES[:2], size=5, root=root_at(5, stored))


def header_bytes(name: bytes, start: int, end: int) -> bytes:
    return len(name).to_bytes(2) + name + start.to_bytes(8) + end.to_bytes(8) + bytes(2)


@pytest.mark.parametrize(
    "raw",
    [
        header_bytes(b"", 0, 1),
        header_bytes(b"\xff\xfe", 0, 1),
        header_bytes(ORIGIN.encode(), 2, 1),
    ],
)
def test_a_header_that_is_none_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(RequestError, match=r"upload\.form") as caught:
        parsed(raw, 7)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("origin", "end"), [("go.sum database tree", 1), ("o", 2**64 - 1), ("o" * 65_535, 2**63)]
)
def test_whatever_log_and_end_are_named_the_header_is_read(origin: str, end: int) -> None:
    raw = header_bytes(origin.encode(), 0, end)
    assert parsed(raw, 7) == [UploadHeader(origin, 0, end)]


@pytest.mark.parametrize("tail", [b"\x04\x01", b"\x00\x01x\x40"])
def test_a_package_with_too_long_an_entry_or_too_many_hashes_comes_after_those_before(
    tail: bytes,
) -> None:
    good = packages(255, 257)[0]
    raw = UploadHeader(ORIGIN, 255, 257).compose() + good.compose() + tail
    found = []
    with pytest.raises(RequestError, match=r"upload\.form") as caught:
        for each in UploadParser().feed(raw):
            found.append(each)
    assert caught.value.status == 422
    assert found[1:] == [good]


@given(st.binary(max_size=4000), st.integers(1, 4000))
def test_whatever_a_stranger_sends_is_read_or_refused(raw: bytes, step: int) -> None:
    try:
        parsed(raw, step)
    except RequestError as error:
        assert error.code == "upload.form"


def test_what_cannot_be_written_is_said() -> None:
    for header in (
        UploadHeader("x" * 65536, 0, 1),
        UploadHeader(ORIGIN, 0, 1, bytes(65536)),
        UploadHeader(ORIGIN, 2, 1),
    ):
        with pytest.raises(ValueError, match="65,535"):
            header.compose()
    with pytest.raises(ValueError, match="1 entries"):
        make_package(Span(0, 0, 2), ENTRIES[:1], 2, stored)


def test_the_bytes_of_a_mirror_info() -> None:
    assert compose_mirror_info(MirrorInfo(20852163, 20852014, b"\x00\xff")) == (
        b"20852163\n20852014\nAP8=\n"
    )
    assert compose_mirror_info(MirrorInfo(0, 0)) == b"0\n0\n\n"
    assert INFO_TYPE == "text/x.tlog.mirror-info"


@given(st.integers(0, LARGEST_SIZE), st.integers(0, LARGEST_SIZE), st.binary(max_size=200))
def test_a_mirror_info_is_read_as_it_was_written(size: int, after: int, ticket: bytes) -> None:
    info = MirrorInfo(size, after, ticket)
    assert parse_mirror_info(compose_mirror_info(info)) == info


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"1\n2\n",
        b"1\n2\n\n\n",
        b"1\n2\n",
        b"1\n2\nAP8=",
        b"01\n2\n\n",
        b"-1\n2\n\n",
        b"1\n2\nAP8\n",
        b"1\r\n2\n\n",
        "１\n2\n\n".encode(),
        b"1\n2\n" + b"A" * 200_000 + b"\n",
    ],
)
def test_any_other_answer_is_none(raw: bytes) -> None:
    with pytest.raises(Refused, match=r"upload\.info"):
        parse_mirror_info(raw)
