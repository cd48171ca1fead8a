"""The usual faults of lists, in every format and encoding: each is told with its cell.

A fault is a list of instruments in which one thing is wrong. What is read, refused, skipped and
said of it is the same whatever the file's format, where that format can have the fault at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.sheets.opening import open_file
from fenhe_node.importing.annotation import marked_stagings
from fenhe_node.staging.stage import Staging, stage
from fenhe_node.staging.suggesting import suggest_mapping
from tests.node.lists import SCHEMAS, UNIT
from tests.node.workbooks import BOOKS, FORMATS, Bare, Formula, Page, Shown, write

HEADERS = ("设备编号", "设备名称", "型号", "原值（万元）", "购置日期", "状态", "存放地点", "负责人")
GOOD = ("S-1", "扫描电镜", "EX-1", "35.5", "2015-03-01", "在用", "1号楼", "示例甲")
ALSO = ("S-3", "光谱仪", "EX-3", "88", "2017-08-09", "在用", "1号楼", "示例丙")


@dataclass(frozen=True)
class Fault:
    """`told`: cell and code of every problem; `skipped`: row and why; `notes`: parts of notes."""

    rows: Sequence[Sequence[Any]]
    told: Sequence[tuple[str, str]] = ()
    taken: Sequence[str] = ("S-1",)
    skipped: Sequence[tuple[int, str]] = ()
    notes: Sequence[str] = ()
    formats: Sequence[str] = FORMATS
    page: Page = field(default_factory=lambda: Page(()))
    others: Sequence[Page] = ()  # sheets before it


def wrong(column: str, value: Any, code: str, *, formats: Sequence[str] = FORMATS) -> Fault:
    """A good row, then one in which this cell is wrong."""
    row = list(ALSO)
    row["ABCDEFGH".index(column)] = value
    return Fault((HEADERS, GOOD, row), ((f"{column}3", code),), formats=formats)


def fine(column: str, value: Any, *, formats: Sequence[str] = FORMATS) -> Fault:
    """A good row, then one with something odd that is certain all the same."""
    row = list(ALSO)
    row["ABCDEFGH".index(column)] = value
    return Fault((HEADERS, GOOD, row), (), ("S-1", "S-3"), formats=formats)


FAULTS: dict[str, Fault] = {
    "nothing is wrong": Fault((HEADERS, GOOD, ALSO), (), ("S-1", "S-3")),
    # What stands above and between the rows.
    "a title above the headers": Fault(
        (("示例大学仪器台账", *[None] * 7), HEADERS, GOOD, ALSO), (), ("S-1", "S-3")
    ),
    "merged headers": Fault(
        (("基本信息", None, None, None, None, "其他", None, None), HEADERS, GOOD, ALSO),
        (), ("S-1", "S-3"), notes=("第 1-2 行",), formats=BOOKS,
        page=Page((), merges=((1, 0, 1, 4), (1, 5, 1, 7))),
    ),
    "blank rows": Fault(
        (HEADERS, GOOD, [None] * 8, ["  "] + [None] * 7, ALSO), (), ("S-1", "S-3"),
        ((3, "空行"), (4, "空行")),
    ),
    "a row of totals": Fault(
        (HEADERS, GOOD, ("合计", None, None, "35.5", *[None] * 4)), skipped=((3, "合计行"),)
    ),
    "the header again": Fault((HEADERS, GOOD, HEADERS), skipped=((3, "重复的表头"),)),
    "a note below": Fault(
        (HEADERS, GOOD, ("填表人: 示例甲", *[None] * 7)), skipped=((3, "说明行"),)
    ),
    "merged cells": Fault(
        (HEADERS, GOOD, (*ALSO[:6], None, ALSO[7])), (("G3", "cell.merged"),), formats=BOOKS,
        page=Page((), merges=((2, 6, 3, 6),)),
    ),
    "a hidden row": Fault(
        (HEADERS, GOOD, ALSO), (), ("S-1", "S-3"), notes=("第 3 行是隐藏行",), formats=BOOKS,
        page=Page((), hidden_rows=(3,)),
    ),
    "a hidden column": Fault(
        (HEADERS, GOOD, ALSO), (), ("S-1", "S-3"), notes=("隐藏的列 G",), formats=BOOKS,
        page=Page((), hidden_columns=(6,)),
    ),
    "a hidden sheet before the list": Fault(
        (HEADERS, GOOD), notes=("未读的工作表", "旧台账"), formats=BOOKS,
        others=(Page((HEADERS, ("OLD-1", *GOOD[1:])), name="旧台账", hidden=True),),
    ),
    "another table below": Fault(
        (HEADERS, GOOD, [None] * 8, ("报废设备", *[None] * 7),
         ("设备编号", "设备名称", "报废日期", "残值", "文号", "状态", None, None),
         ("S-8", "旧谱仪", "2024-03-01", "500", "2024-03-02", "在用", None, None)),
        (("A4", "row.another-table"),), skipped=((3, "空行"),),
    ),
    "another table beside": Fault(
        ((*HEADERS[:3], "", *HEADERS[:3]), (*GOOD[:3], None, "S-9", "谱仪", "EX-9")),
        notes=("E 列起像是并排的另一张表",),
    ),
    # Ids.
    "ids that differ in capitals only": Fault(
        (HEADERS, GOOD, ("s-1", *ALSO[1:])), (("A3", "id.alike"),), ("S-1", "s-1")
    ),
    "the same id twice": Fault(
        (HEADERS, GOOD, ("S-1", *ALSO[1:])), (("A2", "id.doubled"), ("A3", "id.doubled")), ()
    ),
    "the same id with a space behind it": Fault(
        (HEADERS, GOOD, ("S-1 ", *ALSO[1:])), (("A2", "id.doubled"), ("A3", "id.doubled")), ()
    ),
    "no id": wrong("A", None, "id.missing"),
    "an id as a float": wrong("A", "20150012.0", "cell.decimal-id"),
    "an id as a decimal": wrong("A", 20150012.5, "cell.decimal-id", formats=BOOKS),
    "an id that became a number": Fault(
        (HEADERS, ("00012", *GOOD[1:]), (13, *ALSO[1:])), (("A3", "cell.number-id"),), ("00012",),
        formats=BOOKS,
    ),
    "an id without its zeros": Fault(
        (HEADERS, ("00012", *GOOD[1:]), ("13", *ALSO[1:])), (("A3", "cell.leading-zero"),),
        ("00012",),
    ),
    "an id in scientific notation": wrong("A", "2.01E+17", "cell.scientific"),
    "eighteen digits as a number": wrong("A", 201500120000000123.0, "cell.scientific"),
    "an id in full width": wrong("A", "Ｓ-3", "cell.full-width"),
    "two ids in one cell": wrong("A", "S-3\nS-4", "schema.id"),
    # Numbers.
    "a value with its unit": wrong("D", "35万", "value.number"),
    "full-width digits": wrong("D", "３５", "cell.full-width"),
    "a comma for a point": wrong("D", "35,5", "value.number"),
    "about so much": wrong("D", "约35", "value.number"),
    "less than nothing": wrong("D", "-35", "schema.range"),
    "a value in brackets": wrong("D", "(35)", "value.number"),
    "a value behind an apostrophe": wrong("D", "'35", "value.number"),
    "a value with a space inside": wrong("D", "1 234", "value.number"),
    "a value as a percentage": wrong(
        "D", Shown(0.35, "0%"), "cell.number-shown", formats=("xls", "xlsx")
    ),
    "thousands with commas": fine("D", "1,234.5"),
    "ten thousands for yuan": Fault(
        (("设备编号", "设备名称", "原值（元）", "状态"),
         ("S-1", "扫描电镜", "355000", "在用"), ("S-3", "光谱仪", "35.5", "在用")),
        (("C3", "value.unlikely"),), ("S-1", "S-3"),
    ),
    "yuan for ten thousands": Fault(
        (HEADERS, GOOD, (*ALSO[:3], "355000", *ALSO[4:])), (("D3", "value.unlikely"),),
        ("S-1", "S-3"),
    ),
    "a percentage for a model": wrong(
        "C", Shown(0.5, "0%"), "cell.number-shown", formats=("xls", "xlsx")
    ),
    # Dates.
    "a date as text": fine("E", "2016年1月2日"),
    "a date as a date": fine("E", date(2016, 1, 2), formats=BOOKS),
    "a date with two digits of its year": wrong("E", "16-01-02", "value.date"),
    "a date with dots": fine("E", "2026.3.5"),
    "a month in Chinese": wrong("E", "2026年3月", "value.date"),
    "a month only": wrong("E", "2016.1", "value.date"),
    "a date as a serial": wrong("E", 42370, "cell.date-serial"),
    "a date of 1900": wrong("E", "1900-01-00", "cell.date-1900"),
    "a date that shows but its month": wrong(
        "E", Shown(date(2017, 6, 1), 'yyyy"年"m"月"'), "cell.date-part", formats=BOOKS
    ),
    "a day that is none": wrong("E", "2016-02-30", "value.date"),
    "a model that became a date": wrong(
        "C", date(2026, 3, 5), "cell.date-for-text", formats=BOOKS
    ),
    # Words.
    "spaces around": Fault(
        (HEADERS, GOOD, tuple(f"\u3000{cell} " for cell in ALSO)), (), ("S-1", "S-3")
    ),
    "a word that is no code": wrong("F", "很好", "value.code"),
    "no name": wrong("B", None, "schema.missing"),
    "an error of a formula": wrong("C", "#N/A", "cell.error"),
    "an error of a reference": wrong("G", "#REF!", "cell.error"),
    "a line break in a name": fine("B", "光谱\n仪"),
    "a formula without its result": wrong("C", Formula(), "cell.formula", formats=("xlsx",)),
    "text garbled beyond recovery": wrong("G", "锟斤拷锟斤拷", "cell.garbled"),
    "an invisible sign": wrong("G", "1号\u202e楼", "cell.control"),
    # Persons.
    "a phone in a name cell": wrong("B", "光谱仪 13800000000", "privacy.mobile"),
    "a phone as the name": wrong("B", 13800000000, "privacy.mobile"),
    "a person in a public cell": wrong("G", "找示例丙", "privacy.name"),
    "a mailbox in a public cell": wrong("G", "example.person@163.com", "privacy.mail"),
    # Columns.
    "a header without its unit": Fault(
        (("设备编号", "设备名称", "原值", "状态"), ("S-1", "扫描电镜", "35.5", "在用")),
        notes=("C: 表头没有写明单位",),
    ),
    "the same header twice": Fault(
        ((*HEADERS, "设备编号"), (*GOOD, "X-9"), (*ALSO, "X-8")), (), ("S-1", "S-3"),
        notes=("I: 与",),
    ),
    "a comma inside a value": Fault(
        (HEADERS, GOOD, (*ALSO[:2], Bare("EX, 3"), *ALSO[3:])),
        (("E3", "value.date"), ("F3", "value.code"), ("3", "row.too-long")),
        formats=("csv", "csv-bom", "csv-gb18030", "csv-utf16"),
    ),
}  # fmt: skip


def read(path: Path) -> Staging:
    """Stage a file by the mapping that is guessed for it."""
    opened = open_file(path)
    mapping = suggest_mapping(opened, SCHEMAS, None)
    return stage(opened.name, opened.sheets, mapping, schemas=SCHEMAS, unit=UNIT)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_with_its_cell(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    page = replace(fault.page, rows=fault.rows)
    for form in fault.formats:
        staging = read(write(tmp_path / f"台账.{form[:4]}", form, (*fault.others, page)))
        assert (form, told(staging)) == (form, list(fault.told))
        assert (form, [draft.id for draft in staging.kept]) == (form, list(fault.taken))
        skipped = [(row.row, row.why_zh) for row in staging.rows if row.fate == "skipped"]
        assert (form, skipped) == (form, list(fault.skipped))
        said = (*staging.notes, *(f"{c.column}: {c.why_zh}" for c in staging.columns))
        for note in fault.notes:
            assert note in "\n".join(said), form


MARKED = [
    pytest.param(name, form, id=f"{name} · {form}")
    for name, fault in FAULTS.items()
    for form in fault.formats
    if form in ("xls", "csv") or len(fault.formats) == 1
    if fault.told and name != "a comma inside a value"
]


@pytest.mark.parametrize(("name", "form"), MARKED)
def test_what_nobody_mended_in_the_marked_copy_is_told_again(
    name: str, form: str, tmp_path: Path
) -> None:
    fault = FAULTS[name]
    path = write(tmp_path / f"台账.{form}", form, (replace(fault.page, rows=fault.rows),))
    opened = open_file(path)
    mapping = suggest_mapping(opened, SCHEMAS, None)
    first = stage(opened.name, opened.sheets, mapping, schemas=SCHEMAS, unit=UNIT)
    marked = tmp_path / "台账-标注.xlsx"
    marked.write_bytes(marked_stagings([first]))
    again = open_file(marked)
    second = stage(again.name, again.sheets, mapping, schemas=SCHEMAS, unit=UNIT)
    assert told(second) == told(first)
    assert [d.record for d in second.kept] == [d.record for d in first.kept]


def told(staging: Staging) -> list[tuple[str, str]]:
    return [(f"{p.place.column}{p.place.row}" if p.place else "", p.code) for p in staging.problems]
