"""Marks that nobody signed, damaged at rest: they hold up nobody, and the self-check mends them."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import Checked
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.sealed_ledger import dropped, mark_let_go, note_taken, taken
from fenhe_hub.self_check.check import check_files
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded

PACE = Pace(threading.Event(), hurry=True)
TORN = (b"", b"1x\n", b"\xff\xfe", b"-4\n", b"17", b"1 2\n")


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        node.publish(instrument("A-1"), instrument("P-1", service_content="请联系 13800138000"))
        await province.sync()
        yield province


def catalogue(province: Province) -> MirrorLog:
    return MirrorLog(province.hub.home, f"{province.nodes[0].origin}/catalogue")


async def check(province: Province) -> Checked:
    return await check_files(province.hub, lambda: province.now, PACE)


@pytest.mark.parametrize("torn", TORN)
async def test_a_damaged_mark_of_late_bodies_holds_up_nobody(
    province: Province, torn: bytes
) -> None:
    log, before = catalogue(province), province.said("adv")
    (log.folder / "late").write_bytes(torn)
    assert log.late() == 0
    (finding,) = (await check(province)).findings
    assert (finding.path, bool(finding.healed_by)) == ("late", True)
    assert (log.folder / "late").read_bytes() == b"0\n"
    await province.sync()
    assert log.late() is None  # told, and so taken away
    assert province.said("adv")[log.origin]["from"] == 0
    assert province.said("adv").keys() == before.keys()
    assert not (await check(province)).findings


@pytest.mark.parametrize("torn", [b"{", b"[1]\n", b'["x","privacy","",""]\n', b"\xff"])
async def test_what_was_left_out_is_judged_again(province: Province, torn: bytes) -> None:
    log, dump = catalogue(province), province.dump()
    (file,) = log.left_out_files()
    whole = file.read_bytes()
    file.write_bytes(torn)
    assert log.left_out("pub", 0) == {}
    findings = (await check(province)).findings
    assert [(each.path, bool(each.healed_by)) for each in findings] == [
        (file.relative_to(log.folder).as_posix(), True)
    ]
    await province.sync()
    assert file.read_bytes() == whole
    assert [row for row in map(bytes, province.dump()) if b'"skip"' in row] == [
        row for row in dump if b'"skip"' in row
    ]
    assert not (await check(province)).findings


@pytest.mark.parametrize("torn", [b"{", b'[0,"privacy","",""]\n'])
async def test_no_healing_brings_back_what_was_left_out_for_privacy(
    province: Province, torn: bytes
) -> None:
    log = catalogue(province)
    (file,) = log.left_out_files()
    whole = file.read_bytes()
    file.write_bytes(torn)  # of which the second can be read, and is of another line
    for step in range(2):
        await (check(province) if step == 0 else province.sync())
        held = [each.read_bytes() for each in log.folder.rglob("*") if each.is_file()]
        assert not any(b"13800138000" in raw for raw in held)
    assert file.read_bytes() == whole
    assert province.said("rej")[f"{log.origin}#1/pub"]["code"] == "privacy"


async def test_of_a_damaged_ledger_what_can_be_read_counts_and_the_rest_is_told(
    province: Province,
) -> None:
    log = catalogue(province)
    note_taken(log.folder, [(1, 3), (7, 9)], 5)
    mark_let_go(log.folder, [(20, 30)], log.disk)
    for name, torn in (("taken", b"7 x 5\n"), ("let_go", b"40\n")):
        with (log.folder / name).open("ab") as file:
            file.write(torn)
    assert [tuple(each) for each in taken(log.folder)] == [(1, 3, 5), (7, 9, 5)]
    assert dropped(log.folder) == [(20, 30)]
    checked = await check(province)
    assert [each.path for each in checked.damaged] == ["let_go", "taken"]
    assert all("backup" in each.advice for each in checked.damaged)
    assert (log.folder / "taken.damaged").read_bytes().endswith(b"7 x 5\n")
    assert (log.folder / "taken").read_bytes() == b"1 3 5\n7 9 5\n"
    assert (log.folder / "let_go").read_bytes() == b"20 30\n"
    assert not (await check(province)).findings
