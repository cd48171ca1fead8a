"""Partials of the mirror go an hour after the full ones, and nothing that rests on them is lost."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Answer
from fenhe_client.reading.log_files import FolderFetcher
from fenhe_client.reading.verify import verify_log
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.partials import PARTIAL_SECONDS
from fenhe_hub.home import locked
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.sweep import sweep
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.schema import SchemaSet
from tests.hub.fake_node import instrument
from tests.hub.houses import served
from tests.hub.provinces import Province, founded

LATER = 2 * PARTIAL_SECONDS
FIRST, SECOND = 200, 100  # leaves before and after the first block is full
SWEPT = ("tile/entries/000.p/200", "tile/0/000.p/200")
KEPT = ("tile/entries/000", "tile/0/000", "tile/entries/001.p/44", "tile/0/001.p/44")


class OlderReader:
    """Reads a folder as one who took its checkpoint before the log went on."""

    def __init__(self, note: bytes, *folders: Path) -> None:
        self._note, self._files, self.asked = note, FolderFetcher(*folders), list[str]()

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        self.asked.append(path)
        if path == CHECKPOINT:
            return Answer(OK, self._note)
        return await self._files.get(path, limit=limit, etag=etag, fresh=fresh)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    """One unit whose first block filled up between two visits."""
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        for start, count in ((0, FIRST), (FIRST, SECOND)):
            node.publish(*(instrument(f"A-{n}") for n in range(start, start + count)))
            await province.sync()
        yield province


def mirror_of(province: Province) -> MirrorLog:
    return MirrorLog(province.hub.home, f"{province.nodes[0].origin}/catalogue")


def partials(log: MirrorLog) -> set[str]:
    folders = ("tile/entries", "tile/0", "tile/1")
    return {path for folder in folders for path in log.files.paths(folder)}


def test_only_what_a_full_one_has_replaced_for_an_hour_goes(province: Province) -> None:
    log, now = mirror_of(province), int(time.time())
    before = partials(log)
    assert before >= {*SWEPT, *KEPT}
    assert sweep(province.hub, now) == 0
    assert sweep(province.hub, now + LATER) == len(SWEPT)
    assert partials(log) == before - set(SWEPT)
    assert sweep(province.hub, now + LATER) == 0


def test_a_log_that_is_being_visited_is_left_until_the_next_time(province: Province) -> None:
    log, later = mirror_of(province), int(time.time()) + LATER
    with locked(log.folder / "lock"):
        assert sweep(province.hub, later) == 0
    assert sweep(province.hub, later) == len(SWEPT)


async def test_every_proof_and_every_answer_stays(province: Province) -> None:
    node = province.nodes[0]
    log, keys = mirror_of(province), (KeyRange(node.log_key.public),)
    folder = f"m/{origin_hash(log.origin)}"
    async with served(province.hub, province.now) as visitor:
        before = [await (await visitor.get(f"{folder}/{path}")).read() for path in SWEPT]
        sweep(province.hub, int(time.time()) + LATER)
        assert [await (await visitor.get(f"{folder}/{path}")).read() for path in SWEPT] == before
        for index in (0, 199, 200, 255, 256, 299):
            asked = f"origin={log.origin}&index={index}"
            proof = await (await visitor.get(f"api/v1/proof?{asked}")).read()
            assert verify_proof(proof, origin=log.origin, keys=keys).index == index
            assert (await (await visitor.get(f"api/v1/verify?{asked}")).json())["ok"]


async def test_a_reader_who_asks_for_what_is_gone_still_verifies_the_log(
    province: Province,
) -> None:
    log, key = mirror_of(province), province.nodes[0].log_key.public
    sweep(province.hub, int(time.time()) + LATER)
    sizes = {note.size: note.file.read_bytes() for note in kept_notes(log.notes)}
    assert set(sizes) == {FIRST, FIRST + SECOND}
    for size, note in sizes.items():
        reader = OlderReader(note, log.folder / "public", log.folder / "held")
        verifier = VerifierKey(log.origin, ED25519, key)
        found = (await verify_log(reader, verifier, SchemaSet.load())).members()
        assert (found["size"], found["bodies"]["pub"]["valid"]) == (size, size)
        assert size != FIRST or set(SWEPT) <= set(reader.asked)


async def test_the_index_is_rebuilt_to_the_same_and_the_log_goes_on(province: Province) -> None:
    before = province.dump()
    assert sweep(province.hub, int(time.time()) + LATER)
    rebuild(province.hub)
    assert province.dump() == before
    province.nodes[0].publish(instrument("A-300"))
    (catalogue, *_) = await province.sync()
    assert (catalogue.size, catalogue.cosigned, catalogue.code) == (301, 301, "")
    grown = province.dump()
    rebuild(province.hub)
    assert province.dump() == grown


async def test_damage_to_one_log_holds_up_no_other(tmp_path: Path) -> None:
    async with founded(tmp_path, units=2) as province:
        for node in province.nodes:
            node.publish(*(instrument(f"A-{n}") for n in range(FIRST)))
        await province.sync()
        for node in province.nodes:
            node.publish(*(instrument(f"B-{n}") for n in range(SECOND)))
        await province.sync()
    (mirror_of(province).folder / "verified").write_bytes(b"?")
    assert sweep(province.hub, int(time.time()) + LATER) == len(SWEPT)
