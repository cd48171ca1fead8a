"""The hub's self-check: its own log healed from another hub, once a day, and given up at once."""

import asyncio
import logging
import shutil
import threading
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import keep_result, last_result
from fenhe_hub.cli import main
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.self_check.check import check_files
from fenhe_hub.self_check.daily import check_daily
from fenhe_hub.self_check.own_roots import mend_own_roots
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import compose_root, sign_root
from tests.hub.fake_node import START, instrument
from tests.hub.houses import new_hub
from tests.hub.levels import federation, two_levels
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


def spoil(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@pytest.mark.parametrize("number", [1, 2])
async def test_damaged_root_documents_of_its_own_are_had_before_it_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    async with founded(tmp_path, units=1) as province:
        await province.sync()
        home = province.hub.home
        command = ["--home", str(home.path)]
        assert await asyncio.to_thread(main, [*command, "rotate-key", "request"]) == 0
        shutil.copytree(home.path, tmp_path / "copy")
        file = home.public / f"root/{number}"
        whole = file.read_bytes()
        checking = [*command, "check-files"]
        async with other_hub(tmp_path / "copy", province.hub.fed_origin) as url:
            for raw in (spoil(whole, 20), spoil(whole, len(whole) - 9), whole[:30], b""):
                file.write_bytes(raw)
                assert await asyncio.to_thread(main, [*command, "status"]) == 1
                assert "check-files --from" in capsys.readouterr().err
                assert await asyncio.to_thread(main, checking) == 4  # nobody to ask
                assert file.read_bytes() == raw
                assert await asyncio.to_thread(main, [*checking, "--from", url]) == 0
                assert file.read_bytes() == whole
        assert url in capsys.readouterr().out
        assert await asyncio.to_thread(main, checking) == 0


async def test_the_first_document_of_another_is_not_taken_for_its_own(tmp_path: Path) -> None:
    hub, other = new_hub(tmp_path / "hub"), new_hub(tmp_path / "other")  # of one name
    file = hub.home.public / "root/1"
    file.write_bytes(file.read_bytes()[:30])
    async with other_hub(other.home.path, hub.fed_origin) as url:
        (finding,) = await mend_own_roots(hub.home, url)
    assert (finding.path, finding.healed_by) == ("root/1", "")
    assert len(file.read_bytes()) == 30


async def test_a_first_document_by_the_root_key_of_another_is_not_taken_for_its_own(
    tmp_path: Path,
) -> None:
    hub, thief = new_hub(tmp_path / "hub"), SigningKey.from_seed(bytes([66]) * 32)
    shutil.copytree(hub.home.path, tmp_path / "other")
    listed = hub.root  # everybody knows its public keys
    text = compose_root(
        origin=hub.origin,
        unit=hub.uscc,
        url=listed.url,
        time=START,
        root=[thief.public, *listed.root],
        logs=listed.logs,
        request=listed.request,
    )
    forged = sign_root(text, hub.origin, [thief])
    (tmp_path / "other/public/root/1").write_bytes(forged)
    file = hub.home.public / "root/1"
    file.unlink()
    async with other_hub(tmp_path / "other", hub.fed_origin) as url:
        (finding,) = await mend_own_roots(hub.home, url)
    assert (finding.path, finding.healed_by) == ("root/1", "")
    assert not file.exists()


async def test_without_its_root_key_only_a_hub_that_the_operator_names_is_asked_for_the_first(
    tmp_path: Path,
) -> None:
    async with federation(tmp_path) as made:
        county, province, _ = await two_levels(made)
        (county.hub.home.keys / "root.seed").rename(tmp_path / "in the safe")
        file = county.hub.home.public / "root/1"
        whole = file.read_bytes()
        file.unlink()
        (finding,) = await mend_own_roots(county.hub.home)
        assert finding.healed_by == "" and not file.exists()
        (finding,) = await mend_own_roots(county.hub.home, province.url)
        assert finding.healed_by == province.url and file.read_bytes() == whole


async def test_a_hub_above_is_asked_for_them_without_being_named(tmp_path: Path) -> None:
    async with federation(tmp_path) as made:
        county, _, _ = await two_levels(made)
        file = county.hub.home.public / "root/1"
        whole = file.read_bytes()
        file.unlink()
        (finding,) = await mend_own_roots(county.hub.home)
        assert finding.healed_by and file.read_bytes() == whole
