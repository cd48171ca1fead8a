"""A watched folder: never half a file, nobody's name trusted, what was wrong lies marked beside."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.collecting.collect import collect
from fenhe_node.collecting.folder import DONE, FAILED, Watch, read_whole, shown
from fenhe_node.collecting.verdicts import Collected, last
from fenhe_node.collecting.watching import collect_folder
from fenhe_node.importing import workbook as importing
from fenhe_node.node import Node
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.store import Store, records
from fenhe_protocol.errors import Deferred, InputError, SetupError
from tests.node import homes
from tests.node.lists import GOOD, HEADERS, write_csv, write_xlsx

WRONG = [*GOOD[0][:3], "三十五", *GOOD[0][4:]]
SECONDS = 30


class House:
    """A node that watches a folder, and a clock."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.inbox = path / "投递"
        self.inbox.mkdir()
        node = homes.new_node(path / "node")
        given = {"name": "inbox", "kind": "folder", "place": str(self.inbox)} | settings
        self.source = SourceSettings(**given)
        self.node: Node = replace(node, config=replace(node.config, sources=(self.source,)))
        self.watch = Watch(self.inbox, self.source.still_seconds)
        self.watch.has_looked = True
        self.at = homes.NOW

    async def look(self, seconds: int = SECONDS) -> Collected:
        self.at += seconds
        return await collect_folder(self.node, self.source, lambda: self.at, self.watch)

    def there(self, folder: str = "") -> list[str]:
        return sorted(path.name for path in (self.inbox / folder).glob("*"))

    def ids(self) -> list[str]:
        with Store.open(self.node.home.store) as store:
            return sorted(records.ids(store, "instrument"))


async def test_a_file_that_lies_still_is_imported_and_put_away(tmp_path: Path) -> None:
    house = House(tmp_path)
    write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    assert (await house.look()).reports == ()
    (report,) = (await house.look()).reports
    assert (report.file, report.staged) == ("设备.csv", 3)
    assert house.there() == ["done"]
    assert house.there(DONE) == ["20261123T000100Z-设备.csv"]
    assert (await house.look()).reports == ()
    with Store.open(house.node.home.store) as store:
        verdict = last(store, "inbox")
    assert verdict is not None
    assert (verdict.began, verdict.imports) == (homes.NOW + 60, (report.number,))


async def test_a_file_that_grows_is_not_imported_before_it_is_whole(tmp_path: Path) -> None:
    house = House(tmp_path)
    path = house.inbox / "设备.csv"
    whole = write_csv(path, [HEADERS, *GOOD]).read_bytes()
    for length in (10, 60, 120, len(whole)):
        path.write_bytes(whole[:length])
        assert (await house.look()).reports == ()
    (report,) = (await house.look()).reports
    assert report.staged == 3


async def test_a_file_replaced_while_it_is_imported_stays_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    path = write_csv(house.inbox / "设备.csv", [HEADERS, GOOD[0]])
    await house.look()
    real = importing.import_workbook

    def slow(*given: Any, **options: Any) -> Any:
        write_csv(path, [HEADERS, *GOOD])
        return real(*given, **options)

    monkeypatch.setattr("fenhe_node.collecting.laid_down.import_workbook", slow)
    (report,) = (await house.look()).reports
    assert (report.staged, house.there()) == (1, ["done", "设备.csv"])
    monkeypatch.undo()
    await house.look()
    (report,) = (await house.look()).reports
    assert report.staged == 3


async def test_what_was_wrong_lies_marked_beside_and_comes_back_mended(tmp_path: Path) -> None:
    house = House(tmp_path)
    write_xlsx(house.inbox / "设备.xlsx", [HEADERS, WRONG, *GOOD[1:]])
    await house.look()
    (report,) = (await house.look()).reports
    assert (report.staged, report.refused) == (2, 1)
    assert house.there(FAILED) == ["20261123T000100Z-设备.xlsx", "设备-标注.xlsx"]
    marked = house.inbox / FAILED / "设备-标注.xlsx"
    book = openpyxl.load_workbook(marked)
    assert book.worksheets[0]["D2"].comment is not None
    book.worksheets[0]["D2"].value = "35.5"
    book.save(house.inbox / "设备-标注.xlsx")
    await house.look()
    (report,) = (await house.look()).reports
    assert (report.refused, report.vanished, len(house.ids())) == (0, (), 3)


async def test_what_cannot_be_read_is_put_away_with_the_reason(tmp_path: Path) -> None:
    house = House(tmp_path)
    (house.inbox / "网页.xls").write_text("<html><table></table></html>", "utf-8")
    await house.look()
    done = await house.look()
    assert [error.code for error in done.failures] == ["source.markup"]
    assert house.there(FAILED) == [
        "20261123T000100Z-网页-问题.txt",
        "20261123T000100Z-网页.xls",
    ]
    with Store.open(house.node.home.store) as store:
        verdict = last(store, "inbox")
    assert verdict is not None and verdict.code == "source.markup"


