"""How each log stands, and the list of them: sorted, filtered and counted without making rows."""

from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.console.harvest_list import HarvestList
from fenhe_hub.console.harvest_rows import Health
from fenhe_hub.console.table import View
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import create_index
from fenhe_hub.registry.enrolled import Enrolment, Registry
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

DAY = 86_400
NOW = START
SEEN = {"at": NOW, "outcome": "unchanged", "seen_at": NOW}
CASES: dict[str, tuple[Health, dict[str, object]]] = {
    "well": (Health.OK, SEEN),
    "new": (Health.OK, {}),
    "seen": (Health.OK, SEEN | {"seen_at": NOW - DAY}),
    "unseen": (Health.STUCK, SEEN | {"seen_at": NOW - DAY - 1}),
    "failed": (Health.TROUBLE, SEEN | {"outcome": "defer", "failures": 4}),
    "failing": (Health.STUCK, SEEN | {"outcome": "defer", "failures": 5}),
    "older": (Health.TROUBLE, SEEN | {"outcome": "older", "failures": 1}),
    "lacking": (Health.STUCK, SEEN),
    "forked": (Health.QUARANTINED, SEEN),
    "stopped": (Health.QUARANTINED, SEEN | {"outcome": "quarantine"}),
    "resting": (Health.RESTS, SEEN | {"outcome": "defer", "failures": 9}),
    "pushing": (Health.OK, SEEN | {"seen_at": NOW - 9 * DAY}),
    "beneath": (Health.OK, SEEN | {"seen_at": None}),
}


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub with a unit for each case, of one log each, and one that has ended."""
    made = new_hub(tmp_path / "hub")
    home = made.home
    with closing(create_index(home.index)) as db, closing(Visits(home.visits)) as visits:
        for number, (name, (_, visit)) in enumerate(CASES.items(), start=1):
            origin, uscc = f"{name}.example/fenhe", f"{number:018}"
            state = "suspended" if name == "resting" else "enrolled"
            row = (number, origin, uscc, state, "https://x", "f" * 64, 0, START)
            db.execute("INSERT INTO unit VALUES (?,?,?,?,?,?,?,?)", row)
            for at, log, ended in ((0, "catalogue", None), (1, "usage", 7)):
                db.execute(
                    "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root, ended,"
                    " quarantined) VALUES (?, ?, ?, ?, 1, ?, x'00', ?, ?)",
                    [number * 1000 + at, number, f"{origin}/{log}", log, number, ended,
                     name == "forked"],
                )  # fmt: skip
            if visit:
                visits.put(Visit(f"{origin}/catalogue", **visit))  # type: ignore[arg-type]
        lacking = [*CASES].index("lacking") + 1
        db.execute("INSERT INTO gap VALUES (?, 3, 0, 5)", [lacking * 1000])
    Registry(home.registry_file).put_all(
        Enrolment(f"{name}.example/fenhe", f"{n:018}", "f" * 64, "https://x", "https://x",
                  pushes=name == "pushing")
        for n, name in enumerate(CASES, start=1) if name != "beneath"
    )  # fmt: skip
    return made


def names(hub: Hub, view: View, limit: int = 50, offset: int = 0) -> list[str]:
    with HarvestList.open(hub, NOW, None) as source:
        found = source.rows(view, limit, offset)
        assert source.count(view) >= len(found)
    return [row.log.origin.partition(".")[0] for row in found]


def test_each_log_stands_as_its_visits_and_the_index_say(hub: Hub) -> None:
    with HarvestList.open(hub, NOW, None) as source:
        rows = {
            row.log.origin.partition(".")[0]: row for row in source.rows(View({}, "uscc"), 50, 0)
        }
        counts = source.counts()
    assert {name: row.health for name, row in rows.items()} == {n: h for n, (h, _) in CASES.items()}
    assert [rows[name].way for name in ("well", "pushing", "beneath", "resting")] == [
        *("visited", "pushes", "below", "suspended")
    ]
    assert (rows["lacking"].missing, rows["well"].missing) == (2, 0)
    assert (rows["well"].visit.at, rows["new"].next_at, rows["pushing"].next_at) == (NOW, 0, None)
    assert sum(counts.values()) == len(CASES) and counts[Health.STUCK] == 3


def test_pages_sort_and_filter_as_they_are_asked(hub: Hub) -> None:
    assert names(hub, View({}, "size"), 2) == ["well", "new"]
    assert names(hub, View({}, "-size"), 2, 1) == ["pushing", "resting"]
    assert names(hub, View({}, "-seen"))[-2:] == ["new", "beneath"]  # what is empty comes last
    assert names(hub, View({"health": "trouble"}, "unit")) == ["failed", "older"]
    assert names(hub, View({"way": "below", "q": "BENEATH fenhe"}, "unit")) == ["beneath"]
    assert names(hub, View({"q": "beneath nobody"}, "unit")) == []


def test_nobody_sees_a_unit_out_of_scope(hub: Hub) -> None:
    with HarvestList.open(hub, NOW, {f"{1:018}"}) as source:
        assert (source.count(View({}, "unit")), source.counts()) == (1, {Health.OK: 1})
        assert source.one("new.example/fenhe/catalogue") is None
        assert source.one("well.example/fenhe/catalogue") is not None


def test_without_the_planners_memory_all_are_as_never_visited(hub: Hub) -> None:
    for spoil in (
        lambda: hub.home.visits.write_bytes(b"no database" * 999),
        hub.home.visits.unlink,
    ):
        spoil()
        for beside in hub.home.path.glob("visits.sqlite-*"):
            beside.unlink()
        assert len(names(hub, View({}, "unit"))) == len(CASES)
        assert names(hub, View({"health": "trouble"}, "unit")) == []
