"""Lists as units write them, made on the spot: .xls, .xlsx and text, and a store to import into."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

from fenhe_node.importing.file import ImportReport, import_file
from fenhe_node.store import Store, records
from fenhe_protocol.schema import SchemaSet

UNIT = "12140000000000019W"
NOW = 1795392065  # 2026-11-23T08:01:05+08:00
SCHEMAS = SchemaSet.load()
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

HEADERS = ["设备编号", "设备名称", "型号", "原值（万元）", "购置日期", "状态", "负责人"]
GOOD = [
    ["20150001", "扫描电子显微镜", "EX-1", "35.5", "2015-03-01", "正常", "示例甲"],
    ["20150002", "核磁共振波谱仪", "EX-2", "320", "2016/5/6", "在用", "示例乙"],
    ["20150003", "X射线衍射仪", "EX-3", "88.25", "2017年8月9日", "待修", "示例丙"],
]

Table = Sequence[Sequence[Any]]


def write_xlsx(path: Path, rows: Table, *, sheet: str = "Sheet1") -> Path:
    """Write a workbook of one sheet; None leaves a cell empty."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def write_xls(
    path: Path, rows: Table, *, formats: Mapping[tuple[int, int], str] | None = None
) -> Path:
    """Write an .xls; `formats` gives cells (row, column from 0) a number format."""
    book = xlwt.Workbook()
    page = book.add_sheet("Sheet1")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            style = xlwt.XFStyle()
            style.num_format_str = (formats or {}).get((r, c), "General")
            if value is not None:
                page.write(r, c, value, style)
    book.save(str(path))
    return path


def write_csv(path: Path, rows: Table, *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write a text file without any quoting."""
    lines = (delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows)
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def take(store: Store, path: Path, **options: Any) -> ImportReport:
    """Import a file of the sample unit."""
    now = options.pop("now", NOW)
    return import_file(store, path, schemas=SCHEMAS, unit=UNIT, now=now, **options)


def codes(report: ImportReport) -> list[tuple[str, str]]:
    """Give cell and code of every problem, such as ("F7", "value.number")."""
    return [
        (f"{problem.place.column}{problem.place.row}" if problem.place else "", problem.code)
        for problem in report.problems
    ]


def sums_agree(report: ImportReport) -> bool:
    """Whether every row read has exactly one fate."""
    return report.rows == report.staged + report.refused + len(report.skipped)


def record(store: Store, record_id: str, kind: str = "instrument") -> dict[str, Any]:
    """Give the stored record, which must be there."""
    found = records.find(store, kind, record_id)
    assert found is not None
    return dict(found.record)


def write_mapping(path: Path, text: str) -> Path:
    """Write a mapping file."""
    path.write_text(text, "utf-8")
    return path
