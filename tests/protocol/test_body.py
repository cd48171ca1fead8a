import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenhe_protocol.body import (
    BodyLine,
    Committer,
    FullFile,
    _read_good_file,
    _read_until_bad,
    commitment,
    decode_salt,
    encode_line,
    encode_lines,
    encode_salt,
    read_body_file,
    read_full_file,
)
from fenhe_protocol.encoding import b64u_encode
from tests.vectors import Case, as_bytes, load_cases

ORIGIN = "u1.example/fenhe/catalogue"
SALT = encode_salt(bytes(range(16)))
SALTS = st.binary(min_size=16, max_size=16)
BODIES = st.binary(max_size=50).filter(lambda body: b"\n" not in body)


@pytest.mark.parametrize("case", load_cases("commitments"))
def test_commitment_vectors(case: Case) -> None:
    given_ = case.input
    salt, body = bytes.fromhex(given_["salt"]), as_bytes(given_["body"])
    made = commitment(given_["origin"], given_["tier"], salt, body)
    assert b64u_encode(made) == case.expected["commitment"]
    line = BodyLine(7, encode_salt(salt), body)
    assert Committer(given_["origin"], given_["tier"]).of_line(line) == made


@given(
    st.dictionaries(st.integers(512, 767), st.tuples(st.binary(min_size=16, max_size=16), BODIES))
)
def test_lines_are_read_back(bodies: dict[int, tuple[bytes, bytes]]) -> None:
    lines = [
        BodyLine(index, encode_salt(salt), body) for index, (salt, body) in sorted(bodies.items())
    ]
    assert read_body_file(b"".join(map(encode_line, lines)), 2) == (lines, False)


@given(st.binary(max_size=40))
def test_what_stands_before_a_bad_line_counts(tail: bytes) -> None:
    good = encode_line(BodyLine(3, SALT, b"{}"))
    lines, ended_early = read_body_file(good + tail, 0)
    assert lines[0] == BodyLine(3, SALT, b"{}")
    assert ended_early or b"".join(map(encode_line, lines)) == good + tail


PARTS = st.sampled_from(
    [b"512 ", b"513 ", b"0513 ", b"767 ", b"768 ", SALT.encode(), b" ", b"{}", b"\n", b"x", b"5"]
)
LINES = st.integers(510, 514).map(lambda index: encode_line(BodyLine(index, SALT, b"{}")))


@given(st.lists(PARTS | LINES, max_size=12).map(b"".join))
def test_a_file_read_in_one_go_is_what_it_is_line_by_line(raw: bytes) -> None:
    together = _read_good_file(raw, 2)
    lines, ended_early = _read_until_bad(raw, 2)
    assert together == (None if ended_early or not raw else lines)


@pytest.mark.parametrize(
    ("index", "length", "fits"), [(0, 262_144 - 26, True), (0, 262_144 - 25, False)]
)
def test_a_line_has_at_most_262144_bytes(index: int, length: int, fits: bool) -> None:
    raw = b"%d %b %b\n" % (index, SALT.encode(), b"y" * length)
    assert read_body_file(raw, 0)[1] is not fits
    line = BodyLine(index, SALT, b"y" * length)
    if fits:
        assert encode_line(line) == raw
    else:
        with pytest.raises(ValueError, match="no body line"):
            encode_line(line)


@pytest.mark.parametrize("line", [BodyLine(0, SALT, b"{\n}"), BodyLine(-1, SALT, b"{}")])
def test_a_line_that_could_not_be_read_is_not_written(line: BodyLine) -> None:
    with pytest.raises(ValueError, match="no body line"):
        encode_line(line)


ANY_LINE = st.builds(
    BodyLine,
    st.integers(-2, 600) | st.just(10**16),
    st.binary(min_size=16, max_size=16).map(b64u_encode)
    | st.text("AB_-+= \n", min_size=21, max_size=23),
    st.binary(max_size=5) | st.sampled_from([b"{\n}", b"x" * 262_200]),
)


@given(st.lists(ANY_LINE, max_size=4))
def test_many_lines_are_written_as_each_is_alone(lines: list[BodyLine]) -> None:
    try:
        alone = b"".join(map(encode_line, lines))
    except ValueError:
        with pytest.raises(ValueError, match="no body line"):
            encode_lines(lines)
    else:
        assert encode_lines(lines) == alone


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_salt_has_16_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        encode_salt(bytes(length))


def file_of(start: int, bodies: list[bytes]) -> bytes:
    return b"".join(encode_line(BodyLine(start + i, SALT, b)) for i, b in enumerate(bodies))


@given(st.sampled_from([0, 7, 95, 256, 9_990, 2**40]), st.lists(st.binary(max_size=9), max_size=9))
def test_a_full_file_is_what_its_lines_are(start: int, bodies: list[bytes]) -> None:
    bodies = [body.replace(b"\n", b"") for body in bodies]
    found = read_full_file(file_of(start, bodies), range(start, start + len(bodies)))
    full = FullFile([decode_salt(SALT)] * len(bodies), bodies)
    assert found == (full if bodies else None)


@given(
    st.integers(0, 3).flatmap(lambda n: st.just([b"{}"] * n)),
    st.lists(st.tuples(st.integers(0, 99), st.binary(max_size=2), st.booleans()), max_size=3),
)
@example([b"{}"] * 3, [(0, b"", True)])
def test_what_passes_for_a_full_file_is_one(
    bodies: list[bytes], changes: list[tuple[int, bytes, bool]]
) -> None:
    raw = file_of(10, bodies)
    for at, put, instead in changes:
        at %= len(raw) + 1
        raw = raw[:at] + put + raw[at + (len(put) if instead else 0) :]
    found = read_full_file(raw, range(10, 13))
    lines, bad = read_body_file(raw, 0)
    good = not bad and [line.index for line in lines] == [10, 11, 12]
    assert (found is not None) == good
    if found is not None:
        assert found.bodies == [line.body for line in lines]
        assert found.salts == [decode_salt(line.salt) for line in lines]


@pytest.mark.parametrize("length", [262_144, 262_145])
def test_a_full_file_has_no_line_that_is_too_long(length: int) -> None:
    head = b"10 %b " % SALT.encode()
    raw = head + b"x" * (length - len(head) - 1) + b"\n"
    assert (read_full_file(raw, range(10, 11)) is None) == (length > 262_144)
