"""The verified head as it lies on the disk, and the tree below it."""

from pathlib import Path

import pytest

from fenhe_client.reading.visit import Outcome
from fenhe_client.stored import stored_head
from fenhe_client.stored.files import stored_hashes
from fenhe_client.stored.stored_head import forgetful_hashes, load_head
from fenhe_protocol.errors import Deferred, StoreError
from fenhe_protocol.reading import LogHead
from tests.client.unit_log import CATALOGUE, NOW, DictFetcher, Mirror, Publisher, instrument


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """A mirror of 300 instruments, copied as they are."""
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(300)])
    mirror = Mirror(tmp_path / "hub")
    mirror.store.write_all(files)
    return mirror


def test_before_the_first_visit_the_head_is_that_of_the_empty_log(tmp_path: Path) -> None:
    assert load_head(Mirror(tmp_path).store, CATALOGUE) == LogHead(CATALOGUE)


def test_a_stored_head_comes_with_its_tree(mirror: Mirror) -> None:
    head = load_head(mirror.store, CATALOGUE)
    assert (head.size, head.range.root()) == (300, head.root)


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_damage_on_our_own_disk_is_told_as_such(path: str, mirror: Mirror) -> None:
    raw = mirror.store.read(path)
    assert raw is not None
    mirror.store.write_all({path: raw[:-1]})
    with pytest.raises(StoreError) as caught:
        load_head(mirror.store, CATALOGUE)
    assert caught.value.code == "store.damaged"


def test_hashes_stay_the_same_however_many_are_read(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_head, "_HASHES_HELD", 7)
    forgetful, plain = forgetful_hashes(mirror.store, 300), stored_hashes(mirror.store, 300)
    for index in range(300):
        assert forgetful(0, index) == plain(0, index)


@pytest.mark.parametrize("code", ["visit.time", "visit.bytes"])
async def test_a_visit_that_brought_nothing_on_is_not_repeated_at_once(
    code: str, tmp_path: Path
) -> None:
    fetcher = DictFetcher({}, lambda path: Deferred(code))
    report = await Mirror(tmp_path).reader().visit(fetcher, now=NOW)
    assert (report.outcome, report.more) == (Outcome.DEFER, False)


async def test_without_any_share_of_leaves_a_visit_is_deferred(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(300)])
    mirror = Mirror(tmp_path / "hub")
    report = await mirror.reader().visit(DictFetcher(files), now=NOW, max_leaves=0)
    assert (report.outcome, report.more, report.leaves) == (Outcome.DEFER, False, 0)
    assert report.error is not None
    assert report.error.code == "visit.leaves"
