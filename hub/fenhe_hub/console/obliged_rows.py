"""What the register of obliged units shows of each: its columns, filters and order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fenhe_hub.casework.course import KIND_LABELS
from fenhe_hub.casework.invitation_mails import STATE_LABELS as MAIL_LABELS
from fenhe_hub.casework.invitation_mails import InvitationMail
from fenhe_hub.casework.measures import Measure
from fenhe_hub.casework.obliged import STAND_LABELS, Obliged, Standing
from fenhe_hub.console.table import Column, Filter, Table, has_words
from fenhe_hub.office.lists.obliged_list import TYPE_LABELS
from fenhe_protocol.code_tables import regions
from fenhe_protocol.encoding import date_at


@dataclass(frozen=True, slots=True)
class Line:
    """One unit, how it stands today, the last letter to it, and the measures that stand."""

    unit: Obliged
    stands: Standing
    mail: InvitationMail | None = None
    measures: tuple[Measure, ...] = ()


STATES = {str(each): label[0] for each, label in STAND_LABELS.items()}
_NONE = "none"
MAILS = {**{state: zh for state, (zh, _) in MAIL_LABELS.items()}, _NONE: "没有寄过"}
DECLARED = {"yes": "有", "no": "无", "": ""}


def _since(line: Line) -> str:
    return line.stands.since.isoformat() if line.stands.since else ""


def _mailed(line: Line) -> str:
    if line.mail is None:
        return ""
    return f"{MAILS[line.mail.state]} {date_at(line.mail.settled_at or line.mail.at)}"


def _measures(line: Line) -> str:
    return "、".join(KIND_LABELS[each.kind][0] for each in line.measures)


COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "name",
        "单位",
        "unit",
        lambda line: line.unit.name,
        sorts=True,
        link=lambda line: f"/obliged/{line.unit.uscc}",
    ),
    Column(
        "uscc", "统一社会信用代码", "code", lambda line: line.unit.uscc, sorts=True, form="short"
    ),
    Column(
        "state", "状态", "state", lambda line: STATES[line.stands.state], sorts=True, form="short"
    ),
    Column("since", "自", "since", _since, sorts=True, form="date"),
    Column(
        "late",
        "逾期天数",
        "days late",
        lambda line: line.stands.days_late or None,
        sorts=True,
        form="number",
    ),
    Column("due", "期限", "deadline", lambda line: line.unit.due_on, sorts=True, form="date"),
    Column("authority", "主管部门", "authority", lambda line: line.unit.authority, sorts=True),
    Column(
        "type",
        "类型",
        "type",
        lambda line: TYPE_LABELS.get(line.unit.type, ("", ""))[0],
        sorts=True,
        form="exported",
    ),
    Column(
        "city",
        "市",
        "city",
        lambda line: regions().get(line.unit.city, ""),
        sorts=True,
        form="wide",
    ),
    Column("office", "联系部门", "office", lambda line: line.unit.office, form="exported"),
    Column(
        "declared",
        "有达线仪器",
        "declared",
        lambda line: DECLARED.get(line.unit.declared, ""),
        sorts=True,
        form="wide",
    ),
    Column("measures", "措施", "measures", lambda line: _measures(line), form="wide"),
    Column("mailed", "邀请邮件", "invitation mail", lambda line: _mailed(line), form="wide"),
    Column("mailbox", "公务邮箱", "mailbox", lambda line: line.unit.mailbox, form="exported"),
    Column("place", "来自", "from", lambda line: line.unit.place, form="exported"),
)
TABLE = Table(
    "/obliged",
    "obliged-units",
    COLUMNS,
    "-late",
    (
        Filter("q", "单位、代码或部门"),
        Filter("state", "状态", STATES),
        Filter("authority", "主管部门"),
        Filter("mail", "邀请邮件", MAILS),
    ),
)
MATCHES: Mapping[str, Callable[[Line, str], bool]] = {
    "q": has_words(lambda line: f"{line.unit.name}\n{line.unit.uscc}\n{line.unit.office}"),
    "state": lambda line, text: line.stands.state == text,
    "authority": has_words(lambda line: line.unit.authority),
    "mail": lambda line, text: (line.mail.state if line.mail else _NONE) == text,
}
