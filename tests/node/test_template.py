"""The import templates of every kind, the national platform's own forms, and back into records."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlrd
import xlwt

from fenhe_node.cli import main
from fenhe_node.importing.calls import Desk, Instru, take_call
from fenhe_node.importing.template import Column, columns, write, written
from fenhe_node.mapping.suggestion import KINDS
from fenhe_node.staging.derived import derive
from fenhe_node.store import Store
from fenhe_protocol.code_tables import codes_of
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from tests.node.consoles import browsing
from tests.node.homes import NOW, new_node
from tests.node.instru_calls import INS_CODE, said, with_code
from tests.node.lists import DATA, UNIT, record, sums_agree, take

SCHEMAS = SchemaSet.load()
EXAMPLES = Path(__file__).parents[2] / "schemas/examples"
# What a person fills in a form of its own, or what no cell can hold.
_NOT_IN_SHEETS = ("ext", "class_table", "subjects_table", "deleted")
_NOT_IN_LINES = ("no", "steps", "cost_basis")


def whole(kind: str) -> dict[str, Any]:
    """The example of a kind with all its tiers together."""
    bodies = json.loads((EXAMPLES / f"{kind}.json").read_text("utf-8"))
    found: dict[str, Any] = {}
    for tier in bodies.values():
        found |= tier["full"]
    return without_nothing({n: value for n, value in found.items() if n not in _NOT_IN_SHEETS})


def without_nothing(found: dict[str, Any]) -> dict[str, Any]:
    """无 in a cell says that there is nothing."""
    return {
        name: without_nothing(value) if isinstance(value, dict) else value
        for name, value in found.items()
        if value != "无"
    }


def value_at(values: Any, path: str) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


def rows_of(found: dict[str, Any], listed: tuple[Column, ...]) -> list[list[str]]:
    """One row of texts, or one for each price line."""
    lines = found.get("lines", [None])
    return [
        [
            "" if value is None else written(column.field, value)
            for column in listed
            for value in [value_at({**found, "lines": line}, column.path)]
        ]
        for line in lines
    ]


def fill(file: Path, kind: str) -> None:
    """Write a kind's example into its template."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    listed = columns(SCHEMAS.kind(kind))
    for number, texts in enumerate(rows_of(whole(kind), listed), start=2):
        for column, text in enumerate(texts, start=1):
            if kind == "unit":
                sheet.cell(column + 1, 2).value = text
            else:
                sheet.cell(number, column).value = text
    book.save(file)


