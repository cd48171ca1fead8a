"""Whole logs verified in memory: ours with their bodies, and any other tlog-tiles log."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.reading.log_files import FolderFetcher, log_folders
from fenhe_client.reading.verify import Verified, verify_log
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred, PublisherError, Refused, SetupError
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.schema import SchemaSet
from tests.client.tiles_log import TilesLog
from tests.client.unit_log import (
    CATALOGUE,
    KEY,
    NOW,
    USCC,
    DictFetcher,
    Files,
    Publisher,
    instrument,
)
from tests.laws import examples

OUR_KEY = VerifierKey(CATALOGUE, ED25519, KEY.public)


async def verified(
    files: Mapping[str, bytes], key: VerifierKey = OUR_KEY, *, foreign: bool = False
) -> Verified:
    return await verify_log(DictFetcher(files), key, SchemaSet.load(), foreign=foreign)


async def refusal(files: Mapping[str, bytes], key: VerifierKey = OUR_KEY) -> str:
    with pytest.raises(PublisherError) as caught:
        await verified(files, key)
    return caught.value.code


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """300 instruments, one of them refused, two erased in one tier, and a heartbeat."""
    entries = [instrument(n) for n in range(299)] + [instrument(299, name_zh=7)]
    entries += [plain_entry(EraseLeaf(((3, 5),), ("hub",), "law"))]
    entries += [plain_entry(HeartbeatLeaf(NOW))]
    files = Publisher(tmp_path_factory.mktemp("ours")).publish(entries)
    lines = files["body/hub/000"].splitlines(keepends=True)
    return Files(files | {"body/hub/000": b"".join(lines[:3] + lines[5:])})


async def test_a_log_of_ours_is_verified_and_counted(ours: Files) -> None:
    found = (await verified(ours)).members()
    assert (found["origin"], found["size"], found["foreign"]) == (CATALOGUE, 302, False)
    assert found["unit"] == USCC
    assert found["leaves"] == {"records": 300, "erasures": 1, "heartbeats": 1}
    assert found["bodies"]["pub"]["valid"] == 299
    assert found["bodies"]["pub"]["refused"] == {"schema": 1}
    assert found["bodies"]["hub"]["erased"] == 2
    assert found["bodies"]["hub"]["withheld"] == 0
    assert found["last_heartbeat"] == "2026-11-23T08:01:05+08:00"


async def test_bodies_that_are_not_there_are_counted_as_withheld(ours: Files) -> None:
    files = {path: raw for path, raw in ours.items() if path != "body/pub/001"}
    found = (await verified(files)).members()
    assert found["bodies"]["pub"]["withheld"] == 44


async def test_a_tier_that_is_not_for_us_is_asked_for_once(ours: Files) -> None:
    denied = Deferred("fetch.denied")
    fetcher = DictFetcher(ours, lambda path: denied if path.startswith("body/hub") else None)
    found = (await verify_log(fetcher, OUR_KEY, SchemaSet.load())).members()
    assert found["bodies"]["hub"]["readable"] is False
    assert found["bodies"]["hub"]["withheld"] is None
    assert fetcher.asked.count("body/hub/000") == 1
    assert "body/hub/001" not in fetcher.asked


async def test_an_erased_body_that_is_still_served_is_told(ours: Files, tmp_path: Path) -> None:
    erase = plain_entry(EraseLeaf(((0, 1),), None, "law"))
    files = Publisher(tmp_path).publish([instrument(0), erase])
    assert (await verified(files)).members()["bodies"]["pub"]["erased_but_served"] == 1


async def test_one_altered_byte_of_a_body_is_refused(ours: Files) -> None:
    raw = ours["body/pub/000"].replace("示例仪器 77".encode(), "示例仪器 78".encode())
    with pytest.raises(Refused) as caught:
        await verified(Files(ours | {"body/pub/000": raw}))
    assert caught.value.code == "body.altered"
    assert caught.value.where == f"{CATALOGUE}#77/pub"


async def test_a_checkpoint_by_another_key_is_refused(ours: Files) -> None:
    other = SigningKey.from_seed(b"other".ljust(32)).public
    with pytest.raises(Refused, match=r"checkpoint\.unsigned") as caught:
        await verified(ours, VerifierKey(CATALOGUE, ED25519, other))
    assert "--fingerprint" in str(caught.value)  # the key may have been rotated


async def test_a_log_without_a_checkpoint_is_deferred() -> None:
    with pytest.raises(Deferred) as caught:
        await verified({})
    assert caught.value.code == "fetch.absent"


async def test_a_missing_tile_is_deferred(ours: Files) -> None:
    files = {path: raw for path, raw in ours.items() if path != "tile/0/000"}
    with pytest.raises(Deferred) as caught:
        await verified(files)
    assert caught.value.where == "tile/0/000"


@examples(80)
@given(data=st.data())
def test_a_flipped_bit_anywhere_never_verifies(data: st.DataObject, ours: Files) -> None:
    path = data.draw(st.sampled_from(sorted(path for path in ours if not path.startswith("body"))))
    bit = data.draw(st.integers(0, 8 * len(ours[path]) - 1))
    raw = bytearray(ours[path])
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises((PublisherError, Deferred)):
        asyncio.run(verified(ours | {path: bytes(raw)}))


@pytest.mark.parametrize("size", [0, 1, 2, 15, 255, 256, 257, 1000, 65_537])
async def test_a_log_that_others_wrote_verifies(size: int) -> None:
    log = TilesLog("example.com/other", [b"entry %d" % n for n in range(size)])
    found = (await verified(log.files(), VerifierKey.parse(log.vkey))).members()
    assert (found["size"], found["foreign"]) == (size, True)


async def test_a_foreign_log_may_have_long_entries_and_a_key_of_another_name() -> None:
    log = TilesLog("go.sum database tree", [b"x" * 65_535, b"", b"\xff"], key_name="sum.example")
    found = await verified(log.files(), VerifierKey.parse(log.vkey))
    assert found.tree.origin == "go.sum database tree"


async def test_a_foreign_log_under_one_of_our_names_is_told_by_its_leaves() -> None:
    log = TilesLog("u9.example/x/catalogue", [b"not ours %d" % n for n in range(300)])
    assert (await verified(log.files(), VerifierKey.parse(log.vkey))).tally is None


async def test_our_own_log_can_be_verified_as_a_foreign_one(ours: Files) -> None:
    assert (await verified(ours, foreign=True)).tally is None


async def test_a_partial_that_is_gone_is_cut_from_the_full_one() -> None:
    whole = TilesLog("example.com/other", [b"entry %d" % n for n in range(512)])
    log = TilesLog("example.com/other", whole.entries[:300])
    files = {path: raw for path, raw in log.files().items() if ".p/44" not in path}
    files = whole.files() | files
    assert (await verified(files, VerifierKey.parse(log.vkey))).tree.size == 300


@examples(80)
@given(data=st.data())
def test_a_flipped_bit_in_a_foreign_log_never_verifies(data: st.DataObject) -> None:
    log = TilesLog("example.com/other", [b"entry %d" % n for n in range(300)])
    files = log.files()
    path = data.draw(st.sampled_from(sorted(files)))
    bit = data.draw(st.integers(0, 8 * len(files[path]) - 1))
    raw = bytearray(files[path])
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises((PublisherError, Deferred)):
        asyncio.run(verified(files | {path: bytes(raw)}, VerifierKey.parse(log.vkey)))


@pytest.mark.parametrize("below", ["", "catalogue", "public", "public/catalogue"])
async def test_a_log_is_found_in_a_folder_a_home_or_a_mirror(below: str, tmp_path: Path) -> None:
    log = TilesLog("example.com/other", [b"a"])
    log.write(tmp_path / below)
    fetcher = FolderFetcher(*log_folders(tmp_path, "catalogue"))
    key = VerifierKey.parse(log.vkey)
    assert (await verify_log(fetcher, key, SchemaSet.load())).tree.size == 1


def test_a_folder_without_a_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError):
        log_folders(tmp_path, "catalogue")
