"""Imports in the console: looked at, mended, taken in, stopped; nothing happens before the word."""

import asyncio
import io
import re
import threading
from pathlib import Path

import pytest
from openpyxl import load_workbook

from fenhe_client.sheets import kept
from fenhe_client.sheets.watching import Progress
from fenhe_node.chores import Chores
from fenhe_node.console.app import make_app
from fenhe_node.console.import_work import ImportWork
from fenhe_node.console.imports import Taken
from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.node import Node
from fenhe_node.store import Store, imports, own_words, records
from fenhe_protocol.errors import InputError
from tests.client.browsing import before
from tests.node.consoles import Browser, browsing, console_of
from tests.node.homes import Clock, instrument, new_node, pen, publish_all, put
from tests.node.lists import GOOD, HEADERS, SCHEMAS, take, write_csv, write_xlsx

WRONG = ["20150004", "热分析仪", "EX-4", "35万", "2018-01-02", "很好", "示例丁"]


def ids(node: Node, kind: str = "instrument") -> list[str]:
    with Store.open(node.home.store) as store:
        return sorted(records.ids(store, kind))


async def give(browser: Browser, path: Path, **fields: str) -> str:
    """Upload a file and wait until it was looked at; its page."""
    content = path.read_bytes()  # noqa: ASYNC240
    await browser.get("/imports")
    await browser.upload("/imports", content, file_name=path.name, **fields)
    return await settled(browser)


async def settled(browser: Browser) -> str:
    for _ in range(600):
        text = browser.body.decode()
        if 'http-equiv="refresh"' not in text:
            return text
        await asyncio.sleep(0.05)
        await browser.get(file_page(text))
    raise AssertionError("it never ended")


def file_page(text: str) -> str:
    found = re.search(r"/imports/file/[0-9a-f]{64}", text)
    assert found
    return found[0]


