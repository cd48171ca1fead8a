"""The files of the demonstration's units that depend on the day, and who the units are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from deploy.demo.invented import COUNTRIES, MAKERS, TYPES

SAMPLES = Path(__file__).with_name("samples")


@dataclass(frozen=True)
class DemoUnit:
    """One invented unit: folder name, name, code, list, and its code at the national platform."""

    folder: str
    name: str
    uscc: str
    file: str
    note: str
    ins_code: str
    kind_of_unit: str
    push: str = "auto"  # its setting of this name

    @property
    def only_pushes(self) -> bool:
        """Whether nothing at all listens at this unit."""
        return self.push == "always"


UNITS = (
    DemoUnit("university", "示例大学", "121400000000000013", "equipment.xls", "国家平台模板",
             "demo-university", "高等院校"),
    DemoUnit("institute", "示例研究所", "121400000000000026", "设备.csv", "GB18030, 映射",
             "demo-institute", "科研院所", push="always"),
    DemoUnit("company", "示例公司", "911401000000000039", "台账.xlsx", "问题很多",
             "demo-company", "企业", push="never"),
)  # fmt: skip

INSTITUTE_ROWS = 52
INSTITUTE_HEADERS = (
    *("设备编号", "设备名称", "英文名称", "规格型号", "生产厂家", "国别", "原值(元)", "经费来源"),
    *("分类编码", "学科", "主要功能", "技术指标", "服务内容", "用户须知", "收费标准", "验收日期"),
    *(
        "启用日期",
        "运行状态",
        "是否海关监管",
        "设备来源",
        "仪器设备类别",
        "省",
        "市",
        "区县",
        "街道",
        "预约网址",
    ),
    *("负责人", "手机"),
)


def institute_list(today: date) -> bytes:
    """Write 52 instruments as GB18030 CSV; five were accepted of late, two of them too long ago."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(INSTITUTE_HEADERS)
    for number in range(INSTITUTE_ROWS):
        writer.writerow(_institute_row(number, today))
    return text.getvalue().encode("gb18030")


def _institute_row(number: int, today: date) -> list[str]:
    kind = TYPES[number % len(TYPES)]
    days_ago = {0: 90, 1: 75, 2: 20, 3: 15, 4: 10}.get(number, 4500 + number)
    accepted = (today - timedelta(days=days_ago)).isoformat()
    # The three newest have yet to say what they are for: their thirty working days still run.
    function = "" if number in (2, 3, 4) else kind.function
    money = "单位自有资金" if number % 5 == 4 and number > 4 else "地方财政资金"
    made = [f"{kind.model}/{number + 1}", MAKERS[number % 3], COUNTRIES[number % 3]]
    worth = [str(int(float(kind.wan_yuan) * 10_000)), money]
    texts = [function, kind.specification, kind.service, "凭单位介绍信预约", "按所内标准收取"]
    state = ["正常" if number % 9 else "待修", "否", "购置", "通用" if number % 5 else "专用"]
    place = ["山西省", "太原市", "示例区", f"研究路{number + 1}号"]
    return [
        *(f"YJS{number + 1:05d}", kind.name, kind.name_en, *made, *worth),
        *(kind.class_code, kind.subjects.replace(",", "、"), *texts, accepted, accepted, *state),
        *(*place, f"https://booking.example/yjs/{number + 1}"),
        *(f"示例老师{number % 5}", "13000000000"),
    ]


FEE_HEADERS = (
    *("收费标准编号", "收费标准名称", "收费项目", "计费单位", "校内价格（元）", "校外价格（元）"),
    *("批准文号", "执行起始日期"),
)
USE_HEADERS = (
    *("记录编号", "仪器编号", "开始时间", "结束时间", "有效机时（小时）", "服务金额（元）"),
    *("用户类别", "服务方式", "服务类型", "申请人", "申请人电话", "申请人邮箱", "申请人单位"),
    *("课题名称", "实际服务内容"),
)
USER_CLASSES = ("单位内部用户", "高等院校", "企业", "科技型中小微企业")
PURPOSES = ("教学", "科学研究", "科技开发", "科技开发")


def fee_list() -> bytes:
    """Write the university's price lines, two for each of six instruments."""
    rows = [
        [f"SF-{kind.class_code}", f"{kind.name}收费标准", item, charge, inside, outside,
         "示例校发〔2020〕1号", "2020-01-01"]
        for kind in TYPES[:6]
        for item, charge, inside, outside in (
            ("常规测试", "小时", "100", "200"), ("样品制备", "样品", "30.50", "60"))
    ]  # fmt: skip
    return _csv(FEE_HEADERS, rows)


def use_list(quarter: Quarter) -> bytes:
    """Write what the university's booking system recorded in a quarter, users included."""
    return _csv(USE_HEADERS, [_use_row(number, quarter) for number in range(60)])


def _use_row(number: int, quarter: Quarter) -> list[str]:
    day, hours = quarter.first + timedelta(days=number % 80), 1 + number % 4
    instrument = f"SLDX{2012 + number % 6}{number % 6 + 1:04d}"
    times = [f"{day} 09:00", f"{day} {9 + hours:02d}:00", f"{hours - 0.5}"]
    service = [str(200 * hours), USER_CLASSES[number % 4], "技术共享", PURPOSES[number % 4]]
    who = number % 7
    user = [f"示例用户{who}", "0351-0000009", f"user{who}@example.org", f"示例用户单位{who}"]
    project = f"示例课题{who}" if number % 3 else ""
    return [f"JL{day:%Y}{number:04d}", instrument, *times, *service, *user, project, "样品测试"]


@dataclass(frozen=True)
class Quarter:
    """A quarter of a year, by its first day."""

    first: date

    @property
    def name(self) -> str:
        """`2026-Q3`, as `summarise` takes it."""
        return f"{self.first.year}-Q{(self.first.month + 2) // 3}"


def last_quarter(today: date) -> Quarter:
    """Return the last quarter that is over."""
    months = today.year * 12 + (today.month - 1) // 3 * 3 - 3
    return Quarter(date(months // 12, months % 12 + 1, 1))


def unit_sheet(unit: DemoUnit) -> bytes:
    """Write what a unit says of itself: two columns, 字段 and 值."""
    rows = [
        ("字段", "值"),
        ("统一社会信用代码", unit.uscc),
        ("单位名称", unit.name),
        ("单位类型", unit.kind_of_unit),
        ("国家平台单位标识", unit.ins_code),
        ("开放制度名称", f"{unit.name}仪器设备开放共享管理办法"),
        ("开放制度网址", "https://unit.example/rules/opening"),
        ("窗口名称", "分析测试中心服务窗口"),
        ("座机", "0351-0000000"),
        ("公务邮箱", "service@unit.example"),
        ("通讯地址", "山西省太原市示例区示例路1号"),
        *([("邮政编码", "030000")] if unit.folder == "institute" else []),
    ]
    return _csv(rows[0], rows[1:])


def _csv(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headers, *rows])
    return text.getvalue().encode("utf-8-sig")
