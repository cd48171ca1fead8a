"""Lists of authorities, and of which units are whose."""

from collections.abc import Iterator

from fenhe_hub.casework.authorities import (
    ALL,
    FOR_EVER,
    KIND_LABELS,
    LEVEL_LABELS,
    LISTED,
    Authority,
    Belonging,
    Kind,
    Level,
)
from fenhe_hub.office.lists import values
from fenhe_hub.office.lists.columns import Column, Form
from fenhe_hub.office.lists.reading import ListRead

_KIND_WORDS = {
    **dict.fromkeys(("科技厅", "科技局", "科技主管部门"), "science"),
    **dict.fromkeys(("主管", "行政主管部门"), "competent"),
    **dict.fromkeys(("财政厅", "财政局"), "finance"),
    **dict.fromkeys(("发改", "发改委", "发展和改革"), "reform"),
    **dict.fromkeys(("经信委", "工信", "工信厅", "工业和信息化"), "industry"),
    **dict.fromkeys(("国资委",), "state_assets"),
    **dict.fromkeys(("教育厅", "教育局"), "education"),
}
_LEVEL_WORDS = {"省": "province", "市": "city", "县": "county", "区县": "county"}
_FROM = ("起", "起始日期", "生效日期", "开始日期", "自", "from")
_UNTIL = ("止", "终止日期", "失效日期", "结束日期", "至", "until")

AUTHORITIES = Form(
    "authorities",
    "主管部门清单",
    "the list of authorities",
    (
        Column(
            "number",
            "部门编号",
            "number",
            ("编号", "代码", "部门代码", "number"),
            values.text(32),
            required=True,
        ),
        Column(
            "name",
            "部门名称",
            "name",
            ("名称", "部门", "单位名称", "name"),
            values.text(100),
            required=True,
        ),
        Column(
            "kind",
            "部门类别",
            "kind",
            ("类别", "类型", "kind"),
            values.one_of(Kind, KIND_LABELS, _KIND_WORDS),
            required=True,
        ),
        Column(
            "level",
            "层级",
            "level",
            ("级别", "级次", "level"),
            values.one_of(Level, LEVEL_LABELS, _LEVEL_WORDS),
            required=True,
        ),
        Column(
            "covers_all",
            "是否管全部单位",
            "covers all units",
            ("管全部单位", "全部单位", "是否全部", "covers all"),
            values.yes_no,
        ),
        Column("from", "起始日", "from", _FROM, values.day, required=True),
        Column("until", "终止日", "until", _UNTIL, values.day),
    ),
    key=("number",),
)

BELONGINGS = Form(
    "belongings",
    "单位归口清单",
    "the list of which units are whose",
    (
        values.code_column("uscc"),
        Column(
            "authority",
            "部门编号",
            "authority",
            ("主管部门编号", "主管部门代码", "部门代码", "authority"),
            values.text(32),
            required=True,
        ),
        Column("from", "起始日", "from", _FROM, values.day, required=True),
        Column("until", "终止日", "until", _UNTIL, values.day),
    ),
    key=("uscc", "authority", "from"),
)


def authorities(read: ListRead) -> Iterator[Authority]:
    """The rows of `AUTHORITIES`."""
    for row in read.rows:
        told = row.values
        yield Authority(
            told["number"],
            told["name"],
            told["kind"],
            told["level"],
            ALL if told.get("covers_all") == "yes" else LISTED,
            told["from"],
            told.get("until", FOR_EVER),
        )


def belongings(read: ListRead) -> Iterator[Belonging]:
    """The rows of `BELONGINGS`."""
    for row in read.rows:
        told = row.values
        yield Belonging(told["uscc"], told["authority"], told["from"], told.get("until", FOR_EVER))
