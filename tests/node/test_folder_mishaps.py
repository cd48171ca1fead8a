"""A watched folder into which others may write anything: links, odd names, what goes meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from fenhe_node.collecting import folder
from fenhe_node.collecting.folder import DONE, FAILED
from fenhe_node.console.listening import listening
from fenhe_node.importing import workbook as importing
from fenhe_protocol.errors import SetupError
from tests.node.lists import GOOD, HEADERS, write_csv, write_xlsx
from tests.node.test_watched_folder import WRONG, House


async def test_what_is_written_beside_goes_through_no_link(tmp_path: Path) -> None:
    house = House(tmp_path)
    key = tmp_path / "key"
    key.write_text("secret", "utf-8")
    (house.inbox / FAILED).mkdir()
    (house.inbox / FAILED / "设备-标注.xlsx").symlink_to(key)
    (house.inbox / FAILED / "20261123T000100Z-网页-问题.txt").symlink_to(key)
    write_xlsx(house.inbox / "设备.xlsx", [HEADERS, WRONG, *GOOD[1:]])
    (house.inbox / "网页.xls").write_text("<html><table></table></html>", "utf-8")
    await house.look()
    done = await house.look()
    assert (len(done.reports), len(done.failures)) == (1, 1)
    assert key.read_text("utf-8") == "secret"
    assert (house.inbox / FAILED / "设备-标注.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("what", ["file", "link"])
async def test_nothing_is_imported_that_could_not_be_put_away(what: str, tmp_path: Path) -> None:
    house = House(tmp_path)
    if what == "file":
        (house.inbox / DONE).write_text("", "utf-8")
    else:
        (house.inbox / DONE).symlink_to(tmp_path)
    write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    with pytest.raises(SetupError, match=r"source\.folder.*done"):
        await house.look()
    assert house.ids() == []


async def test_a_file_that_is_gone_when_it_was_imported_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    path = write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    real = importing.import_workbook

    def slow(*given: Any, **options: Any) -> Any:
        path.unlink()
        return real(*given, **options)

    monkeypatch.setattr("fenhe_node.collecting.laid_down.import_workbook", slow)
    await house.look()
    (report,) = (await house.look()).reports
    assert (report.staged, house.there()) == (3, [DONE])


async def test_what_a_kill_leaves_of_a_copy_goes_when_the_node_is_served_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr("fenhe_client.stored.own_folder.shutil.rmtree", die)
        killed.setattr("fenhe_node.collecting.laid_down.import_workbook", die)
        await house.look()
        await house.look()
    home = house.node.home.path
    assert [each.name for each in home.rglob("设备.csv")]
    async with listening(house.node, "", dict, lambda: house.at):
        assert not [each.name for each in home.rglob("设备.csv")]


def die(*_: object, **options: object) -> None:
    raise KeyboardInterrupt


async def test_a_file_that_is_too_large_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    monkeypatch.setattr(folder, "LARGEST_FILE", 10)
    write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    await house.look()
    assert [error.code for error in (await house.look()).failures] == ["source.size"]
    assert len(house.there(FAILED)) == 2
    await house.look()
    assert (await house.look()).failures == ()


@pytest.mark.parametrize("name", ["仪" * 83 + ".csv", "😀" * 62 + ".csv"])
async def test_a_name_as_long_as_names_may_be_is_put_away(name: str, tmp_path: Path) -> None:
    house = House(tmp_path)
    write_csv(house.inbox / name, [HEADERS, WRONG, *GOOD[1:]])
    await house.look()
    (report,) = (await house.look()).reports
    assert (report.refused, len(house.there(FAILED))) == (1, 2)
