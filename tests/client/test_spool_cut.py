"""A log read in several visits is cut off after every single step: the next visits complete it.

What is spooled is moved to where it is shown once it is proven; half of it moved must be neither
lost nor shown, nor believed to be still in the spool.
"""

import random
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_client.reading.visit import Outcome, VisitReport
from fenhe_client.stored import disk
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import FED_TIERS, EraseLeaf, HeartbeatLeaf
from fenhe_protocol.strict_json import dumps, loads
from tests.client.power_cut import Chance, Medium, QuickDisk, RecordingDisk, Step
from tests.client.unit_log import NOW, DictFetcher, Files, Mirror, Publisher

pytestmark = pytest.mark.no_cover

SHARE = 512  # leaves of one visit
ERASED = {tier: ((7, 9),) for tier in FED_TIERS} | {"hub": ((7, 9), (600, 602))}


def leaves(first: int, stop: int) -> list[Entry]:
    """Heartbeats, and now and then an erasure; none has a body."""
    marks = {
        40: EraseLeaf(((7, 9),), None, "law"),
        900: EraseLeaf(((600, 602),), ("hub",), "law"),
    }
    return [plain_entry(marks.get(at) or HeartbeatLeaf(NOW + at)) for at in range(first, stop)]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Files]:
    """A short log, and a longer one without the partial files that are of use no more."""
    unit = Publisher(tmp_path_factory.mktemp("unit"))
    short, long = unit.publish(leaves(0, 30)), unit.publish(leaves(30, 1300))
    return [short, Files((p, raw) for p, raw in long.items() if not p.endswith(".p/30"))]


async def visited(mirror: Mirror, files: Files) -> list[VisitReport]:
    """Visit until there is no more to be had, which the last visit finds out."""
    reports: list[VisitReport] = []
    while not reports or reports[-1].more:
        got = await mirror.reader().visit(DictFetcher(files), now=NOW, max_leaves=SHARE)
        reports.append(got)
    return reports


def chance_of(luck: str) -> Chance:
    """What is not flushed survives as after a kill, not at all, or each thing by itself may."""
    if luck in ("all", "none"):
        return lambda: luck == "all"
    source = random.Random(luck)
    return lambda: source.random() < 0.5


@pytest.mark.parametrize(
    ("luck", "many_files"), [("all", 2), ("none", 2), ("none", 10_000), ("seed 1", 10_000)]
)
async def test_after_a_cut_anywhere_the_next_visits_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stages: list[Files], luck: str, many_files: int
) -> None:
    monkeypatch.setattr(disk, "MANY_FILES", many_files)  # from which on syncfs is used
    before, steps = tmp_path / "before", list[Step]()
    before.mkdir()
    whole = Mirror(before, disk=RecordingDisk(steps))
    assert [len(await visited(whole, files)) for files in stages] == [1, 4]
    assert any(action == "rename" and "spool" in path.parts for action, path, _ in steps)
    step = 1 if settings().max_examples > 100 else max(1, len(steps) // 12)
    for cut in range(len(steps) % step, len(steps) + 1, step):
        home = tmp_path / f"cut-{cut}"
        Medium(before, steps[:cut]).survive(home, chance_of(luck))
        mirror = Mirror(home, disk=QuickDisk())
        reports = await visited(mirror, stages[1])
        assert {report.error.code for report in reports if report.error} <= {"visit.leaves"}
        assert mirror.files() | stages[1] == mirror.files(), steps[cut - 1][:2]
        assert {p for p in mirror.files() if not p.endswith(".p/30")} == stages[1].keys()
        assert "progress.json" not in mirror.spooled(), "nothing that counts is left over"
        grown = [report for report in reports if report.old_size <= 30 < report.head.size]
        assert [report.erasures for report in grown] == [ERASED] * len(grown)


async def test_what_a_failed_move_left_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stages: list[Files]
) -> None:
    mirror, moved = Mirror(tmp_path), count()

    def move(source: Path, target: Path) -> None:
        if "spool" in source.parts and source.name.isdigit() and next(moved) == 3:
            raise OSError("no power")
        source.replace(target)

    with monkeypatch.context() as failing:
        failing.setattr(mirror.disk, "rename", move)
        with pytest.raises(StoreError):
            await visited(mirror, stages[1])
    assert "progress.json" not in mirror.spooled()
    reports = await visited(mirror, stages[1])
    assert [report.leaves for report in reports] == [512, 512, 276, 0]
    assert (mirror.files(), mirror.spooled()) == (stages[1], {})


async def test_an_edge_that_does_not_fit_what_came_starts_again(
    tmp_path: Path, stages: list[Files]
) -> None:
    mirror = Mirror(tmp_path)
    await mirror.reader().visit(DictFetcher(stages[1]), now=NOW, max_leaves=SHARE)
    file = tmp_path / "spool" / "progress.json"
    kept = loads(file.read_bytes())
    kept["edge"] = [b64_encode(bytes(len(b64_decode(raw)))) for raw in kept["edge"]]
    file.write_bytes(dumps(kept))
    with pytest.raises(StoreError) as caught:
        await visited(mirror, stages[1])
    assert caught.value.code == "store.damaged"
    assert mirror.files() == {}
    reports = await visited(mirror, stages[1])
    assert (reports[-1].outcome, mirror.files()) == (Outcome.OK, stages[1])
