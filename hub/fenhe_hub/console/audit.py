"""`/audit`: everything that anybody did, the newest first, as it stands in the hub's own log."""

from collections.abc import Mapping
from typing import Any

from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.act_rows import ActRows
from fenhe_hub.console.asking import Answer, Asked, Reach, Route
from fenhe_hub.console.table import Column, Filter, Table
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import format_time
from fenhe_protocol.fed import Act

_LONGEST = 300
_AS_SAID: Mapping[str, str] = {}


_WORDS: Mapping[str, str] = {
    "answer": "答复",
    "approver": "批准部门",
    "authority": "主管部门",
    "body": "决定机关",
    "category": "事项",
    "city": "市",
    "counts": "台套数",
    "covers": "范围",
    "deadline": "期限",
    "decided_on": "决定日期",
    "decision": "结论",
    "declared": "有达线仪器",
    "document": "文号",
    "due_on": "期限",
    "filing_no": "备案号",
    "final": "终评",
    "findings": "依据",
    "fingerprint": "指纹",
    "from": "自",
    "id": "编号",
    "item": "仪器",
    "kind": "类别",
    "level": "层级",
    "mailbox": "邮箱",
    "name": "名称",
    "notice": "通知",
    "number": "文号",
    "office": "联系部门",
    "origin": "来源名",
    "place": "出处",
    "plan": "购置计划",
    "public": "公开",
    "raised_on": "提出日期",
    "reason": "理由",
    "result": "结果",
    "role": "角色",
    "rule": "规则",
    "rules": "规则集",
    "source": "依据文件",
    "state": "状态",
    "statement": "公开说明",
    "subject": "对象",
    "successors": "接替",
    "supported": "支持",
    "text": "内容",
    "title": "标题",
    "type": "类型",
    "unit": "单位",
    "until": "至",
    "url": "地址",
    "year": "年度",
}


def details_text(details: Mapping[str, Any], words: Mapping[str, str] = _AS_SAID) -> str:
    """What an act tells besides, in one line; members are called by `words` where it has them."""
    members = [(words.get(name, name), value) for name, value in details.items() if value != ""]
    told = "；".join(f"{name}: {value}" for name, value in members)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


COLUMNS: tuple[Column[Act], ...] = (
    Column(
        "at", "时间", "at", lambda a: format_time(a.at), sorts=True, form="date",
        text=lambda a: format_time(a.at)[:16].replace("T", " "),
    ),
    Column("by", "账号", "by", lambda a: a.by, form="short"),
    Column("name", "事项", "what", lambda a: a.name, text=lambda a: act_name(a.name),
           form="short"),
    Column("subject", "对象", "subject", lambda a: a.subject),
    Column("details", "内容", "details", lambda a: details_text(a.details), form="long",
           text=lambda a: details_text(a.details, _WORDS)),
    Column("number", "编号", "number", lambda a: a.number, form="short wide"),
)  # fmt: skip


def show(asked: Asked) -> Answer:
    """The acts, by account, kind, subject or unit, and day."""
    with asked.console.casework() as casework:
        source = ActRows(casework.db)
        table = Table(
            "/audit",
            "audit",
            COLUMNS,
            "-at",
            (
                Filter("by", "账号"),
                Filter("name", "事项", {name: act_name(name) for name in source.names()}),
                Filter("about", "对象或单位代码"),
                Filter("since", "自（年-月-日）"),
                Filter("until", "至（年-月-日）"),
            ),
        )
        return answer(asked.query, table, source, "console/audit.html", {}, asked.now)


ROUTES = (Route("GET", "/audit", show, Permission.AUDIT, Reach.PROVINCE),)
