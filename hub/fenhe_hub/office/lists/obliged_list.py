"""The list of obliged units (义务单位清单): its columns, and its rows as `Obliged`."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from fenhe_hub.casework.obliged import Obliged
from fenhe_hub.office.lists import values
from fenhe_hub.office.lists.columns import Column, Form
from fenhe_hub.office.lists.reading import ListRead, ReadRow


class UnitType(StrEnum):
    """As in the schema of kind `unit`."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    ENTERPRISE = "enterprise"
    HOSPITAL = "hospital"
    DEFENCE = "defence"
    RD_ORGANISATION = "rd_organisation"
    GOVERNMENT = "government"
    OTHER = "other"


TYPE_LABELS: Mapping[str, tuple[str, str]] = {
    UnitType.UNIVERSITY: ("高等院校", "university"),
    UnitType.INSTITUTE: ("科研院所", "research institute"),
    UnitType.ENTERPRISE: ("企业", "enterprise"),
    UnitType.HOSPITAL: ("医疗卫生机构", "hospital"),
    UnitType.DEFENCE: ("国防科研单位", "defence research unit"),
    UnitType.RD_ORGANISATION: ("社会研发组织", "social R&D organisation"),
    UnitType.GOVERNMENT: ("政府机构", "government body"),
    UnitType.OTHER: ("其他", "other"),
    "": ("", ""),
}
_TYPE_WORDS = {
    **dict.fromkeys(("高校", "大学", "高等学校", "学院", "院校"), "university"),
    **dict.fromkeys(("科研机构", "研究所", "研究院", "科研单位", "科研事业单位"), "institute"),
    **dict.fromkeys(("公司", "国企", "民企", "国有企业", "民营企业"), "enterprise"),
    **dict.fromkeys(("医院", "医疗机构", "卫生机构"), "hospital"),
    **dict.fromkeys(("新型研发机构", "社会组织", "民办非企业"), "rd_organisation"),
    **dict.fromkeys(("机关", "政府部门", "行政机关"), "government"),
    **dict.fromkeys(("事业单位", "其它"), "other"),
}
_BANDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "from_20",
        "20至50万元台套数",
        "items of 200,000 to 500,000 yuan",
        ("20-50万元", "20-50万", "20万元至50万元", "20-50万元台数", "20-50万元台套数"),
    ),
    (
        "from_50",
        "50至200万元台套数",
        "items of 500,000 to 2,000,000 yuan",
        ("50-200万元", "50-200万", "50万元至200万元", "50-200万元台数", "50-200万元台套数"),
    ),
    (
        "from_200",
        "200万元以上台套数",
        "items of 2,000,000 yuan and more",
        ("200万元以上", "200万元及以上", "200万以上", "200万元及以上台数", "200万元及以上台套数"),
    ),
)

OBLIGED = Form(
    "obliged",
    "义务单位清单",
    "the list of obliged units",
    (
        values.code_column("uscc"),
        Column(
            "name",
            "单位名称",
            "name",
            ("名称", "单位", "单位全称", "机构名称", "管理单位", "依托单位", "name"),
            values.text(100),
            required=True,
        ),
        Column(
            "type",
            "单位类型",
            "type",
            ("类型", "单位性质", "性质", "单位类别", "机构类型", "type"),
            values.one_of(UnitType, TYPE_LABELS, _TYPE_WORDS),
        ),
        Column(
            "city",
            "所在市",
            "city",
            ("市", "地市", "所在地", "城市", "地区", "所在城市", "city"),
            values.city,
        ),
        Column(
            "authority",
            "主管部门",
            "competent authority",
            ("上级主管部门", "行政主管部门", "主管单位", "归口部门", "隶属部门", "authority"),
            values.text(100),
        ),
        Column(
            "office",
            "联系部门",
            "contact office",
            ("联系科室", "负责部门", "责任部门", "牵头部门", "办公室", "归口处室", "office"),
            values.text(100),
        ),
        Column(
            "mailbox",
            "公务邮箱",
            "mailbox of an office",
            ("单位邮箱", "部门邮箱", "科室邮箱", "公用邮箱", "mailbox"),
            values.mailbox,
        ),
        Column(
            "declared",
            "是否有20万元及以上仪器",
            "has instruments at or above the line",
            (
                *("是否有20万元以上仪器", "有无20万元以上仪器", "有无大型仪器", "是否有大型仪器"),
                *("有无20万元及以上仪器", "是否达到起点", "declared"),
            ),
            values.yes_no,
        ),
        *(Column(name, zh, en, words, values.count) for name, zh, en, words in _BANDS),
        Column(
            "due_on",
            "接入期限",
            "deadline",
            ("期限", "截止日期", "截止时间", "完成时限", "完成时间", "接入截止", "deadline", "due"),
            values.day,
        ),
    ),
    key=("uscc",),
)


def units(read: ListRead, due_on: str) -> Iterator[Obliged]:
    """The rows as units; `due_on` is the deadline of rows that name none, "" for none."""
    for row in read.rows:
        yield _unit(row, due_on)


def _unit(row: ReadRow, due_on: str) -> Obliged:
    told = row.values
    counts = {name: int(told[name]) for name, *_ in _BANDS if name in told}
    declared = told.get("declared", "yes" if any(counts.values()) else "")
    return Obliged(
        told["uscc"],
        told["name"],
        told.get("type", ""),
        told.get("city", ""),
        told.get("authority", ""),
        told.get("office", ""),
        declared,
        counts,
        told.get("due_on", due_on),
        str(row.place),
        mailbox=told.get("mailbox", ""),
    )
