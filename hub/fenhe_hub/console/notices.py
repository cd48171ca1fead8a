"""`/notices`: what was written to units, and whether it arrived; the templates, and mail."""

from collections.abc import Callable, Mapping

from fenhe_hub.casework.course import KIND_LABELS, Kind
from fenhe_hub.casework.notices import HOW_LABELS, SentNotice, every, notice
from fenhe_hub.casework.obliged import obliged_names, obliged_unit
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.measure_rows import REPLIES
from fenhe_hub.console.notice_rows import NoticeRow, notice_rows
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.fed.seen import seen_since
from fenhe_hub.index.read import Unit, unit_with_code
from fenhe_hub.office.letter_text import PAPER, PLACES, example, templates
from fenhe_hub.office.noticing import send_by_mail
from fenhe_hub.office.proof_of_delivery import note_delivered
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at, format_time
from fenhe_protocol.errors import RequestError
from fenhe_protocol.position import Position

MATTERS = {kind.value: KIND_LABELS[kind][0] for kind in Kind}
MATTERS |= {"revocation": "撤销", "closing": "办结", "other": "其他"}
HOWS = {str(code): zh for code, (zh, _) in HOW_LABELS.items()}
_PAPERS = {f"{PAPER}{kind}": f"{zh}（纸质）" for kind, (zh, _) in KIND_LABELS.items()}
_YES = {"yes": "已取", "no": "未取"}


def _time(at: int | None) -> str:
    return "" if at is None else format_time(at)[:16].replace("T", " ")


COLUMNS: tuple[Column[NoticeRow], ...] = (
    Column(
        "number", "编号", "number", lambda r: r.sent.number,
        sorts=True, form="short", link=lambda r: r.path,
    ),
    Column("unit", "单位", "unit", lambda r: r.unit, sorts=True),
    Column("uscc", "单位代码", "code", lambda r: r.sent.unit, form="exported"),
    Column("matter", "事项", "matter", lambda r: MATTERS.get(r.sent.word.matter, ""), sorts=True),
    Column("title", "标题", "title", lambda r: r.sent.word.title, form="wide"),
    Column("at", "发出", "sent", lambda r: _time(r.sent.at), sorts=True, form="date"),
    Column("said", "写入日志", "said in fed", lambda r: r.said, form="short"),
    Column("fetched", "节点取走", "fetched", lambda r: _time(r.sent.fetched_at), True, "date"),
    Column("mailed", "邮件送达", "mail accepted", lambda r: _time(r.mailed_at), True, "date"),
    Column(
        "delivered", "纸质送达", "delivered on paper",
        lambda r: r.sent.deliveries[-1].day if r.sent.deliveries else "", form="exported",
    ),
    Column("answer_by", "答复期限", "answer by", lambda r: r.sent.word.answer_by, True, "date"),
    Column(
        "reply", "答复", "reply",
        lambda r: REPLIES.get(r.reply.reply, "") if r.reply else "", sorts=True, form="short",
    ),
)  # fmt: skip
TABLE = Table(
    "/notices",
    "notices",
    COLUMNS,
    "-number",
    (
        Filter("q", "单位、编号或标题"),
        Filter("matter", "事项", MATTERS),
        Filter("fetched", "节点", _YES),
    ),
)
_MATCHES: Mapping[str, Callable[[NoticeRow, str], bool]] = {
    "q": has_words(lambda r: f"{r.unit}\n{r.sent.unit}\n{r.sent.number}\n{r.sent.word.title}"),
    "matter": lambda r, text: r.sent.word.matter == text,
    "fetched": lambda r, text: (r.sent.fetched_at is not None) == (text == "yes"),
}


def show(asked: Asked) -> Answer:
    """All within the account's scope."""
    staff = staff_of(asked)
    with asked.console.casework() as casework, asked.console.index() as db:
        found = [each for each in every(casework.db) if staff.covers(each.unit)]
        names = UnitNames.read(db)
        called = obliged_names(casework.db)
        called |= {names.codes[number]: name for number, name in names.names.items()}
        rows = notice_rows(asked.console.hub.home, db, found, called)
    source = Listed(COLUMNS, rows, _MATCHES)
    return answer(asked.query, TABLE, source, "console/notices.html", {}, asked.now)