def without_what_no_cell_holds(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    if kind != "fee_standard":
        return found
    lines = [{k: v for k, v in line.items() if k not in _NOT_IN_LINES} for line in found["lines"]]
    return found | {"lines": lines}


@pytest.mark.parametrize("kind", KINDS)
def test_a_filled_template_becomes_the_record_without_a_mapping(
    store: Store, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "模板.xlsx"
    assert write(kind, SCHEMAS, file) == len(columns(SCHEMAS.kind(kind)))
    fill(file, kind)
    report = take(store, file)
    assert (report.kind, report.problems, sums_agree(report)) == (kind, (), True)
    expected = derive(kind, without_what_no_cell_holds(kind, whole(kind)))
    found = without_what_no_cell_holds(kind, record(store, expected["id"], kind))
    assert found == expected


def test_a_template_says_who_sees_what_and_offers_the_codes(tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"
    write("service_record", SCHEMAS, file)
    book = openpyxl.load_workbook(file)
    about = {row[0]: row for row in book["说明"].iter_rows(min_row=3, values_only=True)}
    assert about["申请人"][1] == "密封上报国家平台 sealed for the nation"
    assert "委托共享" in str(about["服务方式"][5])
    assert any(
        "委托共享" in each.formula1 for each in book.worksheets[0].data_validations.dataValidation
    )
    with pytest.raises(InputError, match=r"import\.kind"):
        write("rej", SCHEMAS, file)


def test_a_template_lists_the_codes_of_a_table_too_long_to_choose_from(tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"
    write("instrument", SCHEMAS, file)
    book = openpyxl.load_workbook(file)
    rows = list(book["分类代码表"].iter_rows(min_row=2, values_only=True))
    assert {str(row[0]) for row in rows} == codes_of("instrument-classes")
    about = {row[0]: row for row in book["说明"].iter_rows(min_row=3, values_only=True)}
    assert "见“分类代码表”" in [row[5] for row in about.values()]
    assert "见“学科代码表”" in [row[5] for row in about.values()]


def test_an_empty_template_brings_nothing(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"
    write("centre", SCHEMAS, file)
    report = take(store, file)
    assert (report.kind, report.rows) == ("centre", 0)


def national(path: Path, form: str, rows: dict[str, dict[str, Any]]) -> Path:
    """Fill a copy of a national template, its headers read from the real file: sheet → header."""
    with xlrd.open_workbook(DATA / "nrii/templates" / form, formatting_info=True) as template:
        book = xlwt.Workbook()
        for sheet in template.sheets():
            page = book.add_sheet(sheet.name)
            for row in range(sheet.nrows):
                for column in range(sheet.ncols):
                    page.write(row, column, sheet.cell_value(row, column))
            heads = sheet.row_values(sheet.nrows - 1) if sheet.nrows else []
            for head, value in rows.get(sheet.name, {}).items():
                column = next(n for n, text in enumerate(heads) if str(text).startswith(head))
                page.write(sheet.nrows, column, value)
        book.save(str(path))
    return path


CENTRE = {
    "所在单位中心编号": "C-1",
    "仪器中心名称": "示例分析测试中心",
    "大型科研仪器数量": 26,
    "仪器总原值": 8600.5,
    "成立日期": "2016-01-01",
    "主要学科领域": "化学，物理学",
    "是否取得实验室认证认可": "是",
    "科研用房面积": 1800,
    "中心简介": "分析测试",
    "安放地址-省份": "山西省",
    "图片": "c.jpg",
    "联系人": "示例甲",
    "电话": "0351-0000000",
    "电子邮箱": "a@example.org",
}
FACILITY = {
    "所属单位科学装置编号": "F-1",
    "装置名称": "示例装置",
    "建设经费": 120000,
    "验收通过日期": "2018-05-01",
    "建设情况": 2,
    "设施类别": "2",
    "国外主要单位用户": "无",
    "首席科学家-姓名": "示例乙",
    "布局图下载网址": "https://u1.example/layout",
    "支撑国家重大科研任务": "示例成果",
}
PART = {
    "所在单位仪器编号": "A-1",
    "仪器设备名称": "示例谱仪",
    "所属科研设施内部编号": "F-1",
    "原值": 67.81,
}

needs_data = pytest.mark.skipif(
    not (DATA / "nrii/templates").is_dir(), reason="../shared/data is not here"
)


@needs_data
def test_the_national_form_of_centres_is_recognised(store: Store, tmp_path: Path) -> None:
    report = take(
        store, national(tmp_path / "center.xls", "center.xls", {"科学仪器中心清单": CENTRE})
    )
    assert (report.kind, report.problems) == ("centre", ())
    found = record(store, "C-1", "centre")
    assert (found["value_yuan"], found["accredited"], found["status"]) == (
        86_005_000,
        True,
        "normal",
    )
    assert found["subjects"] == ["150", "140"]
    assert found["contact_person"] == {"name": "示例甲", "mail": "a@example.org"}
    assert found["service_office"] == {"landline": "0351-0000000"}


@needs_data
def test_the_national_form_of_facilities_is_recognised_with_its_instruments(
    store: Store, tmp_path: Path
) -> None:
    rows = {"重大科研基础设施清单": FACILITY, "核心仪器设备清单": PART}
    file = national(tmp_path / "device.xls", "device.xls", rows)
    alone = national(tmp_path / "alone.xls", "device.xls", {"重大科研基础设施清单": FACILITY})
    assert take(store, alone).kind == "installation"  # the sheet of instruments is empty
    assert take(store, file, kind="installation").problems == ()
    found = record(store, "F-1", "installation")
    assert (found["construction"], found["category"]) == ("completed", "experiment")
    assert (found["accepted_on"], found["value_yuan"]) == ("2018-05-01", 1_200_000_000)
    assert found["chief_scientist"] == {"name": "示例乙"}
    assert (found["layout_photo"], found["achievement"]) == (
        "https://u1.example/layout",
        "示例成果",
    )
    assert take(store, file, kind="instrument").problems == ()
    assert record(store, "A-1")["carrier"] == {
        "kind": "installation",
        "type": "installation",
        "id": "F-1",
    }
    assert record(store, "A-1")["unit"] == UNIT


async def test_the_console_hands_out_the_empty_lists(tmp_path: Path) -> None:
    async with browsing(new_node(tmp_path / "node")) as browser:
        await browser.get("/imports/empty")
        assert browser.body.decode().count(".xlsx") >= len(KINDS)
        assert (await browser.get("/imports/empty/centre.xlsx"))[0] == 200
        book = openpyxl.load_workbook(BytesIO(browser.body))
        assert book.sheetnames == ["科学仪器中心", "说明", "学科代码表"]
        assert (await browser.get("/imports/empty/rej.xlsx"))[0] != 200


def test_the_terminal_writes_a_template_and_lists_what_came_by_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = new_node(tmp_path / "node").home
    file = tmp_path / "中心.xlsx"
    assert main(["--home", str(home.path), "template", "centre", "--out", str(file)]) == 0
    assert "49 列" in capsys.readouterr().out
    assert file.is_file()
    assert main(["--home", str(home.path), "soap-calls"]) == 0
    assert "还没有系统报来" in capsys.readouterr().out
    with_code(home.store)
    with Store.open(home.store) as opened:
        for what in (said(4), {**said(4, 2), "worth": "35万"}):
            text = json.dumps(what, ensure_ascii=False)
            take_call(Desk(opened, SCHEMAS, UNIT, NOW), Instru(INS_CODE, 4, text))
    assert main(["--home", str(home.path), "soap-calls", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["code"] for each in told["calls"]] == [202, 100]
