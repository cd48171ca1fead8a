"""Lists of review decisions (查重评议) and of evaluation results (绩效评价)."""

from collections.abc import Iterator

from fenhe_hub.casework.evaluations import RESULT_LABELS, Evaluation, Result
from fenhe_hub.casework.reviews import Review
from fenhe_hub.office.lists import values
from fenhe_hub.office.lists.columns import Column, Form
from fenhe_hub.office.lists.reading import ListRead

_CODE = values.code_column("unit")
_BODY = Column(
    "body",
    "决定机关",
    "deciding body",
    ("评议机关", "评议部门", "评价机关", "评价部门", "决定部门", "发文机关", "发文单位", "body"),
    values.text(100),
    required=True,
)
_DECIDED = Column(
    "decided_on",
    "决定日期",
    "decided on",
    ("日期", "评议日期", "评价日期", "发文日期", "批准日期", "decided on"),
    values.day,
    required=True,
)

REVIEWS = Form(
    "reviews",
    "查重评议结论清单",
    "the list of review decisions",
    (
        _CODE,
        Column(
            "number",
            "评议文号",
            "number",
            (
                "文号",
                "评议编号",
                "评议意见编号",
                "查重评议编号",
                "查重评议文号",
                "批复文号",
                "number",
            ),
            values.text(100),
            required=True,
        ),
        Column(
            "plan",
            "购置计划编号",
            "purchase plan",
            ("计划编号", "申购编号", "购置编号", "plan"),
            values.text(64),
        ),
        Column(
            "item",
            "仪器设备名称",
            "item",
            ("仪器名称", "设备名称", "名称", "拟购仪器", "拟购设备", "item"),
            values.text(),
        ),
        _DECIDED,
        Column(
            "supported",
            "是否支持",
            "supported",
            ("结论", "评议结论", "是否同意", "是否通过", "supported"),
            values.yes_no,
            required=True,
        ),
        _BODY,
    ),
    key=("unit", "number", "plan"),
)

EVALUATIONS = Form(
    "evaluations",
    "评价结果清单",
    "the list of evaluation results",
    (
        _CODE,
        Column(
            "id",
            "仪器编号",
            "instrument",
            ("设备编号", "仪器设备编号", "单位内部编号", "所在单位仪器编号", "instrument"),
            values.text(64),
        ),
        Column(
            "year", "年度", "year", ("评价年度", "考核年度", "年份", "year"), values.count, True
        ),
        Column(
            "result",
            "评价结果",
            "result",
            ("结果", "等次", "评价等次", "考核结果", "等级", "result"),
            values.one_of(
                Result,
                RESULT_LABELS,
                {"良": "good", "优": "excellent", "不合格": "poor", "差": "poor"},
            ),
            required=True,
        ),
        Column(
            "final",
            "是否终评",
            "final",
            ("终评", "是否最终结果", "最终", "final"),
            values.yes_no,
        ),
        Column(
            "document",
            "文号",
            "document",
            ("发文文号", "通报文号", "document"),
            values.text(100),
            True,
        ),
        _DECIDED,
        _BODY,
    ),
    key=("unit", "id", "year"),
)


def reviews(read: ListRead) -> Iterator[Review]:
    """The rows of `REVIEWS`."""
    for row in read.rows:
        told = row.values
        yield Review(
            told["unit"],
            told["number"],
            told.get("plan", ""),
            told.get("item", ""),
            told["decided_on"],
            told["supported"] == "yes",
            told["body"],
            str(row.place),
        )


def evaluations(read: ListRead) -> Iterator[Evaluation]:
    """The rows of `EVALUATIONS`; without a word about it a result is final."""
    for row in read.rows:
        told = row.values
        number = told.get("id", "")
        yield Evaluation(
            told["unit"],
            "instrument" if number else "",
            number,
            int(told["year"]),
            told["result"],
            told.get("final", "yes") == "yes",
            told["document"],
            told["decided_on"],
            told["body"],
            str(row.place),
        )