def show_one(asked: Asked) -> Answer:
    """One notice, its ways and what became of each."""
    staff, sent = staff_of(asked), _find(asked)
    with asked.console.index() as db:
        unit = unit_with_code(db, sent.unit)
        with asked.console.casework() as casework:
            listed = obliged_unit(casework.db, sent.unit)
        name = unit.name if unit else listed.name if listed else sent.unit
        (row,) = notice_rows(asked.console.hub.home, db, [sent], {sent.unit: name})
    office = (unit.pub.get("service_office") or {}) if unit else {}
    context = {
        "row": row,
        "notice": sent.word,
        "matter": MATTERS.get(sent.word.matter, ""),
        "seen_at": _seen_at(asked, unit, row),
        "replies": REPLIES,
        "sends": staff.may(Permission.OPERATE) and asked.console.hub.config.mail.sends,
        "address": office.get("role_mailbox", "") or (listed.mailbox if listed else ""),
        "has_node": unit is not None,
        "notes": staff.may(Permission.OPERATE),
        "ways": [*HOWS.items()],
        "hows": HOWS,
        "today": date_at(asked.now),
    }
    return Page("console/notice.html", context)


def _seen_at(asked: Asked, unit: Unit | None, row: NoticeRow) -> int | None:
    """Since when the node's heartbeats say that it has read so far in our log."""
    logs = [log for log in unit.logs if log.name.startswith("catalogue")] if unit else []
    if row.place is None or not logs or not row.sent.word.to:
        return None
    return seen_since(asked.console.hub, logs[-1].origin, Position(*row.place))


def mail(asked: Asked) -> Answer:
    """Send it by mail as well."""
    sent, address = _find(asked), asked.form.text("address")
    send_by_mail(asked.console.office, staff_of(asked), sent.number, address)
    return GoTo(f"/notices/{sent.unit}/{sent.number}", f"已排队寄往 {address}")


def deliver(asked: Asked) -> Answer:
    """Note by hand that it arrived on paper."""
    sent, text = _find(asked), asked.form.text
    told = {"how": text("how"), "on": text("on"), "note": text("note")}
    note_delivered(asked.console.office, staff_of(asked), sent.number, **told)
    return GoTo(f"/notices/{sent.unit}/{sent.number}", "已记下送达")


def show_sheet(asked: Asked) -> Answer:
    """The notice alone, as a page that prints."""
    return Page("console/notice_sheet.html", {"notice": _find(asked).word})


def _find(asked: Asked) -> SentNotice:
    number = asked.parts["number"]
    with asked.console.casework() as casework:
        found = notice(casework.db, number)
    if found is None or found.unit != asked.parts["unit"]:
        raise RequestError("notice.absent", status=404, where=number)
    return found


def show_templates(asked: Asked) -> Answer:
    """The text of each kind of notice, with the examples of its places."""
    shown = [
        (name, (MATTERS | _PAPERS).get(name, name), text, example(text))
        for name, text in templates().items()
    ]
    return Page("console/notice_templates.html", {"templates": shown, "places": PLACES})


ROUTES = (
    Route("GET", "/notices", show, Permission.SEE, Reach.OWN),
    Route("GET", "/notices/templates", show_templates, Permission.SEE, Reach.OWN),
    Route("GET", "/notices/{unit}/{number}", show_one, Permission.SEE, Reach.UNIT),
    Route("GET", "/notices/{unit}/{number}/sheet", show_sheet, Permission.SEE, Reach.UNIT),
    Route("POST", "/notices/{unit}/{number}/delivered", deliver, Permission.OPERATE, Reach.UNIT),
    Route("POST", "/notices/{unit}/{number}/mail", mail, Permission.OPERATE, Reach.UNIT),
)
