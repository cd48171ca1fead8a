"""`/forwarding`: what goes to the national platform, what it answered, what is held back."""

from collections.abc import Callable, Mapping

from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.harvest import clock
from fenhe_hub.console.outbox_rows import OutboxRow, OutboxRows, outbox_read
from fenhe_hub.console.table import Column, Filter, Table
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.desk import delivering
from fenhe_hub.office.roles import Permission
from fenhe_hub.upstream.nrii_candidates import TYPES
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.report import WORDS

STATES: Mapping[str, str] = {state.value: WORDS[state].rpartition(" ")[0] for state in ItemState}
KINDS: Mapping[str, str] = {
    "centre": "1 科学仪器中心",
    "installation": "2 大型科研设施",
    "instrument": "4 科研仪器",
    "customs": "5 海关信息",
    "unit_year": "7 单位年度",
}
assert KINDS.keys() == TYPES.keys()


def _columns(called: Mapping[str, str]) -> tuple[Column[OutboxRow], ...]:
    return (
        Column("unit", "单位", "unit", lambda r: called.get(r.uscc, r.uscc), sorts=True,
               link=lambda r: f"/unit/{r.uscc}"),
        Column("uscc", "代码", "code", lambda r: r.uscc, form="wide"),
        Column("kind", "类型", "type", lambda r: KINDS.get(r.kind, r.kind), form="short"),
        Column("id", "编号", "id", lambda r: r.record_id),
        Column("state", "状态", "state", lambda r: STATES.get(r.state, r.state), form="short"),
        Column("code", "答复", "code", lambda r: r.code, form="number"),
        Column("reply", "答复原文", "reply", lambda r: r.reply),
        Column("lacking", "按规范还缺", "lacking", lambda r: "；".join(r.lacking)),
        Column("attempts", "次数", "attempts", lambda r: r.attempts, form="number"),
        Column("next", "下次", "next", lambda r: clock(r.next_at), sorts=True, form="date"),
    )  # fmt: skip


_FILTERS = (
    Filter("state", "状态", STATES),
    Filter("kind", "类型", KINDS),
    Filter("unit", "单位代码"),
    Filter("code", "答复代码"),
    Filter("id", "编号"),
)


def show(asked: Asked) -> Answer:
    """The outbox in the account's scope, by state and answer."""
    staff, home = staff_of(asked), asked.console.hub.home
    with asked.console.index() as db:
        names = UnitNames.read(db)
    called = {uscc: names.name(number) for number, uscc in names.codes.items()}
    with outbox_read(home) as db:
        source = OutboxRows(db, staff.units)
        held = db.execute("SELECT subject, why, at FROM hold ORDER BY subject").fetchall()
        context = {
            "counts": source.by_state(),
            "states": STATES,
            "kinds": KINDS,
            "codes": source.by_code(),
            "held": [_held(each, called) for each in held if _is_seen(each[0], staff.units)],
            "may": staff.may(Permission.OPERATE),
            "everything": staff.units is None,
            "sends": asked.console.hub.config.forward_seconds > 0,
            "unit": asked.query.get("unit", ""),
        }
        table = Table("/forwarding", "forwarding", _columns(called), "unit", _FILTERS)
        return answer(asked.query, table, source, "console/forwarding.html", context, asked.now)


def replies(asked: Asked) -> Answer:
    """What the platform answered, grouped by code and by the whole text."""
    staff = staff_of(asked)
    with outbox_read(asked.console.hub.home) as db:
        groups = OutboxRows(db, staff.units).groups()
    return Page("console/replies.html", {"groups": groups, "states": STATES})


def _is_seen(subject: str, within: frozenset[str] | None) -> bool:
    return within is None or delivering.is_type(subject) or subject in within


def _held(each: tuple[str, str, int], called: Mapping[str, str]) -> dict[str, str]:
    subject, why, at = each
    kind = next((KINDS[kind] for kind, number in TYPES.items() if str(number) == subject), "")
    return {
        "subject": subject,
        "name": kind or called.get(subject, ""),
        "why": why,
        "at": clock(at),
    }


def _subject(asked: Asked) -> str:
    """A unit's code, a type's number, or `all`."""
    return asked.form.text("subject") or asked.form.text("type")


def approve(asked: Asked) -> Answer:
    """The authority has reviewed what waits: let it go."""
    office, who, by = asked.console.office, staff_of(asked), asked.form.text("by")
    with delivering.outbox_soon(asked.console.hub) as outbox:
        count = delivering.approve_items(office, who, outbox, _subject(asked), by)
    return GoTo("/forwarding", f"已放行 {count} 条")


def resend(asked: Asked) -> Answer:
    """Send what came back once more, after it was mended or the platform was."""
    office, who = asked.console.office, staff_of(asked)
    with delivering.outbox_soon(asked.console.hub) as outbox:
        count = delivering.resend(office, who, outbox, _subject(asked))
    return GoTo("/forwarding", f"{count} 条重新排队")


def hold(asked: Asked) -> Answer:
    """Send nothing of a unit, or of a type."""
    office, who, why = asked.console.office, staff_of(asked), asked.form.text("why")
    with delivering.outbox_soon(asked.console.hub) as outbox:
        delivering.hold_back(office, who, outbox, _subject(asked), why)
    return GoTo("/forwarding", "已暂停")


def let_go(asked: Asked) -> Answer:
    """Send it again."""
    office, who = asked.console.office, staff_of(asked)
    with delivering.outbox_soon(asked.console.hub) as outbox:
        delivering.let_go(office, who, outbox, _subject(asked))
    return GoTo("/forwarding", "已放行")


def withdrawn(asked: Asked) -> Answer:
    """The platform took down what is no longer here."""
    office, who, place = asked.console.office, staff_of(asked), asked.form.text("place")
    with delivering.outbox_soon(asked.console.hub) as outbox:
        delivering.take_note_of_withdrawn(office, who, outbox, place)
    return GoTo("/forwarding?state=gone", "已记下")


def review(asked: Asked) -> Answer:
    """Take in how the platform reviewed what it got: its own table, CSV or Excel."""
    office, who, given = asked.console.office, staff_of(asked), asked.form.upload("file")
    file = given.path.rename(given.path.with_name(given.name))  # by which errors name the row
    with delivering.outbox_soon(asked.console.hub) as outbox:
        delivering.take_reviews(office, who, outbox, file)
    return GoTo("/forwarding", "已导入审核状态")


def _route(path: str, handler: Callable[[Asked], Answer]) -> Route:
    return Route("POST", f"/forwarding/{path}", handler, Permission.OPERATE, Reach.OWN)


ROUTES = (
    Route("GET", "/forwarding", show, Permission.SEE, Reach.OWN),
    Route("GET", "/forwarding/replies", replies, Permission.SEE, Reach.OWN),
    _route("approve", approve),
    _route("resend", resend),
    _route("hold", hold),
    _route("release", let_go),
    _route("withdrawn", withdrawn),
    Route("POST", "/forwarding/reviews", review, Permission.OPERATE, Reach.PROVINCE),
)
