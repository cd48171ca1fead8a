"""Who lags: what only the version before of a schema takes, as the last word on its record."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.fed.advice import owed_refusals
from fenhe_hub.home import Home
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.lagging import LAGGING_UNITS, Lagging, lagging, publicly_lagging
from fenhe_hub.index.said import UnitRow, add_unit
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.log import Ingest, LogName
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import Place, Refusal
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.schema import SchemaSet
from tests.client.power_cut import QuickDisk
from tests.hub.fake_node import START, FakeNode, deletion, instrument
from tests.laws import examples
from tests.protocol.versions import next_release

RELEASE = next_release()
OLD, NEW, BOTH, BAD = "model", "model_number", "", "colour"
BEAT = HeartbeatLeaf(START)


def with_member(id_: str, member: str) -> dict[str, dict[str, Any]]:
    """An instrument with this member in its public body."""
    return instrument(id_, **({member: "NMR-600"} if member else {}))


class House:
    """One unit's log, mirrored without a visit, and the index that a release makes of it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "hub")
        self.home.path.mkdir()
        self.node = FakeNode(folder / "u1")

    def publish(self, id_: str, member: str, *, also_hub: bool = True) -> None:
        """Publish an instrument with this member in its public body."""
        bodies = with_member(id_, member)
        self.node.publish(bodies if also_hub else {"pub": bodies["pub"]})

    def mirror(self) -> None:
        """Take the files as they are."""
        folder = self.home.mirror(f"{self.node.origin}/catalogue")
        for part in ("public", "held"):
            theirs = self.node.folder / part / "catalogue"
            if theirs.is_dir():
                shutil.copytree(theirs, folder / part, dirs_exist_ok=True)
        shutil.copy(self.node.path("catalogue", "checkpoint"), folder / "verified")

    @contextmanager
    def index(
        self, name: str = "index.sqlite", release: SchemaSet = RELEASE
    ) -> Iterator[Connection]:
        """An index with everything in it that was not in it yet."""
        with closing(open_index(self.home.path / name)) as db:
            row = UnitRow(self.node.origin, self.node.uscc, "enrolled", "", "", 0, 0)
            if not db.execute("SELECT 1 FROM unit").fetchone():
                with transaction(db):
                    add_unit(db, row)
            self.mirror()
            log = LogName(1, self.node.origin, self.node.uscc, "catalogue")
            Ingest(self.home, db, release, QuickDisk()).bring_up(log)
            yield db


def records(db: Connection) -> int:
    return sum(each.records for each in lagging(db))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_unit_lags_until_its_last_word_is_of_the_current_version(house: House) -> None:
    house.publish("A-1", OLD)
    house.publish("A-2", NEW)
    house.publish("A-3", BOTH)
    house.publish("A-4", BAD)
    with house.index() as db:
        assert lagging(db) == [Lagging(1, "instrument", 1, 1)]
        assert publicly_lagging(db) == {1: 1}
        assert db.execute(LAGGING_UNITS).fetchone() == (1,)
        assert db.execute("SELECT idx, code FROM skip").fetchall() == [(3, "schema")]
        assert db.execute("SELECT count(*) FROM resource").fetchone() == (4,)
    house.publish("A-1", NEW)
    with house.index() as db:
        assert lagging(db) == []
        assert publicly_lagging(db) == {}
        assert db.execute("SELECT count(*) FROM lagging").fetchone() == (1,)


@pytest.mark.parametrize("last", ["deleted", "erased", "refused"])
def test_a_record_lags_by_what_stands_last(house: House, last: str) -> None:
    house.publish("A-1", OLD, also_hub=False)
    match last:
        case "deleted":
            house.node.publish(deletion("A-1", ("pub",)))
        case "erased":
            house.node.erase(0, 1)
        case "refused":
            house.publish("A-1", BAD, also_hub=False)
    with house.index() as db:
        assert records(db) == (last == "refused")


def test_what_only_the_hub_may_know_is_counted_for_no_one_else(house: House) -> None:
    house.node.publish({"hub": instrument("A-1")["hub"]})
    with house.index() as db:
        db.execute("INSERT INTO lagging VALUES (1000, 0, 1)")
        assert records(db) == 1
        assert publicly_lagging(db) == {}


