"""`/measures`: what was proposed and decided, one measure with all its steps, and the forms."""

from collections.abc import Callable, Mapping
from typing import Any

from fenhe_hub.api.labels import state_label
from fenhe_hub.casework import measures as kept
from fenhe_hub.casework.course import BARS, KIND_LABELS, Kind, Step
from fenhe_hub.casework.follow_up import SHOWN_LABELS
from fenhe_hub.casework.measures import Measure, MeasureFilters
from fenhe_hub.casework.notices import notice as notice_of
from fenhe_hub.casework.notices import notices_of_case
from fenhe_hub.casework.obliged import obliged_names
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.measure_rows import REPLIES, MeasureRow, measure_rows
from fenhe_hub.console.notice_rows import notice_rows
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.index.replies import states_of
from fenhe_hub.office import measures
from fenhe_hub.office.document import Document
from fenhe_hub.office.measures import steps_open
from fenhe_hub.office.roles import Permission
from fenhe_hub.rules.overlaid import Subject
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

KINDS = {kind.value: KIND_LABELS[kind][0] for kind in Kind}
_STATES = {state: zh for state, (zh, _) in SHOWN_LABELS.items()}
_ANSWERS = {**REPLIES, "none": "未答复"}

COLUMNS: tuple[Column[MeasureRow], ...] = (
    Column(
        "number", "编号", "number", lambda r: r.measure.number,
        sorts=True, form="short", link=lambda r: r.path,
    ),
    Column("unit", "单位", "unit", lambda r: r.unit, sorts=True),
    Column("uscc", "单位代码", "code", lambda r: r.measure.unit, form="exported"),
    Column("kind", "措施", "measure", lambda r: r.kind, sorts=True, form="short"),
    Column("state", "状态", "state", lambda r: r.state_said, sorts=True, form="short"),
    Column("progress", "进展", "progress", lambda r: r.progress, sorts=True, form="short wide"),
    Column("answer", "答复", "reply", lambda r: r.answer, sorts=True, form="short"),
    Column("document", "文号", "document", lambda r: r.measure.document_no, form="wide"),
    Column("on", "决定日期", "decided on", lambda r: r.measure.decided_on, True, "date wide"),
    Column("by", "决定机关", "deciding body", lambda r: r.measure.decided_by, form="exported"),
    Column(
        "until", "期限", "until", lambda r: r.measure.deadline or r.measure.until, True, "date"
    ),
    Column("public", "公开", "public", lambda r: "是" if r.measure.public else "", form="exported"),
    Column(
        "ended", "撤销或办结文号", "ended by document",
        lambda r: r.measure.ending.document_no if r.measure.ending else "", form="exported",
    ),
)  # fmt: skip
TABLE = Table(
    "/measures",
    "measures",
    COLUMNS,
    "-number",
    (
        Filter("q", "单位、编号或文号"),
        Filter("kind", "措施", KINDS),
        Filter("state", "状态", _STATES),
        Filter("answer", "答复", _ANSWERS),
    ),
)
_MATCHES: Mapping[str, Callable[[MeasureRow, str], bool]] = {
    "q": has_words(
        lambda r: f"{r.unit}\n{r.measure.unit}\n{r.measure.number}\n{r.measure.document_no}"
    ),
    "kind": lambda r, text: r.measure.kind == text,
    "state": lambda r, text: r.state == text,
    "answer": lambda r, text: (r.reply.reply if r.reply else "none") == text,
}


def show(asked: Asked) -> Answer:
    """All within the account's scope; with a kind of bar it is the list for other departments."""
    staff, today = staff_of(asked), date_at(asked.now)
    with asked.console.casework() as casework:
        found = kept.measures(casework.db, MeasureFilters(units=staff.units))
        listed = obliged_names(casework.db)
    with asked.console.index() as db:
        rows = measure_rows(db, found, today, listed)
    context = {
        "bars": {kind.value: KIND_LABELS[kind][0] for kind in BARS},
        "open": sum(1 for row in rows if row.state == "proposed"),
        "objected": sum(1 for row in rows if row.reply and row.reply.objected),
        "decides": staff.may(Permission.DECIDE),
    }
    source = Listed(COLUMNS, rows, _MATCHES)
    return answer(asked.query, TABLE, source, "console/measures.html", context, asked.now)


