"""Write the two workbooks under `samples/` (needs xlwt, a development dependency).

`equipment.xls` is the national platform's own template, filled in: two header rows, merged groups,
guidance inside the headers. `台账.xlsx` is a list as it is found in the field, with a dozen of the
usual mistakes. Run `python -m deploy.demo.make_samples` after a change here.
"""

from __future__ import annotations

from pathlib import Path

import xlwt
from openpyxl import Workbook

from deploy.demo.invented import COUNTRIES, MAKERS, TYPES

SAMPLES = Path(__file__).with_name("samples")

GROUPS = ((0, 30, "仪器基本信息"), (31, 35, "联系人信息"), (36, 39, "海关管理"))
HEADERS = (
    "仪器编号（（必填，管理系统中的关联仪器编号））",
    "所在单位仪器编号",
    "仪器设备名称",
    "英文名称",
    "所属资源载体类型（选择附属于重大科研基础设施、附属于科学仪器中心、附属于国家重点实验室、"
    "附属于国家工程技术研究中心、附属于生物种质资源库馆中的一个按全称填写，没有请空缺不填）",
    "所属资源载体内部编号（所属资源载体类型填写重大科研基础设施、科学仪器中心时，填写所属资源载体内部编号，"
    "其他填写名称，没有请空缺不填）",
    "所属单位内部门",
    "仪器分类编码",
    "设备仪器来源（购置、研制、赠送、其他）",
    "是否在海关监管年限内（是/否）",
    "原值（单位万元、保留小数点后两位）",
    "产地国别",
    "生产制造商",
    "建账日期（例：2016-01-01）",
    "仪器设备类别（通用/专用）",
    "规格型号",
    "主要技术指标（最多500字）",
    "主要功能（最多300字）",
    "主要学科领域（如有多个，用逗号分隔，最多填写4个）",
    "主要购置经费来源（中央财政资金、地方财政资金、单位自有资金、其他资金，如有多个，用逗号分隔，最多填写4个）",
    "服务内容（分析测试项目等）（最多200字）",
    "图片（仪器图片的文件名称，jpg格式、1M以内大小）",
    "年运行机时（小时）",
    "用户须知（最多500字）",
    "参考收费标准（最多500字）",
    "预约服务网址",
    "安放地址-省",
    "安放地址-市",
    "安放地址-区县",
    "安放地址-街道（乡镇）",
    "年对外服务机时（小时）",
    "联系人",
    "电话",
    "电子邮箱",
    "通讯地址",
    "邮政编码",
    "进口报关单编号（18位）",
    "进口报关单项号（2位数字）",
    "海关放行日期（例：2016-01-01）",
    "仪器设备在进口报关单上的名称",
)


def main() -> None:
    """Write both files."""
    write_equipment(SAMPLES / "equipment.xls")
    write_ledger(SAMPLES / "台账.xlsx")


def write_equipment(path: Path) -> None:
    """Write 38 instruments of 示例大学 in the national platform's template."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("大型科研仪器")
    for first, last, title in GROUPS:
        sheet.write_merge(0, 0, first, last, title)
    for column, header in enumerate(HEADERS):
        sheet.write(1, column, header)
    for number in range(38):
        for column, value in enumerate(_equipment_row(number)):
            sheet.write(number + 2, column, value)
    book.save(str(path))


def _equipment_row(number: int) -> list[str]:
    kind = TYPES[number % len(TYPES)]
    imported = number % 3 == 1
    # Three rows lack the postcode: the national platform will send them back.
    postcode = "" if number in (3, 15, 27) else "030000"
    customs = [f"0201{2012 + number % 9}1{900000000 + number:09d}", "01", "2018-05-10", kind.name]
    return [
        f"NRII{100000 + number}",
        f"SLDX{2012 + number % 9}{number + 1:04d}",
        kind.name,
        kind.name_en,
        "",
        "",
        ("分析测试中心", "材料学院", "化学学院")[number % 3],
        kind.class_code,
        "购置",
        "是" if imported else "否",
        kind.wan_yuan,
        COUNTRIES[number % 3],
        MAKERS[number % 3],
        f"{2012 + number % 9}-{number % 12 + 1:02d}-15",
        "通用" if number % 4 else "专用",
        f"{kind.model}-{number + 1}",
        kind.specification,
        kind.function,
        kind.subjects,
        "地方财政资金" if number % 2 else "中央财政资金,单位自有资金",
        kind.service,
        "",
        str(600 + 37 * number),
        "校内外用户均可预约，提前两个工作日提交样品信息",
        "校内200元/样，校外300元/样",
        f"https://booking.example/slu/{number + 1}",
        "山西省",
        "太原市",
        "示例区",
        f"示例路{number + 1}号",
        str(60 + 5 * number),
        "分析测试中心服务窗口",
        "0351-0000000",
        "service@slu.example",
        "山西省太原市示例区示例路1号",
        postcode,
        *(customs if imported else ["", "", "", ""]),
    ]


LEDGER_HEADERS = (
    "设备编号",
    "设备名称",
    "型号",
    "厂家",
    "国别",
    "原值（万元）",
    "购置经费来源",
    "分类编码",
    "使用须知",
    "启用日期",
    "报关单号",
    "状态",
    "负责人",
    "联系电话",
    "备注",
)


def write_ledger(path: Path) -> None:
    """Write the list of 示例公司 with the usual mistakes, each in its own row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    sheet.append(["示例公司仪器设备台账（2026年）"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(LEDGER_HEADERS))
    sheet.append(LEDGER_HEADERS)
    for number in range(20):
        sheet.append(_mistake(number, _ledger_row(number)))
        if number == 11:
            sheet.append([])
    sheet.append(["合计", None, None, None, None, 1985.4])
    sheet.row_dimensions[6].hidden = True
    book.save(path)


def _ledger_row(number: int) -> list[object]:
    kind = TYPES[number % len(TYPES)]
    return [
        f"GS-{number + 1:03d}",
        kind.name,
        f"{kind.model}-G{number + 1}",
        MAKERS[number % 3],
        COUNTRIES[number % 3],
        float(kind.wan_yuan),
        "单位自有资金",
        kind.class_code,
        "企业用户预约使用",
        f"{2014 + number % 8}-03-20",
        None,
        "正常",
        f"示例员工{number % 4 + 1}",
        "0351-0000001",
        "",
    ]


def _mistake(number: int, row: list[object]) -> list[object]:
    """Put one typical mistake into a row; rows without an entry are as they should be."""
    mistakes: dict[int, tuple[int, object]] = {
        4: (5, "35万"),
        6: (10, 2.23201810100000e17),
        8: (0, "20150012.0"),
        10: (9, 42370),
        12: (0, "GS-002"),
        14: (5, "#REF!"),
        16: (8, "预约请拨13800138000"),
        18: (9, "2019.13.01"),
        # Spaces around, another word for a state and a date in words are taken as they are meant.
        1: (1, "  扫描电子显微镜  "),
        3: (5, "３２０．００"),
        5: (11, "良好"),
        7: (9, "2021年3月20日"),
    }
    if number in mistakes:
        column, value = mistakes[number]
        row[column] = value
    return row


if __name__ == "__main__":
    main()
