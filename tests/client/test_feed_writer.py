import errno
import random
import time
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.partials import PARTIAL_SECONDS
from fenhe_client.writing.feed_writer import SECONDS_BETWEEN, FeedWriter
from fenhe_protocol.body import encode_salt
from fenhe_protocol.entry import Entry, plain_entry, record_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT
from tests.client import publish_until_killed
from tests.client.written_log import (
    KEY,
    NOW,
    ORIGIN,
    Written,
    entries_of,
    files_in,
    lines_of,
    log_in,
    records,
    verified,
)
from tests.forked import Speaking


@pytest.fixture
def log(tmp_path: Path) -> Written:
    return log_in(tmp_path)


def publish(log: Written, entries: list[Entry], now: int = NOW) -> int:
    return log.writer.publish(entries, key=KEY, now=now).size


def test_a_new_log_shows_a_checkpoint_of_size_0(log: Written) -> None:
    head = log.writer.recover(key=KEY, now=NOW)
    assert (head.size, head.root) == (0, EMPTY_ROOT)
    assert log.files.read(CHECKPOINT) == head.note
    assert verified(log.files).size == 0


def test_batches_of_any_size_make_one_log(log: Written) -> None:
    size = 0
    for count in (1, 255, 1, 0, 600, 3):
        size += count
        assert publish(log, records(size - count, count)) == size
        assert verified(log.files).size == size


def test_the_worked_example_is_written_byte_for_byte(log: Written) -> None:
    bodies = {
        "pub": '{"id":"A-1001","kind":"instrument","name_zh":"核磁共振波谱仪",'
        '"unit":"12140000000000019W"}',
        "hub": '{"id":"A-1001","kind":"instrument","unit":"12140000000000019W",'
        '"value_yuan":3200000}',
    }
    raw = {tier: body.encode() for tier, body in bodies.items()}
    salts = {"pub": bytes(range(16)), "hub": bytes(range(16, 32))}
    entries = [record_entry(ORIGIN, raw, salts), plain_entry(HeartbeatLeaf(1795392000))]
    head = log.writer.publish(entries, key=KEY, now=NOW)
    assert head.note.decode() == (
        "u1.example/fenhe/catalogue\n2\nqmph9f/iG/lh6uXOb3ulk7yY0Wi7b4DZaPakmH7HYz4=\n\n"
        "— u1.example/fenhe/catalogue ycS6epv3mf9VAWzKt9lm/Xb90T4fkvAcc/rJqczJvtqKUgW6e1oMuPRG1HS"
        "6moG0PLT2dK6p/4l1nT0nHkn6A+XImAw=\n"
    )
    for tier, body in bodies.items():
        line = f"0 {encode_salt(salts[tier])} {body}\n"
        assert log.files.read(f"body/{tier}/000") == line.encode()
    leaf = "1f431959737738b708e205e9558e1122a04d87b3533ef3b064bf4232d007a52a"
    assert (log.files.read("tile/0/000.p/2") or b"")[:32].hex() == leaf


def test_what_only_enrolled_readers_may_read_lies_apart(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 5))
    held = {str(path.relative_to(tmp_path / "held")) for path in (tmp_path / "held").rglob("0*")}
    assert held == {"body/hub/000"}
    assert (tmp_path / "public/body/pub/000").is_file()


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"{}"),
        Entry(records(0, 1)[0].leaf + b" " * 1024),
        Entry(records(0, 1)[0].leaf),
        Entry(records(1, 1)[0].leaf, {"pub": (encode_salt(bytes(16)), b"{}")}),
        plain_entry(EraseLeaf(((0, 9),), None, "law")),
    ],
    ids=["no leaf", "too long", "no body", "one body of two", "erases what is to come"],
)
def test_an_entry_that_no_reader_would_take_is_not_published(log: Written, entry: Entry) -> None:
    publish(log, records(0, 3))
    with pytest.raises(ValueError, match=r"leaf|expected"):
        publish(log, [*records(3, 2), entry])
    assert verified(log.files).size == 3


