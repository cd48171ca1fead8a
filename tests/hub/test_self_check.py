"""The hub's self-check: its own log healed from another hub, once a day, and given up at once."""

import logging
import shutil
import threading
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import keep_result, last_result
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.self_check.check import check_files
from fenhe_hub.self_check.daily import check_daily
from tests.hub.fake_node import START, instrument
from tests.hub.houses import new_hub
from tests.hub.other_hub import other_hub
from tests.hub.provinces import founded

DAY = 86_400
PACE = Pace(threading.Event(), hurry=True)


def test_it_is_done_once_a_day_and_given_up_when_the_hub_stops(tmp_path: Path) -> None:
    hub, stop = new_hub(tmp_path / "hub"), threading.Event()
    for now, at in ((START, START), (START + DAY - 1, START), (START + DAY, START + DAY)):
        check_daily(hub, lambda now=now: now, stop)  # type: ignore[misc]
        assert last_result(hub.home.path).at == at
    stop.set()
    hub.fed_files().remove(["checkpoint"])
    check_daily(hub, lambda: START + 3 * DAY, stop)
    assert last_result(hub.home.path).at == START + DAY


def test_what_it_finds_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = new_hub(tmp_path / "hub")
    hub.fed_files().remove(["checkpoint"])
    with caplog.at_level(logging.WARNING):
        check_daily(hub, lambda: START, threading.Event())
    assert "--from URL" in caplog.text
    keep_result(hub.home.path, last_result(hub.home.path))
    assert [each.path for each in last_result(hub.home.path).damaged] == ["checkpoint"]


async def test_a_receipt_is_found_again_in_what_the_hub_has_said(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        for turn in range(2):
            node.publish(instrument(f"A-{turn}"))
            await province.sync()
        log = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
        notes = {note.file: note.file.read_bytes() for note in kept_notes(log.notes)}
        for file, raw in notes.items():
            file.write_bytes(raw.replace(b"\xe2", b"\xe3"))
        log.files.remove(["checkpoint"])
        checked = await check_files(province.hub, lambda: province.now, PACE)
        assert not checked.damaged and checked.findings
        assert {file: file.read_bytes() for file in notes} == notes
        assert not (await check_files(province.hub, lambda: province.now, PACE)).findings


async def test_its_own_log_is_healed_from_another_hub(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        await province.sync()
        home, now = province.hub.home, province.now
        shutil.copytree(home.path, tmp_path / "copy")
        folders = (home.public, home.held)
        files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
        whole = {file: file.read_bytes() for file in files}
        async with other_hub(tmp_path / "copy", province.hub.fed_origin) as url:
            for file, raw in whole.items():
                file.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
                alone = await check_files(province.hub, lambda: now, PACE)
                assert all(each.healed_by or each.advice for each in alone.findings)
                await check_files(province.hub, lambda: now, PACE, url)
                assert file.read_bytes() == raw, file
        assert not (await check_files(province.hub, lambda: now, PACE)).findings
