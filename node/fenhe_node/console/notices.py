"""What hubs say to this unit: notices, answered by a `notice_reply`, and what their rules find."""

from typing import Any

from fenhe_node.console import feedback
from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
from fenhe_node.console.dues import STATES
from fenhe_node.console.record import address
from fenhe_node.console.record_form import problems_by_path
from fenhe_node.console.record_list import name_of
from fenhe_node.editing import Hand, save, state_of
from fenhe_node.store import Store, findings, notices, records
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError
from fenhe_protocol.schema import SchemaSet

KIND = "notice_reply"
FINDING = 3  # slashes in the id of one: unit/rule/kind/id
REPLIES = {"acknowledged": "签收", "answered": "答复", "objected": "异议"}


def show(asked: Asked) -> Answer:
    """All of them, those without an answer first."""
    with Store.open(asked.console.home.store) as store:
        found = notices.every(store)
    today = date_at(asked.now, asked.console.offset)
    shown = {"notices": found, "replies": REPLIES, "matters": _matters(), "today": today}
    return Page("console/notices.html", shown)


def _matters() -> dict[str, str]:
    """What each kind of notice is called."""
    labels = SchemaSet.load().kind("ntc").field("matter").labels
    return {str(code): label.zh for code, label in labels.items()}


def show_one(asked: Asked) -> Answer:
    """One notice with the form that answers it."""
    return _one(asked, {}, {})


def answer(asked: Asked) -> Answer:
    """Record the answer; the next publish says it."""
    console, form = asked.console, asked.form
    number = asked.query.get("number", "")
    given = {name: form.text(name) for name in ("reply", "text", "statement")}
    with Store.open(console.home.store) as store:
        if notices.find(store, asked.query.get("hub", ""), number) is None:
            raise RequestError("request.absent", status=404)
        old = records.find(store, KIND, number)
        unit = console.node.root.unit
        record: dict[str, Any] = {"unit": unit, "kind": KIND, "id": number}
        record |= {name: text.replace("\r\n", "\n") for name, text in given.items() if text}
        record["replied_on"] = date_at(asked.now, console.offset)
        hand = Hand(console.schemas, unit, asked.now, asked.by, "答复省平台通知")
        seen = state_of(old.record) if old and not old.deleted else ""
        saved = save(store, record, hand, seen=seen)
    if saved.problems:
        return _one(asked, given, problems_by_path(saved.problems))
    return GoTo(
        "/publish",
        f"已记下对通知 {number} 的{REPLIES.get(given['reply'], '答复')}，发布后省平台就能看到",
    )


def show_findings(asked: Asked) -> Answer:
    """Everything that the rules of the hubs ask for, rule by rule."""
    console = asked.console
    kinds = {kind: console.schemas.kind(kind).title_zh for kind in console.schemas.kinds}
    with Store.open(console.home.store) as store:
        found, total = findings.every(store), findings.total(store)
        names = {
            (each.kind, each.id): name_of(record.record)
            for each in found
            if each.id and (record := records.find(store, each.kind, each.id))
        }
    rules = {each.rule: each.rule_name for each in found}
    context = {
        "findings": found, "rules": rules, "names": names, "kinds": kinds,
        "states": STATES, "total": total, "edit": address,
    }  # fmt: skip
    return Page("console/findings.html", context)


def _one(asked: Asked, given: dict[str, str], problems: dict[str, list[str]]) -> Answer:
    hub, number = asked.query.get("hub", ""), asked.query.get("number", "")
    with Store.open(asked.console.home.store) as store:
        notice = notices.find(store, hub, number)
        old = records.find(store, KIND, number)
    if notice is None:
        raise RequestError("request.absent", status=404)
    if notice.matter == feedback.MATTER and notice.case_no:
        return feedback.page(asked, notice)
    said = {str(k): str(v) for k, v in old.record.items()} if old and not old.deleted else {}
    context = {
        "notice": notice,
        "matter": _matters().get(notice.matter, ""),
        "about": [each.split("/", 3)[1:] for each in notice.about if each.count("/") >= FINDING],
        "edit": address,
        "given": given or said,
        "problems": problems,
        "replies": REPLIES,
        "record": address(KIND, number) if old else "",
    }
    return Page("console/notice.html", context, 422 if problems else 200)


ROUTES: Routes = (
    ("GET", "/notices", show),
    ("GET", "/notices/one", show_one),
    ("POST", "/notices/one", answer),
    ("GET", "/findings", show_findings),
)
