"""What a witness was shown of `fed` decides whether a follower believes the hub."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.fed_witness import OLDEST_SECONDS, FedWitness
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.changes import Change
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.service import Witness
from fenhe_client.witness.submission import WitnessAddress
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.client.hub_house import FED, HubHouse
from tests.client.unit_log import KEY, NOW, QuickDisk, instrument
from tests.client.witness_house import NAME, answering


@pytest.fixture
def hub(tmp_path: Path) -> HubHouse:
    house = HubHouse(tmp_path / "house")
    house.enrol()
    house.publish([instrument(1)])
    house.advance(0)
    return house


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    home = make_home(tmp_path / "w", NAME)
    KnownLogs(home.logs).put(KnownLog(FED, (KeyRange(KEY.public),)))
    return home


def show(hub: HubHouse, home: WitnessHome) -> None:
    """Let the hub show the witness its first head."""
    Witness(home).add_checkpoint(
        compose_add_checkpoint(AddCheckpoint(0, (), hub.files["fed/checkpoint"])), NOW
    )


@asynccontextmanager
async def asked(home: WitnessHome) -> AsyncIterator[FedWitness]:
    async with answering(home, now=NOW) as url, Web() as web:
        yield FedWitness(web, WitnessAddress(home.verifier, url, PRIVATE_TOO))


async def follow(
    hub: HubHouse, folder: Path, witness: FedWitness, now: int = NOW
) -> tuple[int, list[str]]:
    """How many lines a new process tells, and the codes of what went wrong besides."""
    path, told, problems = folder / "cursor.json", list[Change](), list[FenheError]()
    cursor = Cursor.load(path) or Cursor("http://hub", hub.fingerprint)
    follower = Follower(HubAddress(hub.open), path, cursor, SchemaSet.load(), QuickDisk())
    await follower.once(Outlet(told.extend, problems.append), now, witness)
    return len(told), [problem.code for problem in problems]


async def test_a_hub_that_shows_its_witness_the_same_is_believed(
    hub: HubHouse, home: WitnessHome, tmp_path: Path
) -> None:
    show(hub, home)
    hub.publish([instrument(2)])
    hub.advance(1)
    async with asked(home) as witness:
        assert await follow(hub, tmp_path / "consumer", witness) == (2, [])
        later = NOW + OLDEST_SECONDS + 1
        told = await follow(hub, tmp_path / "consumer", witness, later)
        assert told == (0, ["follow.unwitnessed"])


@pytest.mark.parametrize("more", [False, True])
async def test_a_hub_that_says_something_else_to_us_is_followed_no_further(
    hub: HubHouse, home: WitnessHome, tmp_path: Path, more: bool
) -> None:
    if more:
        hub.publish([instrument(2)])
        hub.advance(1)
    other = HubHouse(tmp_path / "other")
    other.enrol("suspended")
    other.publish([instrument(1)])
    other.advance(0)
    show(other, home)
    folder = tmp_path / "consumer"
    async with asked(home) as witness:
        for _ in range(2):
            with pytest.raises(Refused, match=r"follow\.fork"):
                await follow(hub, folder, witness)
    kept = {file.read_bytes() for file in folder.rglob("fork/[01]")}
    assert {note.split(b"\n\n")[0] for note in kept} == {
        each.files["fed/checkpoint"].split(b"\n\n")[0] for each in (hub, other)
    }
    assert any(folder.rglob("fork/history")) is more


async def test_what_the_hub_keeps_from_us_is_told_of(
    hub: HubHouse, home: WitnessHome, tmp_path: Path
) -> None:
    before = dict(hub.files)
    hub.publish([instrument(2)])
    hub.advance(1)
    show(hub, home)
    hub.files.clear()
    hub.files.update(before)
    async with asked(home) as witness:
        assert await follow(hub, tmp_path / "consumer", witness) == (1, ["follow.withheld"])


async def test_a_witness_that_is_away_or_does_not_know_the_hub_stops_nobody(
    hub: HubHouse, home: WitnessHome, tmp_path: Path
) -> None:
    async with asked(home) as witness:
        told = await follow(hub, tmp_path / "one", witness)
    assert told == (1, ["follow.unwitnessed"])
    async with Web() as web:
        away = FedWitness(web, WitnessAddress(home.verifier, "http://127.0.0.1:9", PRIVATE_TOO))
        assert await follow(hub, tmp_path / "two", away) == (1, ["fetch.connect"])


async def test_a_witness_without_its_line_is_not_believed(
    hub: HubHouse, home: WitnessHome, tmp_path: Path
) -> None:
    show(hub, home)
    stranger = make_home(tmp_path / "other", NAME)
    async with answering(home, now=NOW) as url, Web() as web:
        witness = FedWitness(web, WitnessAddress(stranger.verifier, url, PRIVATE_TOO))
        with pytest.raises(Refused, match=r"witness\.answer"):
            await follow(hub, tmp_path / "consumer", witness)
