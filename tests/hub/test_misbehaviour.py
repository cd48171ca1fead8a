"""What a unit, a thief or a slow line may do, and what comes of it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.visiting.verdict import LogReport
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        yield province


def by_log(reports: list[LogReport], unit: FakeNode) -> dict[str, LogReport]:
    return {report.log: report for report in reports if report.unit == unit.origin}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoint", "note."),
        ("tile/entries/000.p/3", "log."),
        ("body/pub/000", ""),
    ],
)
async def test_a_flipped_byte_is_never_admitted(province: Province, path: str, code: str) -> None:
    node, other = province.nodes
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    before = province.rows("resource")
    node.publish(instrument("A-3"))
    other.publish(instrument("B-1"))
    node.flip_byte("catalogue", path, -20)
    report = by_log(await province.sync(), node)["catalogue"]
    if path == "body/pub/000":
        assert (report.outcome, report.size, report.missing) == ("grown", 3, 1)
    else:
        assert report.code.startswith(code)
        assert (report.outcome, report.size) == ("refuse", 2)
    shown = [row for row in province.rows("resource") if row["unit_no"] == 1 and row["pub"]]
    assert [row["id"] for row in shown][:2] == ["A-1", "A-2"]
    assert [
        row for row in province.rows("resource") if row["id"] != "A-3" and row["unit_no"] == 1
    ] == before
    assert any(row["id"] == "B-1" for row in province.rows("resource"))
    node.flip_byte("catalogue", path, -20)
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.size, report.missing, report.cosigned) == (3, 0, 3)


async def test_another_units_record_is_not_shown(province: Province) -> None:
    node, other = province.nodes
    stolen = instrument("A-1")
    for body in stolen.values():
        body["unit"] = other.uscc
    node.publish(stolen)
    await province.sync()
    assert {row["code"] for row in province.rows("skip")} == {"unit"}
    assert province.rows("resource") == []


async def test_a_fork_is_kept_and_the_origin_stands_still(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    honest = node.read("catalogue", "checkpoint")
    node.fork()
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.outcome, report.code) == ("quarantine", "log.fork")
    assert len(list(province.hub.home.evidence(f"{node.origin}/catalogue").glob("*.note"))) == 2
    node.put_back("catalogue", "checkpoint", honest)
    node.publish(instrument("A-2"))
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.outcome, report.size) == ("quarantine", 1)
    (log,) = [row for row in province.rows("log") if row["log_no"] == 1000]
    assert log["quarantined"] == 1
    assert by_log(await province.sync(), node)["usage"].outcome == "unchanged"


async def test_an_old_copy_is_not_admitted(province: Province, tmp_path: Path) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    shutil.copytree(node.folder / "public", tmp_path / "old")
    node.publish(instrument("A-2"))
    await province.sync()
    node.go_back(tmp_path / "old")
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.outcome, report.size) == ("older", 2)
    assert len(province.rows("resource")) == 2


async def test_one_that_hangs_costs_only_itself(province: Province) -> None:
    slow, quick = province.nodes
    limits = replace(province.hub.config, visit_seconds=1)
    province.hub = replace(province.hub, config=limits)
    slow.publish(instrument("A-1"))
    quick.publish(instrument("B-1"))
    slow.go_slow(30, "catalogue/checkpoint")
    reports = await province.sync()
    assert by_log(reports, slow)["catalogue"].outcome == "defer"
    assert by_log(reports, quick)["catalogue"].size == 1


async def test_a_daily_number_ends_the_day(province: Province) -> None:
    node = province.nodes[0]
    province.hub = replace(province.hub, config=replace(province.hub.config, day_leaves=256))
    node.publish(*(instrument(f"A-{n}") for n in range(400)))
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.outcome, report.code, report.size) == ("defer", "visit.leaves", 0)
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.code, report.size) == ("visit.leaves", 0)
    report = by_log(await province.sync(seconds=86_300), node)["catalogue"]
    assert (report.outcome, report.size) == ("grown", 400)


async def test_an_old_key_signs_nothing_new(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    old = node.log_key
    node.change_key()
    await province.sync()
    node.log_key = old
    node.publish(instrument("A-2"))
    report = by_log(await province.sync(seconds=86_400), node)["catalogue"]
    assert (report.code, report.size) == ("checkpoint.unsigned", 1)


async def test_a_fault_of_ours_costs_one_visit_and_is_told(province: Province) -> None:
    node, other = province.nodes
    node.publish(instrument("A-1"))
    other.publish(instrument("B-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    other.publish(instrument("B-2"))
    index = MirrorLog(province.hub.home, f"{node.origin}/catalogue").folder / "verified"
    index.unlink()
    index.mkdir()
    reports = await province.sync()
    assert by_log(reports, node)["catalogue"].code in ("store.read", "visit.broke")
    assert by_log(reports, other)["catalogue"].size == 2
