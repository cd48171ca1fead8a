"""A hub's own log in a later epoch, as the hub above it and its own restoring see it (feed §11)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.cli import main
from fenhe_hub.desk.standing import register_as
from fenhe_hub.fed import taking_back
from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.fed.index import catch_up_fed
from fenhe_hub.fed.log import FedLog
from fenhe_hub.fed.taking_back import TakenBack, take_back
from fenhe_hub.hub import Hub
from fenhe_hub.index.said import fed_place
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.restore import bring_back
from fenhe_hub.restoring.new_epoch import epoch_named
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.fed import Place
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.position import Position
from tests.hub.epochs import end_fed
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened
from tests.hub.levels import Federation, Level, federation

DAY = 86_400


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    """A county under a province, with one node whose first record both have."""
    async with federation(tmp_path) as built:
        county, province = await built.hub("county"), await built.hub("province")
        node = await built.node(county)
        node.publish(instrument("A-1"))
        await county.sync()
        await built.enrol(province, county)
        await province.sync()
        yield built


async def next_epoch(level: Level) -> None:
    await end_fed(level.hub, level.made.now)


async def a_day_later(made: Federation, *levels: Level) -> None:
    """Readers look for root documents once a day, and go on at once where they found one."""
    made.now += DAY
    for level in levels:
        await level.sync()
        await level.sync()


def place(hub: Hub) -> Position:
    db = open_index(hub.home.index)
    try:
        return fed_place(db)
    finally:
        db.close()


async def test_a_hub_above_reads_on_in_the_next_epoch(made: Federation) -> None:
    county, province = made.hubs
    (node,) = made.nodes
    before = place(county.hub)
    await next_epoch(county)
    assert place(county.hub) == Position(2, 0)
    node.publish(instrument("A-2"))
    another = await made.node(county)
    another.publish(instrument("B-1"))
    await a_day_later(made, county, province)
    assert place(county.hub) > Position(2, 0) > before
    everything = {(node.origin, "A-1"), (node.origin, "A-2"), (another.origin, "B-1")}
    assert county.records() == province.records() == everything
    logs = {row["name"]: row for row in province.rows("log") if row["name"].startswith("fed")}
    assert logs["fed"]["ended"] == before.size and logs["fed.2"]["size"] > 0
    for level in (county, province):
        index = level.dump()
        rebuild(level.hub)
        assert level.dump() == index
    said = county.said("reg")
    assert set(said) == {node.origin, another.origin}  # nothing is said again that still counts
    assert [row["epoch"] for row in county.rows("said") if row["kind"] == "reg"] == [1, 2]


async def test_an_old_copy_learns_from_the_hub_above_that_it_ended_its_log(
    made: Federation,
) -> None:
    county, province = made.hubs
    (node,) = made.nodes
    home, ignored = county.hub.home.path, shutil.ignore_patterns("head.sqlite", "*.lock")
    backup = shutil.copytree(home, made.folder / "backup", ignore=ignored)
    await next_epoch(county)
    node.publish(instrument("A-2"))
    await a_day_later(made, county, province)
    said = place(county.hub)
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    county.hub = reopened(county.hub)
    assert county.hub.fed_name == "fed"
    await bring_back(county.hub, lambda: made.now, province.url, [])
    assert county.hub.fed_name == "fed.2"
    assert place(county.hub) >= said
    node.publish(instrument("A-3"))
    await a_day_later(made, county, province)
    assert (node.origin, "A-3") in province.records()


async def test_heads_of_every_epoch_are_told_apart(made: Federation) -> None:
    county, _ = made.hubs
    first = FedLog(county.hub, county.hub.fed_files(), HeadStore(county.hub.home.heads)).head()
    await next_epoch(county)
    own = OwnHeads(county.hub)
    assert not own.denies(first.origin, first.size, first.root)
    assert own.denies(first.origin, first.size, b"x" * 32)
    assert not own.denies(
        first.origin, first.size + 1, b"x" * 32
    )  # above the end: a thief's, maybe
    assert own.denies(f"{first.origin}.2", 1, b"x" * 32)
    assert own.denies(f"{first.origin}.3", 0, b"x" * 32)  # of which a lost root document would tell
    assert not own.denies("elsewhere.example/fed", 1, b"x" * 32)


async def test_only_the_epoch_that_goes_on_is_ended(made: Federation) -> None:
    county, _ = made.hubs
    await next_epoch(county)
    for name in ("fed", "fed.3", "catalogue"):
        with pytest.raises(SetupError, match=r"epoch\.log"):
            epoch_named(county.hub, name)
    await next_epoch(county)
    assert county.hub.fed_name == "fed.3"
    db = open_index(county.hub.home.index)
    fed = FedLog(county.hub, county.hub.fed_files(), HeadStore(county.hub.home.heads))
    catch_up_fed(db, fed)
    assert fed_place(db) == Position(3, 0)
    db.close()


class Killed(BaseException):
    """The process is gone."""


REMARK = "示例备注甲乙丙丁"


async def test_a_root_document_that_lacks_signatures_is_waited_for(
    made: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    county, _ = made.hubs
    home = county.hub.home
    end = place(county.hub).size
    command = ("--home", str(home.path), "new-epoch", "fed", "--here", "--confirm", str(end))
    away = (home.keys / "root.seed").rename(made.folder / "safe.seed")
    assert await asyncio.to_thread(main, command) == 4
    assert county.hub.fed_name == "fed"
    with pytest.raises(SetupError, match=r"epoch\.waiting"):
        await county.sync()
    assert place(county.hub).size == end
    away.rename(home.keys / "root.seed")
    sign = ("--home", str(home.path), "root-document", "sign")
    assert await asyncio.to_thread(main, sign) == 0
    assert county.hub.fed_name == "fed.2"
    for _ in range(2):  # done again after a kill, it is finished
        assert await asyncio.to_thread(main, command) == 0
    assert place(county.hub) == Position(2, 0)
    await county.sync()
    assert await asyncio.to_thread(main, command) == 0
    made.nodes[0].publish(instrument("A-2"))
    await county.sync()
    assert place(county.hub) > Position(2, 0)
    assert await asyncio.to_thread(main, command) == 1  # `epoch.log`: it has gone on
    assert "epoch.log" in capsys.readouterr().err


def places_of(hub: Hub, kind: str) -> list[Place]:
    """Where our own log says words of a kind."""
    fed = FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads))
    names = {split_log_name(log.name)[1]: log.name for log in hub.fed_epochs}
    return [
        Place(f"{hub.origin}/{names[block.stop.epoch]}", said.index)
        for block in fed.blocks()
        for said in block.sayings
        if said.kind == kind
    ]


async def test_a_word_that_no_longer_stands_is_erased_in_whatever_epoch(made: Federation) -> None:
    county, province = made.hubs
    (node,) = made.nodes
    register_as(county.hub, node.origin, "suspended", REMARK, [], made.now)
    await county.sync()
    await next_epoch(county)
    register_as(county.hub, node.origin, "enrolled", "示例原因", [], made.now)
    await a_day_later(made, county, province)
    home, (first, suspended, last) = county.hub.home, places_of(county.hub, "reg")
    mirror = province.hub.home.mirror(suspended.origin)
    assert holds(home.public, REMARK) and holds(mirror, REMARK)
    before = county.said("reg")
    for place in (first, last):
        with pytest.raises(Refused, match=r"erase\.stands"):
            take_back(county.hub, [suspended, place], "error", made.now)
    with pytest.raises(Refused, match=r"erase\.unknown"):
        take_back(county.hub, [Place(suspended.origin, 999)], "error", made.now)
    assert holds(home.public, REMARK)
    done = take_back(county.hub, [suspended], "error", made.now)
    assert isinstance(done, TakenBack) and done.lines == 1
    assert not holds(home.public, REMARK)
    assert county.said("reg") == before
    index = county.dump()
    rebuild(county.hub)
    assert county.dump() == index
    await a_day_later(made, county, province)
    assert not holds(mirror, REMARK)
    assert province.records() == county.records() == {(node.origin, "A-1")}


@pytest.mark.parametrize("at", ["obey", "_follow", "remove_files"])
async def test_an_erasure_that_a_kill_cut_off_is_ended_by_the_next_round(
    made: Federation, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    county, _ = made.hubs
    for state in ("suspended", "enrolled"):
        register_as(county.hub, made.nodes[0].origin, state, REMARK, [], made.now)
        await county.sync()
    _, suspended, _ = places_of(county.hub, "reg")
    made.now += 60

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(taking_back, at, die)
        take_back(county.hub, [suspended], "error", made.now)
    await county.sync()
    file = county.hub.home.public / "fed/body/pub/000"
    assert not [li for li in file.read_text().splitlines() if li.startswith(f"{suspended.index} ")]
    index = county.dump()
    rebuild(county.hub)
    assert county.dump() == index
    assert not county.hub.home.fed_erasing.exists()


async def test_the_command_erases_what_the_hub_said(
    made: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    county, _ = made.hubs
    (node,) = made.nodes
    for state in ("suspended", "enrolled"):
        register_as(county.hub, node.origin, state, REMARK, [], made.now)
        await county.sync()
    home, place = county.hub.home, places_of(county.hub, "reg")[1]
    command = ("--home", str(home.path), "erase", place.text, "--reason")
    assert await asyncio.to_thread(main, [*command, "gone"]) == 3  # no reason of an `x`
    assert await asyncio.to_thread(main, [*command, "error"]) == 0
    assert place.text in capsys.readouterr().out
    lines = (home.public / "fed/body/pub/000").read_text().splitlines()
    assert not [line for line in lines if line.startswith(f"{place.index} ")]


def holds(folder: Path, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())