def test_a_body_that_is_not_the_one_committed_to_is_never_signed(log: Written) -> None:
    publish(log, records(0, 3))
    good = records(3, 1)[0]
    salt, _ = good.bodies["pub"]
    with pytest.raises(StoreError) as caught:
        publish(log, [Entry(good.leaf, {"pub": (salt, b'{"n":"other"}')})])
    assert caught.value.code == "store.damaged"
    assert log.writer.recover(key=KEY, now=NOW).size == 3
    assert verified(log.files).size == 3


def test_what_a_failed_publish_left_is_taken_away(log: Written) -> None:
    publish(log, records(0, 250))
    wrong = records(250, 300)
    salt, _ = wrong[-1].bodies["pub"]
    wrong[-1] = Entry(records(0, 1)[0].leaf, {"pub": (salt, b"{}")})
    with pytest.raises(StoreError):
        publish(log, wrong)
    assert max(index for index, _ in lines_of(log.files, 550)) > 250
    log.writer.recover(key=KEY, now=NOW)
    assert max(index for index, _ in lines_of(log.files, 550)) == 249
    assert log.files.read("body/pub/002") is None


class DiskThatFillsUp(Disk):
    """Has no room for the last file of a publish."""

    def rename(self, source: Path, target: Path) -> None:
        if "tile/1" in target.as_posix():
            raise OSError(errno.ENOSPC, "no room")
        super().rename(source, target)


def test_no_file_of_what_was_never_signed_is_left(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 250))
    before = files_in(tmp_path)
    full = log_in(tmp_path, disk=DiskThatFillsUp())
    with pytest.raises(StoreError):
        publish(full, records(250, 300))
    assert files_in(tmp_path).keys() > before.keys() | {"public/tile/0/001"}
    log.writer.recover(key=KEY, now=NOW)
    assert files_in(tmp_path) == before


def test_a_full_tile_that_was_never_signed_replaces_no_partial(
    log: Written, tmp_path: Path
) -> None:
    publish(log, records(0, 250))
    with pytest.raises(StoreError):
        publish(log_in(tmp_path, disk=DiskThatFillsUp()), records(250, 300))
    assert log.writer.sweep(int(time.time()) + PARTIAL_SECONDS + 60) == 0
    assert publish(log, records(250, 3)) == verified(log.files).size == 253


def test_two_programs_that_know_the_same_head_cannot_both_sign(log: Written) -> None:
    publish(log, records(0, 3))
    known = log.heads.get(ORIGIN)
    publish(log, records(3, 1))
    with pytest.raises(StoreError) as caught:
        log.heads.advance(ORIGIN, known, size=4, root=b"r" * 32, now=NOW)
    assert caught.value.code == "head.moved"


def test_a_head_store_put_back_from_a_backup_stops_the_writer(log: Written) -> None:
    publish(log, records(0, 3))
    old = (log.home / "head.sqlite").read_bytes()
    publish(log, records(3, 3))
    (log.home / "head.sqlite").write_bytes(old)
    with pytest.raises(StoreError) as caught:
        publish(log, records(3, 1))
    assert caught.value.code == "head.lost"


def test_a_head_store_that_is_gone_stops_the_writer(log: Written) -> None:
    publish(log, records(0, 3))
    (log.home / "head.sqlite").unlink()
    with pytest.raises(StoreError) as caught:
        log.writer.recover(key=KEY, now=NOW)
    assert caught.value.code == "head.lost"


def test_files_put_back_from_a_backup_stop_the_writer(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 300))
    (tmp_path / "public/checkpoint").unlink()
    (tmp_path / "public/tile/0/001.p/44").write_bytes(b"t" * 32 * 44)
    with pytest.raises(StoreError) as caught:
        log.writer.recover(key=KEY, now=NOW)
    assert caught.value.code == "head.files"


