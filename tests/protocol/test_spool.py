import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, open_checkpoint, sign_checkpoint
from fenhe_protocol.errors import Deferred, Forked, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import CompactRange, leaf_hashes
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import KEPT_SECONDS, Progress, Spool
from fenhe_protocol.tiles import Tile, build_tiles, bundles_between, encode_bundle
from tests.laws import examples
from tests.protocol.memory_visit import MemoryReader

ORIGIN = "u1.example/fenhe/catalogue"
KEY = SigningKey.from_seed(bytes(range(32)))
NOW = 1795392065


def entries_of(size: int, *, other_from: int | None = None) -> list[bytes]:
    fork = size if other_from is None else other_from
    return [b"%d" % n if n < fork else b"other %d" % n for n in range(size)]


def no_partial(tile: Tile) -> bytes:
    raise AssertionError(tile)


def served(entries: list[bytes], *, signed: list[bytes] | None = None) -> dict[str, bytes]:
    """The files of a log; its checkpoint may be over other entries than it serves."""
    known = CompactRange()
    known.extend(leaf_hashes(entries if signed is None else signed))
    tiles = build_tiles(0, leaf_hashes(entries), no_partial)
    files = {tile.path: raw for tile, raw in tiles}
    for bundle in bundles_between(0, len(entries)):
        start = bundle.index * 256
        files[bundle.path] = encode_bundle(entries[start : start + bundle.width])
    head = Checkpoint(ORIGIN, known.size, known.root())
    return files | {"checkpoint": sign_checkpoint(head, KEY)}


def reader_at(size: int) -> MemoryReader:
    reader = MemoryReader(ORIGIN, [KeyRange(KEY.public)])
    if size:
        assert reader.visit(served(entries_of(size)), now=NOW) == "OK"
    reader.asked.clear()
    return reader


@examples(30)
@given(st.lists(st.integers(0, 1500), min_size=1, max_size=4), st.integers(256, 700))
def test_a_log_read_in_many_visits_is_read_whole(sizes: list[int], max_leaves: int) -> None:
    reader = reader_at(0)
    for size in sorted(sizes):
        files = served(entries_of(size))
        for visit in range(20):
            outcome = reader.visit(files, now=NOW + visit, max_leaves=max_leaves)
            if outcome == "OK":
                break
            assert reader.head.size <= len(reader.entries)
        assert (reader.head.size, reader.entries) == (size, entries_of(size))
        assert reader.kept is None


def test_nothing_is_admitted_before_the_root_agreed() -> None:
    reader = reader_at(10)
    assert reader.visit(served(entries_of(900)), now=NOW, max_leaves=300) == "DEFER"
    assert reader.head.size == len(reader.entries) == 10
    assert len(reader.spool) == 246


def test_the_next_visit_goes_on_to_the_same_checkpoint() -> None:
    reader = reader_at(0)
    reader.visit(served(entries_of(600)), now=NOW, max_leaves=300)
    reader.asked.clear()
    assert reader.visit(served(entries_of(600)), now=NOW) == "OK"
    assert reader.asked == ["tile/entries/001", "tile/entries/002.p/88"]


def test_what_was_kept_is_dropped_after_a_day_without_an_entry() -> None:
    reader = reader_at(0)
    reader.visit(served(entries_of(600)), now=NOW, max_leaves=300)
    reader.asked.clear()
    reader.visit(served(entries_of(600)), now=NOW + KEPT_SECONDS)
    assert reader.asked[:2] == ["checkpoint", "tile/entries/000"]
    assert reader.entries == entries_of(600)


def test_what_was_kept_is_dropped_when_a_file_is_absent() -> None:
    reader = reader_at(0)
    files = served(entries_of(600))
    reader.visit(files, now=NOW, max_leaves=300)
    assert reader.visit({"checkpoint": files["checkpoint"]}, now=NOW) == "DEFER"
    assert (reader.kept, reader.spool) == (None, [])


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"\xff" * 1000])
def test_what_was_kept_is_dropped_when_a_file_does_not_fit(raw: bytes) -> None:
    reader = reader_at(0)
    files = served(entries_of(600))
    reader.visit(files, now=NOW, max_leaves=300)
    assert reader.visit(files | {"tile/entries/001": raw}, now=NOW) == "REFUSE"
    assert (reader.kept, reader.spool) == (None, [])


def test_a_partial_that_is_gone_is_cut_from_the_full_one() -> None:
    reader = reader_at(0)
    files, later = served(entries_of(600)), served(entries_of(1000))
    del files["tile/entries/002.p/88"]
    assert reader.visit(later | files, now=NOW) == "OK"
    assert reader.entries == entries_of(600)


@pytest.mark.parametrize("other_from", [0, 255, 256, 399])
@pytest.mark.parametrize("with_tiles", [True, False])
def test_another_history_below_the_stored_size_is_a_fork(other_from: int, with_tiles: bool) -> None:
    reader = reader_at(400)
    files = served(entries_of(900, other_from=other_from))
    if not with_tiles:
        files = {path: raw for path, raw in files.items() if not path.startswith("tile/0")}
    first_note = reader.head.note
    assert reader.visit(files, now=NOW) == "QUARANTINE"
    assert reader.evidence == (first_note, files["checkpoint"])
    assert reader.error is not None
    assert reader.error.where == f"{ORIGIN} index {other_from}"
    assert (reader.head.size, reader.kept, reader.spool) == (400, None, [])