def show_one(asked: Asked) -> Answer:
    """One measure: what it rests on, each step, its notices, the reply, what can be done now."""
    staff, measure, today = staff_of(asked), find(asked), date_at(asked.now)
    with asked.console.casework() as casework, asked.console.index() as db:
        (row,) = measure_rows(db, [measure], today, obliged_names(casework.db))
        states = states_of(db, measure.findings)
        sent = notices_of_case(casework.db, measure.number)
        context: dict[str, Any] = {
            "row": row,
            "measure": measure,
            "findings": [(Subject.parse(each), _state(states[each])) for each in measure.findings],
            "steps": [
                (each, act_name(f"measure.{each.step}"))
                for each in kept.steps(casework.db, measure.number)
            ],
            "notices": notice_rows(asked.console.hub.home, db, sent, {measure.unit: row.unit}),
            "open_steps": [step.value for step in steps_open(staff, measure)],
            "today": today,
            "authority": staff.authority,
        }
    return Page("console/measure.html", context)


def _state(state: str) -> str:
    return state_label(state).zh if state else "已不在结果中"


def find(asked: Asked) -> Measure:
    """The one that the path names, of the unit whose scope was asked; RequestError 404."""
    number = asked.parts["number"]
    with asked.console.casework() as casework:
        found = kept.measure(casework.db, number)
    if found is None or found.unit != asked.parts["unit"]:
        raise RequestError("measure.unknown", status=404, where=number)
    return found


def _document(asked: Asked) -> Document:
    text = asked.form.text
    return Document(text("document_no"), text("decided_on"), text("decided_by"))


def _back(measure: Measure, said: str) -> GoTo:
    return GoTo(f"/measures/{measure.unit}/{measure.number}", said)


def _way(asked: Asked, number: str) -> str:
    """How a notice goes out."""
    with asked.console.casework() as casework:
        sent = notice_of(casework.db, number)
    on_paper = sent is not None and not sent.word.to
    return "：单位还没有节点，打印或邮件寄出，记下送达" if on_paper else " 随下一次发布送达"


def decide(asked: Asked) -> Answer:
    """Decide it by document."""
    measure, office = find(asked), asked.console.office
    notice = measures.decide(office, staff_of(asked), measure.number, _document(asked))
    return _back(measure, f"已决定，通知 {notice}{_way(asked, notice)}")


def end_aloud(step: Step) -> Any:
    """The handler of a step that tells the unit."""
    verb = measures.revoke if step is Step.REVOKE else measures.close

    def handle(asked: Asked) -> Answer:
        measure, reason = find(asked), asked.form.text("reason")
        office, who = asked.console.office, staff_of(asked)
        notice = verb(office, who, measure.number, _document(asked), reason)
        return _back(measure, f"已记，通知 {notice}{_way(asked, notice)}")

    return handle


def end_silently(step: Step) -> Any:
    """The handler of a step of which the unit is not told."""
    verbs = {
        Step.REJECT: measures.reject,
        Step.WITHDRAW: measures.withdraw,
        Step.REMARK: measures.remark,
    }

    def handle(asked: Asked) -> Answer:
        measure, reason = find(asked), asked.form.text("reason")
        verbs[step](asked.console.office, staff_of(asked), measure.number, reason)
        return _back(measure, "已记")

    return handle


_ONE = "/measures/{unit}/{number}"
ROUTES = (
    Route("GET", "/measures", show, Permission.SEE, Reach.OWN),
    Route("GET", _ONE, show_one, Permission.SEE, Reach.UNIT),
    Route("POST", f"{_ONE}/decide", decide, Permission.DECIDE, Reach.UNIT),
    Route("POST", f"{_ONE}/reject", end_silently(Step.REJECT), Permission.DECIDE, Reach.UNIT),
    Route("POST", f"{_ONE}/withdraw", end_silently(Step.WITHDRAW), Permission.PROPOSE, Reach.UNIT),
    Route("POST", f"{_ONE}/remark", end_silently(Step.REMARK), Permission.PREPARE, Reach.UNIT),
    Route("POST", f"{_ONE}/revoke", end_aloud(Step.REVOKE), Permission.DECIDE, Reach.UNIT),
    Route("POST", f"{_ONE}/close", end_aloud(Step.CLOSE), Permission.DECIDE, Reach.UNIT),
)
