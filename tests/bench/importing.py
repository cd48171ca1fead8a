"""Taking in a list against the bare reader of its format, by processor time, in fresh processes."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests.bench.machine import run

ROWS = 100_000
HEADERS = (
    "仪器编号", "仪器名称", "型号", "生产厂家", "原值（万元）",
    "购置日期", "状态", "存放地点", "负责人", "主要功能",
)  # fmt: skip


@dataclass(frozen=True)
class ImportFigures:
    """Seconds of processor time of one round, and the peak memory of the import."""

    bare: float
    whole: float
    again: float  # the same file once more, which changes nothing
    peak_mib: float


def rounds(folder: Path, count: int, form: str, rows: int = ROWS) -> Iterator[ImportFigures]:
    """Measure `count` rounds; in each the bare reader and the import take turns."""
    path = _list(folder / f"list.{form}", rows)
    for number in range(count):
        bare = float(run("tests.bench.one_import", "bare", path))
        whole, again, peak = json.loads(
            run("tests.bench.one_import", "import", path, folder / f"store-{form}-{number}")
        )
        yield ImportFigures(bare, whole, again, peak)


def _list(path: Path, rows: int) -> Path:
    made = [HEADERS, *_rows(rows)]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(made)
        return path
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for row in made:
        sheet.append(row)
    book.save(path)
    return path


def _rows(count: int) -> Iterator[tuple[str, ...]]:
    dice = random.Random(20261123)
    for number in range(count):
        yield (
            f"A-{number:06d}",
            "扫描电子显微镜",
            f"EX-{dice.randrange(999)}",
            "示例仪器公司",
            f"{dice.randrange(1, 900)}.{dice.randrange(99):02d}",
            f"20{dice.randrange(10, 26)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 28):02d}",
            "在用",
            f"理科楼 {dice.randrange(1, 40)} 号",
            f"示例{dice.choice('甲乙丙丁')}",
            "用于材料微观形貌观察与成分分析",
        )
