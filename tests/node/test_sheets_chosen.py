"""A workbook with several lists: each sheet read as what it is, all taken in at once."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlrd
import xlwt
from openpyxl import load_workbook

from fenhe_node.importing.annotation import annotate
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.sheets_chosen import Wish
from fenhe_node.importing.workbook import To, import_workbook
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.store import Store, imports, own_words, records
from fenhe_protocol.errors import InputError
from tests.node.consoles import browsing
from tests.node.homes import new_node
from tests.node.lists import DATA, GOOD, HEADERS, NOW, SCHEMAS, UNIT, codes, sums_agree
from tests.node.test_console_imports import file_page, give, ids, settled
from tests.node.workbooks import Page, write

ONE = Page([HEADERS, *GOOD], name="一院")
TWO = Page([HEADERS, *(["B" + row[0], *row[1:]] for row in GOOD)], name="二院")
SERVICES = Page(
    [
        ["记录编号", "仪器编号", "开始时间", "有效机时（小时）", "用户类别"],
        ["R-1", "20150001", "2026-07-01 09:00", "2", "校内"],
        ["R-2", "20150001", "2026-07-01 13:00", "1.5", "高校"],
    ],
    name="服务",
)
ABOUT = Page([["编号", "怎么填"], ["1", "写本单位的资产编号"]], name="填写说明")
DEVICE = DATA / "nrii" / "templates" / "device.xls"


def take(store: Store, path: Path, *, now: int = NOW, **wish: Any) -> tuple[ImportReport, ...]:
    return import_workbook(store, path, Wish(**wish), To(SCHEMAS, UNIT, now))


def seen(reports: tuple[ImportReport, ...]) -> list[tuple[str, str, int, int]]:
    assert all(map(sums_agree, reports))
    return [(r.sheet, r.kind, r.staged, r.refused) for r in reports]


@pytest.mark.parametrize("form", ["xls", "xlsx", "ods"])
def test_every_sheet_that_is_a_list_is_taken_in(store: Store, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"台账.{form}", form, [ABOUT, ONE, TWO, SERVICES])
    reports = take(store, path)
    assert seen(reports) == [
        ("一院", "instrument", 3, 0),
        ("二院", "instrument", 3, 0),
        ("服务", "service_record", 2, 0),
    ]
    assert [report.source for report in reports] == [
        path.name, f"{path.name} · 二院", path.name,
    ]  # fmt: skip
    assert "未读的工作表 sheets not read: 填写说明" in "\n".join(reports[0].notes)
    again = take(store, path, now=NOW + 9)
    assert [len(report.unchanged) for report in again] == [3, 3, 2]
    assert not any(r.new or r.changed or r.vanished for r in again)


def test_what_vanished_is_counted_for_each_list(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, TWO, SERVICES])
    take(store, path)
    short = Page(SERVICES.rows[:2], name="服务")
    moved = Page([HEADERS, GOOD[0], GOOD[1]], name="一院")
    into = Page([*TWO.rows, GOOD[2]], name="二院")
    reports = take(store, write(path, "xlsx", [moved, into, short]), now=NOW + 9)
    # A row that stands in another sheet now is not missing.
    assert [report.vanished for report in reports] == [(), (), ("R-2",)]
    assert "原在另一份清单中: 20150003" in "\n".join(reports[1].notes)


def test_nothing_is_deleted_while_a_row_of_another_sheet_tells_no_id(
    store: Store, tmp_path: Path
) -> None:
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, TWO])
    for report in take(store, path):
        named = replace(parse_mapping(report.mapping_text, ""), source=report.source)
        sure = replace(named, vanished="scrapped")
        text = render_mapping(sure, SCHEMAS.kind(report.kind))
        own_words.save_mapping(store, report.source, report.kind, text, now=NOW, by="")
    lost = Page([*TWO.rows, ["", *GOOD[2][1:]]], name="二院")  # it was 20150003 of the first sheet
    first, second = take(store, write(path, "xlsx", [Page(ONE.rows[:3], name="一院"), lost]))
    assert (first.deleted, first.vanished) == ((), ("20150003",))
    assert codes(second) == [("A5", "id.missing")]
    first, second = take(store, write(path, "xlsx", [Page(ONE.rows[:3], name="一院"), TWO]))
    assert (first.deleted, second.deleted) == (("20150003",), ())


def test_one_id_in_two_sheets_is_taken_once_or_refused_at_both_cells(
    store: Store, tmp_path: Path
) -> None:
    other = [GOOD[1][0], "另一台", *GOOD[1][2:]]
    both = Page([HEADERS, GOOD[0], other], name="汇总")
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, both])
    first, second = take(store, path)
    assert (codes(first), codes(second)) == ([("A3", "id.doubled")], [("A3", "id.doubled")])
    assert "“汇总”第 3 行" in first.problems[0].expected_zh
    assert [(s.place.row, s.why_zh) for s in second.skipped] == [(2, "与“一院”第 2 行相同")]
    assert first.new == ("20150001", "20150003") and second.new == ()


def test_whoever_is_named_in_one_sheet_is_sought_in_the_next(store: Store, tmp_path: Path) -> None:
    prices = Page(
        [
            ["编号", "名称", "收费项目", "计费单位", "外部价格", "备注"],
            ["F-1", "测样", "测样", "样", "5", "问示例甲"],
        ],
        name="价目",
    )
    reports = take(store, write(tmp_path / "台账.xlsx", "xlsx", [ONE, prices]))
    assert codes(reports[1]) == [("F2", "privacy.name")]


def test_sheets_are_read_as_somebody_says(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "台账.xlsx", "xlsx", [ABOUT, ONE, TWO, SERVICES])
    assert seen(take(store, path, sheets=("二院",))) == [("二院", "instrument", 3, 0)]
    told = take(store, path, sheets=("服务=service_record", "一院=instrument"))
    assert [report.sheet for report in told] == ["一院", "服务"]
    with pytest.raises(InputError, match=r"sheet\.absent"):
        take(store, path, sheets=("三院",))
    with pytest.raises(InputError, match=r"header\."):
        take(store, path, sheets=("填写说明=instrument",))


def test_nothing_is_taken_in_where_one_list_cannot_be(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, SERVICES])

    def stop(what: str, done: int, total: int) -> None:
        if what.startswith("写入") and imports.runs(store):
            raise InputError("import.stopped")

    with pytest.raises(InputError, match=r"import\.stopped"):
        import_workbook(store, path, Wish(), To(SCHEMAS, UNIT, NOW, progress=stop))
    assert imports.runs(store) == () and not records.ids(store, "instrument")


def test_the_marked_workbook_has_every_sheet_and_mends_all(store: Store, tmp_path: Path) -> None:
    bad = [*SERVICES.rows[:2], ["R-2", "20150001", "2026-07-01", "约2", "校内"]]
    worse = [*ONE.rows, ["S-9", "光谱仪", "EX", "35万", "2016-01-02", "在用", "示例甲"]]
    pages = [Page(worse, name="一院"), TWO, Page(bad, name="服务")]
    first = take(store, write(tmp_path / "台账.xls", "xls", pages))
    assert [report.refused for report in first] == [1, 0, 1]
    (marked,) = annotate(store, tmp_path)
    book = load_workbook(marked)
    assert book.sheetnames == ["一院", "二院", "服务", "问题 problems"]
    assert book["一院"]["D5"].comment and book["服务"]["D3"].comment
    assert [row[0].value for row in book["问题 problems"].iter_rows(min_row=2)] == [
        "台账.xls · 一院 · D5", "台账.xls · 服务 · D3",
    ]  # fmt: skip
    book["一院"]["D5"].value, book["服务"]["D3"].value = "35", "2"
    book.save(marked)
    mended = take(store, marked, now=NOW + 9)
    assert [(r.refused, r.new, r.vanished) for r in mended] == [
        (0, ("S-9",), ()), (0, (), ()), (0, ("R-2",), ()),
    ]  # fmt: skip
    assert [report.source for report in mended] == [report.source for report in first]


@pytest.mark.skipif(not DEVICE.is_file(), reason="the national templates are not here")
def test_both_sheets_of_the_national_device_form_go_in_at_once(
    store: Store, tmp_path: Path
) -> None:
    filled = {
        "重大科研基础设施清单": {"所属单位科学装置编号": "F-1", "装置名称": "示例装置"},
        "核心仪器设备清单": {
            "所在单位仪器编号": "S-1", "仪器设备名称": "谱仪", "所属科研设施内部编号": "F-1",
        },
    }  # fmt: skip
    reports = take(store, _filled(tmp_path / "device.xls", filled))
    assert seen(reports) == [
        ("重大科研基础设施清单", "installation", 1, 0),
        ("核心仪器设备清单", "instrument", 1, 0),
    ]
    found = records.find(store, "instrument", "S-1")
    assert found and found.record["carrier"] == {
        "type": "installation",
        "kind": "installation",
        "id": "F-1",
    }


def _filled(path: Path, rows: dict[str, dict[str, str]]) -> Path:
    book = xlwt.Workbook()
    with xlrd.open_workbook(DEVICE, formatting_info=True) as form:
        for name, values in rows.items():
            sheet, page = form.sheet_by_name(name), book.add_sheet(name)
            for top, bottom, left, right in sheet.merged_cells:
                page.write_merge(top, bottom - 1, left, right - 1, sheet.cell_value(top, left))
            for column in range(sheet.ncols):
                header = str(sheet.cell_value(1, column))
                page.write(1, column, header)
                found = next((v for h, v in values.items() if header.startswith(h)), None)
                if found:
                    page.write(2, column, found)
    book.save(str(path))
    return path


def test_a_mapping_saved_for_a_sheet_reads_it_in_the_next_edition(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    odd = Page(
        [["货号", "设备名称", "型号", "状态", "购置日期"], ["A-1", "镜", "X", "能用", ""]],
        name="其他",
    )
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, odd, SERVICES])

    async def use() -> None:
        async with browsing(node) as browser:
            text = await give(browser, path)
            page = file_page(text)
            assert "2 张表一起收下 5 行" in text and "未读的工作表 sheets not read: 其他" in text
            chosen = [("sheet", "一院"), ("sheet", "其他=instrument"), ("sheet", "服务")]
            await browser.send(f"{page}/list", [("source", "台账.xlsx"), *chosen])
            assert "没有可用作编号的列" in await settled(browser)
            fields = [("field.0", "id"), ("field.1", "name_zh"), ("field.3", "status")]
            await browser.send(f"{page}/mapping", fields)
            assert "value.code" in await settled(browser)
            words = [("sheet", "其他"), ("word.3", "能用"), ("code.3.0", "normal")]
            await browser.send(f"{page}/mapping", [*fields, *words])
            text = await settled(browser)
            assert "3 张表一起收下 6 行" in text
            assert f'href="{page}?sheet=' in text
            _, text, _ = await browser.get(f"{page}?sheet=服务")
            assert '<input type="hidden" name="sheet" value="服务">' in text
            await browser.post(f"{page}/take")
            text = await settled(browser)
            assert "一院: 收下 3 行" in text and "其他: 收下 1 行" in text
            assert "同一文件" in text
            assert ids(node, "service_record") == ["R-1", "R-2"] and "A-1" in ids(node)
            await browser.get("/imports/run/1/marked.xlsx")
            assert load_workbook(io.BytesIO(browser.body)).sheetnames[:2] == ["一院", "其他"]

    asyncio.run(use())
