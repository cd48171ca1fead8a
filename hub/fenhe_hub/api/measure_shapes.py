"""What the API answers of measures and notices, as dataclasses."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fenhe_hub.api.shapes import Date, Link, NextCursor, Time, Total, Uscc


@dataclass(frozen=True, slots=True)
class MeasureItem:
    """一项公开的措施 A measure that is public."""

    number: Annotated[str, "措施编号 number"]
    unit: Uscc
    unit_name: str
    has_node: Annotated[bool, "单位在这里有节点 whether the unit publishes here; false: 尚未接入"]
    kind: Annotated[
        Literal[
            "reminder", "criticism", "rectification", "no_purchase", "no_project_equipment",
            "reallocation",
        ],
        "criticism 通报 · rectification 限期整改 · no_purchase 停止新购 · no_project_equipment"
        " 申报项目不准购置 · reallocation 无偿划拨",
    ]  # fmt: skip
    state: Annotated[
        Literal["in_force", "expired", "revoked", "closed"],
        "in_force 有效 · expired 已到期 over · revoked 已撤销 · closed 已办结",
    ]
    title: str
    document_no: Annotated[str, "文号 document number"]
    decided_on: Date
    decided_by: Annotated[str, "决定机关 deciding body"]
    deadline: Annotated[Date | None, "整改期限 of a rectification"]
    until: Annotated[Date | None, "最后一日 last day of a bar"]
    item: Annotated[str | None, "所涉仪器设施 the item, <kind>/<id>"]
    findings: Annotated[tuple[str, ...], "所依据的检查结果 <unit>/<rule>/<kind>/<id>"]
    progress: Annotated[
        Literal["mended", "open", "late"] | None,
        "mended 问题已改正 · open 尚未改正 · late 逾期未改正",
    ]
    objected: Annotated[bool, "单位有异议 the unit objects"]
    reply: Annotated[
        Literal["acknowledged", "answered", "objected"] | None, "单位的答复 reply of the unit"
    ]
    statement: Annotated[str | None, "单位公开的说明 what the unit says to it in public"]
    replied_at: Annotated[Time | None, "答复的回执时间 receipt of the reply"]
    ended_on: Date | None
    ended_document_no: str | None
    ended_by: Annotated[str | None, "撤销、办结机关 who ended it"]
    ended_reason: str | None
    page: Link


@dataclass(frozen=True, slots=True)
class MeasurePage:
    """公开的措施 A page of measures."""

    items: tuple[MeasureItem, ...]
    total: Total
    next: NextCursor


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """一份公开的通知 A public notice, as it stands in `fed`."""

    number: Annotated[str, "通知编号 number"]
    matter: Annotated[str, "事项 kind of notice"]
    title: str
    text: str
    said_at: Time
    leaf: Annotated[int | None, "在 fed 中的位置 index of its leaf in fed; null: not said yet"]
    epoch: Annotated[int | None, "fed 的世代 epoch of fed"]


@dataclass(frozen=True, slots=True)
class MeasureDetail:
    """一项公开的措施及其通知 A public measure with its notices."""

    measure: MeasureItem
    notices: tuple[NoticeItem, ...]