def test_a_list_is_looked_at_and_only_then_taken_in(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_xlsx(tmp_path / "台账.xlsx", [HEADERS, *GOOD, WRONG])

    async def use() -> None:
        async with browsing(node) as browser:
            text = await give(browser, path)
            assert ids(node) == []
            assert "可收下 <strong>3</strong>，退回 <strong>1</strong>" in text
            assert "D5" in text and "写 35" in text  # the cell, and what to write in it
            assert "扫描电子显微镜" in text  # a sample
            page = file_page(text)
            status, text, _ = await browser.post(f"{page}/take")
            assert status == 200 and "收下 3 行" in await settled(browser)
            assert ids(node) == ["20150001", "20150002", "20150003"]
            assert kept.every(node.home) == ()
            with Store.open(node.home.store) as store:
                (event, *_) = records.events(store, "instrument", "20150001")
            assert event.by == "本机"

    asyncio.run(use())


def test_the_marked_workbook_mended_and_given_again_takes_in_the_rest(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_xlsx(tmp_path / "台账.xlsx", [HEADERS, *GOOD, WRONG])

    async def use() -> None:
        async with browsing(node) as browser:
            page = file_page(await give(browser, path))
            await browser.get(f"{page}/marked.xlsx")
            marked = browser.body
            await browser.get(page)
            await browser.post(f"{page}/take")
            await settled(browser)
            book = load_workbook(io.BytesIO(marked))
            sheet = book.worksheets[0]
            assert sheet["D5"].comment and sheet["F5"].comment
            sheet["D5"].value, sheet["F5"].value = "35", "在用"
            mended = tmp_path / "台账-标注.xlsx"
            book.save(mended)
            text = await give(browser, mended)
            assert "新增 1，改动 0，不变 3，不见了 0" in text
            await browser.post(f"{file_page(text)}/take")
            await settled(browser)
            assert ids(node)[-1] == "20150004"

    asyncio.run(use())


def test_a_mapping_is_mended_in_the_form_and_kept_for_the_list(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    headers = ["货号", "设备名称", "现况", "原值"]
    rows = [["A-1", "显微镜", "能用", "35"], ["A-2", "天平", "能用", "2"]]
    path = write_csv(tmp_path / "清单.csv", [headers, *rows])

    async def use() -> None:
        async with browsing(node) as browser:
            text = await give(browser, path, kind="instrument")
            assert "没有可用作编号的列" in text
            page = file_page(text)
            first = [("field.0", "id"), ("field.1", "name_zh"), ("field.2", "status"),
                     ("field.3", "value_yuan"), ("unit.3", "万元")]  # fmt: skip
            await browser.send(f"{page}/mapping", first)
            text = await settled(browser)
            assert "C2" in text and "value.code" in text
            words = [("word.2", "能用"), ("code.2.0", "normal")]
            await browser.send(f"{page}/mapping", [*first, *words])
            text = await settled(browser)
            assert "可收下 <strong>2</strong>" in text
            await browser.post(f"{page}/take")
            await settled(browser)
            with Store.open(node.home.store) as store:
                found = records.find(store, "instrument", "A-1")
                assert found and found.record["value_yuan"] == 350_000
                assert found.record["status"] == "normal"
            # The next edition of the list is read as was said.
            write_csv(path, [headers, *rows, ["A-3", "离心机", "能用", "8"]])
            assert "可收下 <strong>3</strong>" in await give(browser, path)

    asyncio.run(use())


def test_a_mapping_that_cannot_work_is_not_kept(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])

    async def use() -> None:
        async with browsing(node) as browser:
            page = file_page(await give(browser, path))
            _, text, _ = await browser.send(f"{page}/mapping", [("field.1", "name_zh")])
            assert "mapping.value" in text
            with Store.open(node.home.store) as store:
                assert own_words.saved_mapping(store, "台账.csv") == ""

    asyncio.run(use())


def test_own_words_for_user_classes_count_in_every_list_of_services(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    rows = [["记录编号", "仪器编号", "开始时间", "用户类别"],
            ["R-1", "A-1", "2026-07-01 09:00", "兄弟院校"]]  # fmt: skip

    async def use() -> None:
        async with browsing(node) as browser:
            assert "value.code" in await give(browser, write_csv(tmp_path / "七月.csv", rows))
            await browser.get("/imports/words")
            form = [("kind", "service_record"), ("field", "user_class"), ("word", "兄弟院校"),
                    ("code", "university"), ("word", ""), ("code", "")]  # fmt: skip
            status, text, _ = await browser.send("/imports/words", form)
            assert status == 200 and "兄弟院校" in text
            for month in ("七月", "八月"):
                text = await give(browser, write_csv(tmp_path / f"{month}.csv", rows))
                assert "可收下 <strong>1</strong>" in text

    asyncio.run(use())


def test_a_long_import_can_be_stopped_and_nothing_is_left(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_csv(tmp_path / "长.csv", [HEADERS, *GOOD])
    works, reached, asked = ImportWork(), threading.Event(), threading.Event()

    def take_in(progress: Progress) -> object:
        def wait_there(what: str, done: int, total: int) -> None:
            if (what, done) == ("写入 store", 1):  # everything is written, nothing committed
                reached.set()
                asked.wait(10)
            progress(what, done, total)

        with Store.open(node.home.store) as store:
            return take(store, path, progress=wait_there)

    work = works.begin("a", "take", take_in)
    assert reached.wait(10)
    with pytest.raises(InputError, match=r"import\.busy"):
        works.begin("b", "look", take_in)
    assert works.running() is work and works.of("b") is None
    work.stop.set()
    asked.set()
    assert work.ended.wait(10)
    assert work.error and work.error.code == "import.stopped"
    assert ids(node) == []
    with Store.open(node.home.store) as store:
        assert imports.runs(store) == ()


def test_what_was_taken_in_before_it_could_be_stopped_is_told(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_csv(tmp_path / "短.csv", [HEADERS, *GOOD])
    console = console_of(node)

    def take_in(progress: Progress) -> Taken:
        with Store.open(node.home.store) as store:
            return Taken((take(store, path, progress=progress),))

    async def use() -> None:
        async with before(make_app(console)) as browser:
            page = file_page(await give(browser, path))
            work = console.works.begin(page.rpartition("/")[2], "take", take_in)
            assert await asyncio.to_thread(work.ended.wait, 10)
            for said in ("收下 3 行", "短.csv"):  # the second time nothing is known of it
                _, text, _ = await browser.post(f"{page}/stop")
                assert said in text and "什么也没有改变" not in text

    asyncio.run(use())


async def test_what_waits_too_long_goes_though_nobody_looks(tmp_path: Path) -> None:
    node, clock = new_node(tmp_path / "node"), Clock()
    path = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])
    kept.keep(node.home, path, path.name, now=clock.now(), by="")
    for days, left in ((kept.DAYS, 1), (1, 0)):
        clock.at += days * 86_400
        await Chores(node, pen(node, clock)).sweep()
        assert len(kept.every(node.home)) == left


@pytest.mark.parametrize("told", ["..", ".", "", "../a.csv", "长" * 200 + ".csv"])
def test_no_name_of_a_file_leads_anywhere_else(told: str, tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    path = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])
    found = kept.keep(node.home, path, told, now=0, by="")
    inside = kept.path_of(node.home, found).resolve()
    assert inside.is_file() and inside.is_relative_to(node.home.path / "imports")
    assert kept.find(node.home, found.sha256) == found


def test_no_more_lists_wait_than_there_is_room_for(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    for number in range(kept.MOST_FILES + 1):
        path = write_csv(tmp_path / "a.csv", [["编号", "名称"], [str(number), "镜"]])
        if number < kept.MOST_FILES:
            kept.keep(node.home, path, path.name, now=number, by="")
    with pytest.raises(InputError, match=r"import\.full"):
        kept.keep(node.home, path, path.name, now=99, by="")
    assert kept.every(node.home)[0].at == kept.MOST_FILES - 1


def test_an_erasure_leaves_no_list_that_waits(tmp_path: Path) -> None:
    node, clock = new_node(tmp_path / "node"), Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    path = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])
    kept.keep(node.home, path, path.name, now=clock.now(), by="")
    erase(pen(node, clock), SCHEMAS, Wish("error", "instrument", ("A-1",)))
    assert kept.every(node.home) == ()


def test_what_waits_too_long_is_swept(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    clock = Clock()
    path = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])

    async def use() -> None:
        async with browsing(node, clock) as browser:
            text = await give(browser, path)
            assert (node.home.path / "imports").is_dir()
            clock.at += (kept.DAYS + 1) * 86_400
            _, listed, _ = await browser.get("/imports")
            assert "台账.csv" not in listed
            status, text, _ = await browser.post(f"{file_page(text)}/take")
            assert status == 422 and "重新上传" in text

    asyncio.run(use())