def test_a_later_epoch_speaks_last(house: House) -> None:
    house.publish("A-1", OLD, also_hub=False)
    with house.index() as db:
        assert records(db) == 1
        db.execute(
            "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root)"
            " VALUES (1002, 1, 'later', 'catalogue.2', 2, 1, x'')"
        )
        db.execute("INSERT INTO body VALUES (1002, 0, 0, 'instrument', 'A-1', 0)")
        assert records(db) == 0


def test_who_left_lags_no_longer(house: House) -> None:
    house.publish("A-1", OLD)
    with house.index() as db:
        db.execute("UPDATE unit SET state = 'retired'")
        assert lagging(db) == []


def test_an_index_that_other_schemas_judged_is_made_again(house: House) -> None:
    with house.index() as db:
        db.execute("UPDATE judged SET schemas = 'another'")
    with pytest.raises(StoreError) as caught:
        open_index(house.home.index)
    assert caught.value.code == "index.schemas"


def test_a_version_that_is_taken_no_more_is_refused_from_then_on(house: House) -> None:
    house.publish("A-1", OLD)
    house.publish("A-1", NEW)
    with house.index() as db:
        assert refusals(db) == []
    with house.index("later.sqlite", RELEASE.current) as db:
        later = refusals(db)
        assert [(each.place.index, each.place.tier, each.code) for each in later] == [
            (0, "pub", "schema")
        ]
        assert records(db) == 0
        assert db.execute("SELECT pub_idx FROM resource").fetchall() == [(1,)]
    # What `fed` says of the change, there and back.
    assert list(owed_refusals(later, {}, set())) == later
    place = later[0].place
    assert list(owed_refusals([], {place: "schema"}, set())) == [Refusal(place, "ok")]


def refusals(db: Connection) -> list[Refusal]:
    rows = db.execute("SELECT origin, idx, tier, code FROM skip JOIN log USING(log_no)")
    return [Refusal(Place(origin, index, tier), code) for origin, index, tier, code in rows]


ACTS = st.tuples(
    st.sampled_from(["A-1", "A-2"]),
    st.sampled_from([OLD, NEW, BOTH, BAD, "delete", "erase"]),
)


@examples(10)
@given(st.lists(st.lists(ACTS, min_size=1, max_size=4), min_size=1, max_size=3))
def test_however_it_came_in_the_same_records_lag(turns: list[list[tuple[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        said: list[tuple[str, str]] = []
        for turn in turns:
            house.node.append([entry(house, *each, len(said) + n) for n, each in enumerate(turn)])
            said += turn
            with house.index() as db:
                assert records(db) == len(expected(said))
                dumped = list(dump_index(db))
        with house.index("again.sqlite") as db:
            assert list(dump_index(db)) == dumped


def entry(house: House, id_: str, what: str, at: int) -> Entry:
    """What the unit says at this leaf; it erases the two leaves before."""
    if what == "erase":
        return plain_entry(EraseLeaf(((max(at - 2, 0), at),), None, "error") if at else BEAT)
    bodies = deletion(id_) if what == "delete" else with_member(id_, what)
    return house.node.record({"pub": bodies["pub"]})


def expected(said: list[tuple[str, str]]) -> set[str]:
    """The records whose last word, of what is valid and not erased, is of the version before."""
    gone = {
        index for at, (_, what) in enumerate(said) if what == "erase" for index in (at - 1, at - 2)
    }
    last = {
        id_: what
        for index, (id_, what) in enumerate(said)
        if index not in gone and what not in ("erase", BAD)
    }
    return {id_ for id_, what in last.items() if what == OLD}


def test_a_member_is_not_moved_between_tiers_by_an_old_body(house: House) -> None:
    photo: dict[str, Any] = {"photo": "https://u1.example.org/a.jpg"}
    house.node.publish({"pub": instrument("A-1", **photo)["pub"]})
    with house.index() as db:
        [(pub, hub)] = db.execute("SELECT pub, hub FROM resource").fetchall()
        assert "photo" in pub
        assert hub is None
        assert records(db) == 1