def test_a_fork_beyond_one_visit_is_found_at_the_next() -> None:
    reader = reader_at(1000)
    files, outcomes = served(entries_of(1300, other_from=0)), []
    for visit in range(9):
        outcomes.append(reader.visit(files, now=NOW + visit, max_leaves=300))
        if outcomes[-1] == "QUARANTINE":
            break
    assert outcomes == ["DEFER"] * (len(outcomes) - 1) + ["QUARANTINE"]
    assert len(outcomes) > 2


@pytest.mark.parametrize("size", [0, 400])
def test_a_root_over_other_entries_than_served_is_refused_and_forgotten(size: int) -> None:
    reader = reader_at(size)
    files = served(entries_of(900), signed=entries_of(900, other_from=0))
    assert reader.visit(files, now=NOW) == "REFUSE"
    assert reader.error is not None
    assert reader.error.code == "log.root-differs"
    assert (reader.head.size, reader.kept, reader.spool) == (size, None, [])
    assert reader.visit(served(entries_of(900)), now=NOW) == "OK"


def test_an_old_entry_that_differs_under_a_root_that_fits_is_refused() -> None:
    reader = reader_at(260)
    files = served(entries_of(300))
    changed = entries_of(300)[256:]
    changed[3] = b"changed"
    files["tile/entries/001.p/44"] = encode_bundle(changed)
    assert reader.visit(files, now=NOW) == "REFUSE"
    assert reader.error is not None
    assert (reader.error.code, reader.error.where) == ("log.entry-differs", f"{ORIGIN} index 259")


@examples(60)
@given(st.sampled_from(["checkpoint", "tile/entries/001", "tile/entries/002.p/188"]), st.data())
def test_one_changed_byte_in_a_file_that_is_needed_admits_nothing(
    path: str, data: st.DataObject
) -> None:
    files, reader = served(entries_of(700)), reader_at(300)
    raw = bytearray(files[path])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    assert reader.visit(files | {path: bytes(raw)}, now=NOW) == "REFUSE"
    assert (reader.head.size, reader.entries) == (300, entries_of(300))


def spool_at(size: int, target: int) -> Spool:
    reader = reader_at(size)
    raw = served(entries_of(target))["checkpoint"]
    opened = open_checkpoint(raw, origin=ORIGIN, keys=reader.keys)
    progress = Progress.start(reader.head, opened, NOW)
    return Spool(reader.head, progress, stored=reader.stored, spooled=list, now=NOW)


def test_a_claimed_size_is_not_walked_before_it_is_read() -> None:
    head = LogHead(ORIGIN)
    raw = sign_checkpoint(Checkpoint(ORIGIN, 2**53 - 1, b"r" * 32), KEY)
    opened = open_checkpoint(raw, origin=ORIGIN, keys=[KeyRange(KEY.public)])
    spool = Spool(head, Progress.start(head, opened, NOW), stored=no_hash, spooled=list, now=NOW)
    assert sum(1 for _ in spool.needed()) == 200_000 // 256


def no_hash(level: int, index: int) -> bytes:
    raise AssertionError((level, index))


def test_files_are_taken_in_order_only() -> None:
    spool = spool_at(0, 600)
    second = list(spool.needed())[1]
    with pytest.raises(ValueError, match="out of order"):
        spool.take(second, second[0], encode_bundle(entries_of(600)[256:512]))


def test_a_head_is_not_given_out_before_it_is_proven() -> None:
    with pytest.raises(ValueError, match="0 of 600"):
        spool_at(0, 600).finish()


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Deferred("fetch.timeout"), True),
        (Refused("fetch.size"), False),
        (Forked("log.fork"), False),
    ],
)
def test_a_broken_transfer_keeps_what_was_read_and_a_bad_file_does_not(
    error: Deferred | Refused | Forked, kept: bool
) -> None:
    spool = spool_at(0, 600)
    spool.failed(error)
    assert (spool.kept() is not None) is kept


@given(st.integers(0, 10**9), st.none() | st.integers(0, 10), st.none() | st.integers(0, 40))
def test_progress_is_stored_and_read_back(now: int, differs: int | None, older: int | None) -> None:
    known, below = CompactRange(), CompactRange()
    known.extend(leaf_hashes(entries_of(77)))
    below.extend(leaf_hashes(entries_of(older or 0)))
    progress = Progress(b"note", b"b" * 32, known, now, differs, None if older is None else below)
    assert Progress.decode(progress.encode()) == progress


def test_progress_from_another_head_is_not_gone_on_with() -> None:
    reader = reader_at(10)
    opened = open_checkpoint(
        served(entries_of(20))["checkpoint"], origin=ORIGIN, keys=[KeyRange(KEY.public)]
    )
    progress = Progress.start(reader.head, opened, NOW)
    assert progress.fits(reader.head, NOW)
    assert not progress.fits(reader_at(11).head, NOW)
