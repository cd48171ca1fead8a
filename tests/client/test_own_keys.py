"""Which key signs is said by the served root documents, at once and in every process."""

from pathlib import Path

import pytest

from fenhe_client.keys.own_keys import OVERLAP_SECONDS, OwnKeys
from fenhe_client.keys.seeds import free_seed_file, make_seed
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import ROOT, FolderFiles, root_path
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_changes import compose_next, succeed_key
from fenhe_protocol.root_document import LogKeys, compose_root, sign_root

ORIGIN = "u1.example/fenhe"
NOW = 1_795_392_065
DAY = 86_400


class House:
    """Seeds and root documents in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW
        self.roots = FolderFiles(folder / "public", folder / "held", log=ROOT, disk=Disk())
        self.keys = OwnKeys(folder, self.roots, lambda: self.now)
        self.root = self.make("root")
        log, request, mirror = (self.make(purpose) for purpose in ("log", "request", "mirror"))
        self.show(
            1,
            compose_root(
                origin=ORIGIN,
                unit="12140000000000019W",
                url="https://u1.example/fenhe",
                time=NOW,
                root=[self.root.public],
                logs=[LogKeys(name, (KeyRange(log.public),)) for name in ("catalogue", "usage")],
                request=[request.public],
                cosign=mirror.public,
            ),
        )

    def make(self, purpose: str) -> SigningKey:
        return SigningKey.from_seed(make_seed(free_seed_file(self.folder, purpose)))

    def show(self, number: int, text: bytes) -> None:
        self.roots.write_all({root_path(number): sign_root(text, ORIGIN, [self.root])})


def test_a_key_signs_in_its_range_as_soon_as_the_document_lies_there(tmp_path: Path) -> None:
    house = House(tmp_path)
    old, new = house.keys.for_head(f"{ORIGIN}/catalogue", 10), house.make("log")
    # The seed alone changes nothing.
    assert house.keys.for_head(f"{ORIGIN}/catalogue", 11) == old
    (catalogue, usage) = house.keys.document.logs
    logs = [succeed_key(catalogue, new.public, size=10), usage]
    house.show(2, compose_next(house.keys.document, time=NOW, logs=logs))
    signing = [house.keys.for_head(f"{ORIGIN}/catalogue", size).public for size in (0, 10, 11, 99)]
    assert signing == [old.public, old.public, new.public, new.public]
    assert house.keys.for_head(f"{ORIGIN}/usage", 99) == old
    assert {file.name for file in tmp_path.glob("log*")} == {"log.seed", "log-2.seed"}


def test_requests_stay_signed_by_the_old_key_until_readers_have_looked(tmp_path: Path) -> None:
    house = House(tmp_path)
    old, new = house.keys.request, house.make("request")
    text = compose_next(house.keys.document, time=NOW, request=[old.public, new.public])
    house.show(2, text)
    assert house.keys.request == old
    house.now += OVERLAP_SECONDS
    assert house.keys.request == new
    # A later document about something else does not bring the old key back.
    house.show(3, compose_next(house.keys.document, time=house.now, url="https://moved.example"))
    assert house.keys.request == new


def test_a_request_key_of_a_thief_is_dropped_at_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    new = house.make("request")
    house.show(2, compose_next(house.keys.document, time=NOW, request=[new.public]))
    assert house.keys.request == new


def test_a_listed_key_that_is_elsewhere_is_named(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.keys.check()
    text = compose_next(
        house.keys.document, time=NOW, cosign=SigningKey.from_seed(bytes(32)).public
    )
    house.show(2, text)
    for ask in (house.keys.check, lambda: house.keys.mirror):
        with pytest.raises(SetupError, match=r"^keys\.absent: .*mirror\.seed"):
            ask()


def test_root_keys_may_be_anywhere(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert house.keys.root == [house.root]
    (tmp_path / "root.seed").unlink()
    fresh = OwnKeys(tmp_path, house.roots)
    fresh.check()
    assert fresh.root == []
    # On a stick that is pulled out: daily work goes on.
    (tmp_path / "root.seed").symlink_to("/media/stick/root.seed")
    fresh = OwnKeys(tmp_path, house.roots)
    fresh.check()
    assert fresh.root == []