async def test_two_of_one_name_are_both_kept(tmp_path: Path) -> None:
    house = House(tmp_path, still_seconds=2)
    for _ in range(2):
        write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
        await house.look(0)
        house.at = homes.NOW
        house.watch = Watch(house.inbox, 0)
        house.watch.has_looked = True
        await house.look(0)
    assert house.there(DONE) == ["20261123T000000Z-设备-2.csv", "20261123T000000Z-设备.csv"]


async def test_a_fault_that_is_not_the_files_leaves_it_for_its_turn(tmp_path: Path) -> None:
    house = House(tmp_path, mapping="m.yaml")
    write_csv(house.inbox / "设备.csv", [HEADERS, *GOOD])
    await house.look()
    for _ in range(3):
        done = await house.look()
        assert [error.code for error in done.failures] == ["mapping.unreadable"]
    with Store.open(house.node.home.store) as store:
        assert len(store.rows("SELECT * FROM source_run")) == 1
    (house.node.home.path / "m.yaml").write_text(
        "kind: instrument\nfixed: {status: normal}\ncolumns: {设备编号: id, 设备名称: name_zh}\n",
        "utf-8",
    )
    assert (await house.look()).reports[0].staged == 3


async def test_a_file_that_cannot_be_put_away_is_imported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    path = write_csv(house.inbox / "设备.csv", [HEADERS, GOOD[0]])

    def refuse(*_: object) -> None:
        raise PermissionError(1, "sticky")

    await house.look()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        done = await house.look()
        assert ([error.code for error in done.failures], house.ids()) == (
            ["source.folder"],
            ["20150001"],
        )
        assert (await house.look()).failures == ()
    write_csv(path, [HEADERS, *GOOD])
    await house.look()
    (report,) = (await house.look()).reports
    assert report.staged == 3


async def test_links_folders_and_what_is_not_finished_are_left_alone(tmp_path: Path) -> None:
    house = House(tmp_path)
    secret = write_csv(tmp_path / "别处.csv", [HEADERS, *GOOD])
    (house.inbox / "链接.csv").symlink_to(secret)
    (house.inbox / "文件夹.csv").mkdir()
    os.mkfifo(house.inbox / "管道.csv")
    for name in (".设备.csv", "~$设备.xlsx", "设备.csv.part", "设备.TMP", "设备.csv~"):
        write_csv(house.inbox / name, [HEADERS, *GOOD])
    before = house.there()
    await house.look()
    assert (await house.look()).reports == ()
    assert (house.there(), house.ids()) == (before, [])


NAMES = ("\u202e设备\n.csv", "a" * 200 + ".csv", "设备 .. 副本.csv", "-rf *.csv", "CON.csv")


@pytest.mark.parametrize("name", NAMES)
async def test_a_strangers_name_does_no_harm(name: str, tmp_path: Path) -> None:
    house = House(tmp_path)
    write_csv(house.inbox / name, [HEADERS, *GOOD])
    await house.look()
    (report,) = (await house.look()).reports
    assert report.staged == 3
    assert report.file.isprintable()
    (there,) = house.there(DONE)
    assert there == f"20261123T000100Z-{report.file}"


async def test_a_name_that_is_no_text_is_imported_like_any_other(tmp_path: Path) -> None:
    house = House(tmp_path)
    plain = write_csv(tmp_path / "a.csv", [HEADERS, *GOOD])
    plain.rename(house.inbox / os.fsdecode(b"\xff\xfe.csv"))
    await house.look()
    (report,) = (await house.look()).reports
    assert (report.file, house.ids() != []) == ("\ufffd\ufffd.csv", True)


@given(st.text(min_size=1, max_size=300))
def test_a_shown_name_is_short_printable_and_no_path(name: str) -> None:
    if "\0" in name or any(0xD800 <= ord(each) <= 0xDFFF for each in name):
        return
    found = shown(name)
    assert 1 <= len(found) <= 90
    assert not set(found) & set('/\\\n\u202e:*?"<>|')
    assert found not in (".", "..")


async def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.inbox.rmdir()
    with pytest.raises(SetupError, match=r"source\.folder"):
        await collect(house.node, "inbox", lambda: homes.NOW)
    with Store.open(house.node.home.store) as store:
        verdict = last(store, "inbox")
    assert verdict is not None and verdict.code == "source.folder"


def test_a_clock_set_back_only_makes_a_file_wait(tmp_path: Path) -> None:
    watch = Watch(tmp_path, SECONDS)
    write_csv(tmp_path / "a.csv", [HEADERS])
    assert watch.ready(homes.NOW) == []
    assert watch.ready(homes.NOW - 3600) == []
    assert watch.ready(homes.NOW - 3600 + SECONDS) == [tmp_path / "a.csv"]


def test_a_file_that_moves_while_it_is_read_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one")
    real = os.fstat

    def touched(handle: int) -> os.stat_result:
        found = real(handle)
        path.write_bytes(path.read_bytes() + b"+")
        return found

    monkeypatch.setattr("fenhe_node.collecting.folder.os.fstat", touched)
    with pytest.raises(Deferred, match=r"source\.moving"):
        read_whole(path)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p")
    (tmp_path / "l").symlink_to(tmp_path / "p")
    for name in ("p", "l", "none"):
        with pytest.raises(InputError, match=r"source\.unreadable"):
            read_whole(tmp_path / name)