def test_a_checkpoint_that_is_gone_is_shown_again(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 300))
    note = log.files.read(CHECKPOINT)
    (tmp_path / "public/checkpoint").unlink()
    assert log.writer.recover(key=KEY, now=NOW).note == note == log.files.read(CHECKPOINT)


def test_a_tile_that_changed_on_disk_stops_the_next_publish(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 300))
    tile = tmp_path / "public/tile/0/001.p/44"
    tile.write_bytes(tile.read_bytes()[:-1] + b"?")
    with pytest.raises(StoreError) as caught:
        publish(log, records(300, 1))
    assert caught.value.code == "store.damaged"


def test_a_body_file_that_was_shortened_by_erasure_stays_so(log: Written, tmp_path: Path) -> None:
    publish(log, records(0, 6))
    path = tmp_path / "public/body/pub/000"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    publish(log, records(6, 1))
    assert path.read_bytes().startswith(b"".join(lines[1:]))


def test_a_second_epoch_is_a_log_of_its_own(log: Written) -> None:
    publish(log, records(0, 3))
    later = FeedWriter(ORIGIN + ".2", log_in(log.home / "second").files, log.heads)
    assert later.recover(key=KEY, now=NOW).size == 0


def test_at_most_one_publish_in_ten_seconds(log: Written) -> None:
    assert log.writer.seconds_until_allowed(NOW) == 0
    publish(log, records(0, 1), now=NOW)
    waits = [log.writer.seconds_until_allowed(NOW + after) for after in (0, 4, 9, 10, 99, -5)]
    assert waits == [SECONDS_BETWEEN, 6, 1, 0, 0, 0]


def test_partials_go_an_hour_after_the_full_one(log: Written) -> None:
    for size in (0, 100, 200):
        publish(log, records(size, 100))
    moment = int(time.time())
    assert log.writer.sweep(moment + PARTIAL_SECONDS - 60) == 0
    assert log.writer.sweep(moment + PARTIAL_SECONDS + 60) == 4
    left = sorted(path for of in ("tile/0", "tile/entries") for path in log.files.paths(of))
    assert left == [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]
    assert verified(log.files).size == 300


def test_a_log_is_gone_on_with_where_only_the_full_tiles_are_left(log: Written) -> None:
    publish(log, records(0, 256))
    assert log.writer.sweep(int(time.time()) + 2 * PARTIAL_SECONDS) == 0
    assert publish(log, records(256, 1)) == 257
    assert verified(log.files).size == 257


def test_another_key_signs_on_the_same_log(log: Written) -> None:
    publish(log, records(0, 3))
    other = SigningKey.from_seed(bytes(32))
    head = log.writer.publish(records(3, 1), key=other, now=NOW)
    assert head.note.startswith(b"u1.example/fenhe/catalogue\n4\n")


def test_killed_at_any_moment_nothing_signed_is_lost_or_signed_twice(tmp_path: Path) -> None:
    signed: dict[int, str] = {}
    chance = random.Random(20)
    for attempt in range(20):
        for size, root in killed(tmp_path, after=chance.uniform(0.02, 0.3)):
            assert signed.setdefault(size, root) == root
        log = log_in(tmp_path)
        head = log.writer.recover(key=KEY, now=NOW)
        assert signed.setdefault(head.size, head.root.hex()) == head.root.hex(), attempt
        assert head.size == max(signed)
    assert verified(log.files).size == max(signed) > 0
    assert len(entries_of(log.files, max(signed))) == max(signed)
    assert HeadStore(tmp_path / "head.sqlite").get(ORIGIN) is not None


def killed(home: Path, *, after: float) -> list[tuple[int, str]]:
    """The heads that a publishing process printed before it was killed."""
    with Speaking(publish_until_killed.main, home) as process:
        first = process.stdout.readline()
        time.sleep(after)
        process.kill()
        printed = [first, *process.stdout.readlines()]
    lines = [line.split() for line in printed if line.endswith(b"\n")]
    return [(int(size), root.decode()) for size, root in lines]
