"""The answer to a word from the public that a hub handed on: a `feedback_reply`, read by everyone.

Its id is the number of the case, so that the hub finds it; who complained is not known here.
"""

from typing import Any

from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
from fenhe_node.console.record import address
from fenhe_node.console.record_form import problems_by_path
from fenhe_node.editing import Hand, save, state_of
from fenhe_node.store import Store, notices, records
from fenhe_node.store.notices import KeptNotice
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

KIND = "feedback_reply"
MATTER = "feedback"
STATES = {"handling": "办理中", "answered": "已答复", "closed": "已办结"}
_OVER = ("answered", "closed")


def page(asked: Asked, notice: KeptNotice, problems: dict[str, list[str]] | None = None) -> Page:
    """What was handed on, with the form that answers it."""
    with Store.open(asked.console.home.store) as store:
        old = records.find(store, KIND, notice.case_no)
    said = dict(old.record) if old and not old.deleted else {}
    given = {name: asked.form.text(name) or str(said.get(name, "")) for name in ("state", "answer")}
    context: dict[str, Any] = {
        "notice": notice,
        "given": given,
        "states": STATES,
        "problems": problems or {},
        "record": address(KIND, notice.case_no) if said else "",
    }
    return Page("console/feedback.html", context, 422 if problems else 200)


def answer(asked: Asked) -> Answer:
    """Record the answer; the next publish says it to everyone."""
    console, form = asked.console, asked.form
    with Store.open(console.home.store) as store:
        notice = notices.find(store, asked.query.get("hub", ""), asked.query.get("number", ""))
        if notice is None or notice.matter != MATTER or not notice.case_no:
            raise RequestError("request.absent", status=404)
        old = records.find(store, KIND, notice.case_no)
        unit, state = console.node.root.unit, form.text("state")
        record: dict[str, Any] = {"unit": unit, "kind": KIND, "id": notice.case_no, "state": state}
        record["received_on"] = date_at(notice.at, console.offset)
        if text := form.text("answer").replace("\r\n", "\n"):
            record["answer"] = text
        if state in _OVER:
            record["answered_on"] = date_at(asked.now, console.offset)
        hand = Hand(console.schemas, unit, asked.now, asked.by, "答复公众意见")
        seen = state_of(old.record) if old and not old.deleted else ""
        problems = {} if text or state not in _OVER else {"answer": ["请写答复的内容"]}
        if not problems:
            problems = problems_by_path(save(store, record, hand, seen=seen).problems)
    if problems:
        return page(asked, notice, problems)
    return GoTo("/publish", f"已记下对 {notice.case_no} 的答复，发布后公开")


ROUTES: Routes = (("POST", "/notices/feedback", answer),)
