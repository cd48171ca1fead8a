"""`/reviews` and `/evaluations`: what the authorities decided, as rules and measures need it."""

from collections.abc import Callable, Mapping

from fenhe_hub.casework.evaluations import RESULT_LABELS, Evaluation, Result, evaluations
from fenhe_hub.casework.reviews import Review, reviews
from fenhe_hub.console.asking import Answer, Asked, GoTo, Reach, Route, staff_of
from fenhe_hub.console.laying import classified_now
from fenhe_hub.console.subjects import names_of_units
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office import reviewing
from fenhe_hub.office.roles import Permission
from fenhe_protocol.errors import InputError, RequestError

_RESULTS = {str(each): RESULT_LABELS[each][0] for each in Result}
_YES_NO = {"yes": "是", "no": "否"}


def _reviews(names: Mapping[str, str]) -> Table[Review]:
    columns: tuple[Column[Review], ...] = (
        Column("unit", "单位", "unit", lambda r: names.get(r.unit, r.unit), sorts=True),
        Column("uscc", "单位代码", "code", lambda r: r.unit, sorts=True, form="short wide"),
        Column("number", "评议文号", "number", lambda r: r.number, sorts=True),
        Column("plan", "购置计划", "plan", lambda r: r.plan, sorts=True),
        Column("item", "仪器", "item", lambda r: r.item, sorts=True),
        Column(
            "supported", "支持", "supported", lambda r: "是" if r.supported else "否",
            sorts=True, form="short",
        ),
        Column("decided", "日期", "decided on", lambda r: r.decided_on, sorts=True, form="date"),
        Column("body", "决定机关", "deciding body", lambda r: r.body, sorts=True, form="wide"),
        Column("place", "来自", "from", lambda r: r.place, form="wide"),
    )  # fmt: skip
    filters = (Filter("q", "单位、文号或仪器"), Filter("supported", "支持", _YES_NO))
    return Table("/reviews", "reviews", columns, "-decided", filters)


def _evaluations(names: Mapping[str, str]) -> Table[Evaluation]:
    columns: tuple[Column[Evaluation], ...] = (
        Column("year", "年度", "year", lambda e: e.year, sorts=True, form="number"),
        Column("unit", "单位", "unit", lambda e: names.get(e.unit, e.unit), sorts=True),
        Column("uscc", "单位代码", "code", lambda e: e.unit, sorts=True, form="short wide"),
        Column("id", "仪器", "instrument", lambda e: e.id, sorts=True,
               text=lambda e: e.id or "全单位"),
        Column("result", "结果", "result", lambda e: _RESULTS[e.result], sorts=True, form="short"),
        Column(
            "final", "终评", "final", lambda e: "是" if e.final else "否", sorts=True, form="short"
        ),
        Column("document", "文号", "document", lambda e: e.document, sorts=True),
        Column("decided", "日期", "decided on", lambda e: e.decided_on, sorts=True, form="date"),
        Column("body", "决定机关", "deciding body", lambda e: e.body, sorts=True, form="wide"),
        Column("place", "来自", "from", lambda e: e.place, form="wide"),
    )  # fmt: skip
    filters = (Filter("q", "单位、文号或仪器"), Filter("result", "结果", _RESULTS))
    return Table("/evaluations", "evaluations", columns, "-year", filters)


def show_reviews(asked: Asked) -> Answer:
    """Review decisions within the account's scope."""
    staff = staff_of(asked)
    with asked.console.casework() as casework:
        found = [each for each in reviews(casework.db) if staff.covers(each.unit)]
    context = {"prepares": staff.may(Permission.PREPARE)}
    names = names_of_units(asked)
    table = _reviews(names)
    matches: Mapping[str, Callable[[Review, str], bool]] = {
        "q": has_words(
            lambda r: f"{names.get(r.unit, '')}\n{r.unit}\n{r.number}\n{r.plan}\n{r.item}"
        ),
        "supported": lambda r, text: r.supported == (text == "yes"),
    }
    source = Listed(table.columns, found, matches)
    return answer(asked.query, table, source, "console/reviews.html", context, asked.now)


def show_evaluations(asked: Asked) -> Answer:
    """Results of evaluations within the account's scope."""
    staff, hidden = staff_of(asked), classified_now(asked)
    with asked.console.casework() as casework:
        found = [
            each
            for each in evaluations(casework.db)
            if staff.covers(each.unit) and (each.unit, each.kind, each.id) not in hidden
        ]
    context = {"prepares": staff.may(Permission.PREPARE), "results": [*_RESULTS.items()]}
    names = names_of_units(asked)
    table = _evaluations(names)
    matches: Mapping[str, Callable[[Evaluation, str], bool]] = {
        "q": has_words(lambda e: f"{names.get(e.unit, '')}\n{e.unit}\n{e.document}\n{e.id}"),
        "result": lambda e, text: e.result == text,
    }
    source = Listed(table.columns, found, matches)
    return answer(asked.query, table, source, "console/evaluations.html", context, asked.now)


def enter_review(asked: Asked) -> Answer:
    """Register one decision."""
    text = asked.form.text
    told = Review(
        text("unit"),
        text("number"),
        text("plan"),
        text("item"),
        text("decided_on"),
        text("supported") == "yes",
        text("body"),
    )
    done = reviewing.register_reviews(asked.console.office, staff_of(asked), [told])
    return GoTo("/reviews", "已登记" if done else "没有变化")


def withdraw_review(asked: Asked) -> Answer:
    """Take back one that was entered in error."""
    names = ("unit", "number", "plan", "reason")
    told = [asked.form.text(name) for name in names]
    reviewing.withdraw_review(asked.console.office, staff_of(asked), *told)
    return GoTo("/reviews", "已撤回")


def enter_evaluation(asked: Asked) -> Answer:
    """Register one result."""
    text = asked.form.text
    told = Evaluation(
        text("unit"),
        "instrument" if text("id") else "",
        text("id"),
        _year(text("year")),
        text("result"),
        text("final") == "yes",
        text("document"),
        text("decided_on"),
        text("body"),
    )
    done = reviewing.register_evaluations(asked.console.office, staff_of(asked), [told])
    return GoTo("/evaluations", "已登记" if done else "没有变化")


def withdraw_evaluation(asked: Asked) -> Answer:
    """Take back one that was entered in error."""
    text = asked.form.text
    wanted = (text("unit"), text("id"), _year(text("year")))
    staff = staff_of(asked)
    staff.check(Permission.PREPARE, wanted[0])
    with asked.console.casework() as casework:
        known = evaluations(casework.db, unit=wanted[0])
    found = next((each for each in known if (each.unit, each.id, each.year) == wanted), None)
    if found is None:
        raise RequestError("register.absent", status=404, where=wanted[0])
    reviewing.withdraw_evaluation(asked.console.office, staff, found, text("reason"))
    return GoTo("/evaluations", "已撤回")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise InputError("register.value", where="year", expected="2026", found=text[:10])
    return int(text)


ROUTES = (
    Route("GET", "/reviews", show_reviews, Permission.SEE, Reach.OWN),
    Route("POST", "/reviews", enter_review, Permission.PREPARE, Reach.OWN),
    Route("POST", "/reviews/withdraw", withdraw_review, Permission.PREPARE, Reach.OWN),
    Route("GET", "/evaluations", show_evaluations, Permission.SEE, Reach.OWN),
    Route("POST", "/evaluations", enter_evaluation, Permission.PREPARE, Reach.OWN),
    Route("POST", "/evaluations/withdraw", withdraw_evaluation, Permission.PREPARE, Reach.OWN),
)
