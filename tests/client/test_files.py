import time
from pathlib import Path

import pytest

from fenhe_client.stored.files import (
    CHECKPOINT,
    ROOT,
    FolderFiles,
    is_held,
    read_bundle,
    read_tile,
    root_path,
    stored_hashes,
)
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.merkle import CompactRange, leaf_hashes, root_at
from fenhe_protocol.tiles import EntryBundle, Tile, build_tiles, encode_bundle

LEAVES = [b"%d" % number for number in range(300)]


def files_in(home: Path, log: str = "catalogue") -> FolderFiles:
    return FolderFiles(home / "public", home / "held", log=log)


@pytest.mark.parametrize(
    ("log", "path", "held"),
    [
        ("catalogue", "checkpoint", False),
        ("catalogue", "tile/0/000", False),
        ("catalogue", "tile/entries/000.p/2", False),
        ("catalogue", "body/pub/000", False),
        ("catalogue.2", "body/hub/000", True),
        ("catalogue", "body/nat/000", True),
        ("fed", "body/to/000", True),
        ("fed", "body/pub/000", False),
        ("fed", "checkpoint", False),
        ("usage", "checkpoint", True),
        ("usage.3", "tile/0/000", True),
        ("usage", "body/pub/000", True),
        (ROOT, "root/1", False),
    ],
)
def test_who_may_read_what(tmp_path: Path, log: str, path: str, held: bool) -> None:
    assert is_held(log, path) is held
    files = files_in(tmp_path, log)
    files.write_all({path: b"data"})
    assert (tmp_path / ("held" if held else "public") / path).read_bytes() == b"data"
    assert files.read(path) == b"data"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../checkpoint",
        "/etc/passwd",
        "checkpoint/",
        "tile/0/../000",
        "body/pub",
        "root/1",
    ],
)
def test_a_path_that_a_log_cannot_have_is_refused(tmp_path: Path, path: str) -> None:
    files = files_in(tmp_path)
    for attempt in (files.read, files.changed_at, lambda p: files.write_all({p: b""})):
        with pytest.raises(ValueError, match="no path of a"):
            attempt(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["root/0", "root/01", "root/", "checkpoint", "root/1/2"])
def test_a_unit_has_root_documents_only(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="no path of a root document"):
        files_in(tmp_path, ROOT).read(path)
    assert root_path(12) == "root/12"


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    assert files.read(CHECKPOINT) is None
    assert files.changed_at(CHECKPOINT) is None
    files.write_all({"tile/0/000": b""})
    assert files.read("tile/0/000.p/3") is None


def test_files_are_replaced_and_removed(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    files.write_all({"body/pub/000": b"one", "body/hub/000": b"two"})
    files.write_all({"body/pub/000": b"three"})
    files.remove(["body/hub/000", "body/hub/001"])
    assert files.read("body/pub/000") == b"three"
    assert files.read("body/hub/000") is None
    changed = files.changed_at("body/pub/000")
    assert changed is not None
    assert abs(changed - time.time()) < 60


def test_listing_shows_the_files_of_a_folder_and_nothing_strange(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    paths = ["tile/0/000.p/5", "tile/0/x001/234", "tile/entries/000", "body/pub/000"]
    files.write_all(dict.fromkeys(paths, b""))
    (tmp_path / "public/tile/0/.000.new").write_bytes(b"")
    (tmp_path / "public/tile/0/README").write_bytes(b"")
    assert sorted(files.paths("tile/0")) == paths[:2]
    assert list(files.paths("tile/entries")) == ["tile/entries/000"]
    assert list(files.paths("body/pub")) == ["body/pub/000"]
    assert list(files.paths("body/hub")) == []


@pytest.mark.parametrize("folder", ["", ".", "..", "tile", "tile/64/..", "body/node"])
def test_only_folders_of_a_feed_are_listed(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ValueError, match="no folder"):
        list(files_in(tmp_path).paths(folder))


def test_a_partial_that_is_gone_is_read_from_the_full_one(tmp_path: Path) -> None:
    files, hashes = files_in(tmp_path), leaf_hashes(LEAVES[:256])
    files.write_all({"tile/0/000": b"".join(hashes)})
    files.write_all({"tile/entries/000": encode_bundle(LEAVES[:256])})
    assert read_tile(files, Tile(0, 0, 5)) == b"".join(hashes[:5])
    assert read_bundle(files, EntryBundle(0, 5), max_entry=9) == LEAVES[:5]


def test_a_tile_or_bundle_that_is_gone_is_a_store_error(tmp_path: Path) -> None:
    for read in (
        lambda: read_tile(files_in(tmp_path), Tile(0, 0, 5)),
        lambda: read_bundle(files_in(tmp_path), EntryBundle(0, 5), max_entry=9),
    ):
        with pytest.raises(StoreError) as caught:
            read()
        assert caught.value.code == "store.absent"


def test_a_tile_of_another_length_is_refused(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    files.write_all({"tile/0/000.p/5": b"short"})
    with pytest.raises(Refused):
        read_tile(files, Tile(0, 0, 5))


def test_stored_tiles_give_former_roots(tmp_path: Path) -> None:
    files, known = files_in(tmp_path), CompactRange()
    tiles = build_tiles(0, leaf_hashes(LEAVES), lambda tile: b"")
    files.write_all({tile.path: raw for tile, raw in tiles})
    known.extend(leaf_hashes(LEAVES[:217]))
    assert root_at(217, stored_hashes(files, 300)) == known.root()
