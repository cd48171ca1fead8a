"""The spool between visits: what was kept goes on, what is damaged or lost starts again."""

from pathlib import Path

import pytest

from fenhe_client.reading.visit import Outcome
from fenhe_protocol.errors import Deferred, FenheError, StoreError
from fenhe_protocol.reading import LogHead
from fenhe_protocol.tiles import EntryBundle
from tests.client.unit_log import CATALOGUE, NOW, DictFetcher, Files, Mirror, Publisher, instrument

DAY = 86_400


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    unit = Publisher(tmp_path_factory.mktemp("unit"))
    return unit.publish([instrument(n, tiers=("pub",)) for n in range(1024)])


async def begun(mirror: Mirror, files: Files) -> None:
    """A visit that ends after two bundles and the checkpoint."""
    left = [3]

    def before(path: str) -> FenheError | None:
        left[0] -= 1
        return Deferred("visit.bytes") if left[0] < 0 else None

    report = await mirror.reader().visit(DictFetcher(files, before), now=NOW)
    assert (report.outcome, report.more) == (Outcome.DEFER, True)
    assert report.leaves == 512


async def asked_next(mirror: Mirror, files: Files, now: int = NOW) -> list[str]:
    """The first two files that the next visit asks for."""
    fetcher = DictFetcher(files)
    report = await mirror.reader().visit(fetcher, now=now)
    assert (report.outcome, report.head.size) == (Outcome.OK, 1024)
    assert mirror.files() == files
    return fetcher.asked[:2]


async def test_the_next_visit_goes_on_without_a_checkpoint(files: Files, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    assert await asked_next(mirror, files) == ["tile/entries/002", "tile/entries/003"]
    assert mirror.spooled() == {}


async def test_after_a_day_without_an_entry_it_starts_again(files: Files, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    assert await asked_next(mirror, files, NOW + DAY) == ["checkpoint", "tile/entries/000"]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"note":"!"}'])
async def test_a_damaged_progress_starts_again(raw: bytes, files: Files, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    (tmp_path / "spool" / "progress.json").write_bytes(raw)
    assert await asked_next(mirror, files) == ["checkpoint", "tile/entries/000"]


async def test_a_spool_that_was_deleted_starts_again(files: Files, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    (tmp_path / "spool" / "progress.json").unlink()
    assert await asked_next(mirror, files) == ["checkpoint", "tile/entries/000"]


async def test_a_spool_of_which_a_part_was_deleted_starts_again(
    files: Files, tmp_path: Path
) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    (tmp_path / "spool" / "tile" / "entries" / "001").unlink()
    with pytest.raises(StoreError):
        await asked_next(mirror, files)
    assert await asked_next(mirror, files) == ["checkpoint", "tile/entries/000"]


async def test_nothing_of_the_spool_is_shown_before_the_root_agrees(
    files: Files, tmp_path: Path
) -> None:
    mirror = Mirror(tmp_path)
    await begun(mirror, files)
    assert mirror.files() == {}
    assert "tile/entries/001" in mirror.spooled()


def test_a_bundle_that_was_never_added_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Mirror(tmp_path).spool.read(EntryBundle(0), LogHead(CATALOGUE))


def test_bundles_are_those_between_the_head_and_the_end(tmp_path: Path) -> None:
    spool, head = Mirror(tmp_path).spool, LogHead(CATALOGUE)
    assert list(spool.bundles(head, 600, 512)) == [EntryBundle(0), EntryBundle(1)]
