"""`/findings`: what the rules found, of all units in the account's scope."""

from fenhe_hub.api.labels import state_label
from fenhe_hub.console.asking import Answer, Asked, Reach, Route, staff_of
from fenhe_hub.console.finding_rows import STATES, FindingRow, FindingRows, concerned
from fenhe_hub.console.table import Column, Filter, Table
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.office.roles import Permission

COLUMNS: tuple[Column[FindingRow], ...] = (
    Column("unit", "单位", "unit", lambda f: f.unit, sorts=True),
    Column("uscc", "单位代码", "code", lambda f: f.uscc, form="short wide"),
    Column("rule", "规则", "rule", lambda f: f.rule, sorts=True, form="short"),
    Column("kind", "对象", "concerns", lambda f: concerned(f.kind), form="short"),
    Column("id", "编号", "id", lambda f: f.id, link=lambda f: f.path, form="code"),
    Column("state", "状态", "state", lambda f: state_label(f.state).zh, sorts=True, form="short"),
    Column("due", "期限", "due", lambda f: f.due, sorts=True, form="date"),
    Column("since", "自", "since", lambda f: f.since, form="date wide"),
    Column("todo", "下一步", "what to do next", lambda f: f.todo, form="long"),
    Column(
        "measures",
        "可据以采取措施",
        "may lead to measures",
        lambda f: "是" if f.measures else "否",
        form="short wide",
    ),
    Column(
        "laid",
        "豁免、异议、更正",
        "exemption, objection, correction",
        lambda f: "有" if f.is_laid_over else "",
        form="short wide",
    ),
)
KINDS = ("unit", "instrument", "fee_standard", "usage_summary", "leaf", "log", "address")


def table(asked: Asked) -> Table[FindingRow]:
    """The list, with the rules in force as a filter."""
    rules = {each.rule: f"{each.rule} {each.name_zh}" for each in asked.console.reading.rules}
    states = {"open": "要处理的", **{state: state_label(state).zh for state in STATES}}
    filters = (
        Filter("q", "单位、代码或编号"),
        Filter("state", "状态", states | {"all": "全部"}, "open"),
        Filter("rule", "规则", rules),
        Filter("kind", "对象", {kind: concerned(kind) for kind in KINDS}),
    )
    return Table("/findings", "findings", COLUMNS, "due", filters, kept=("unit",))


def show(asked: Asked) -> Answer:
    """The findings, by due day."""
    staff = staff_of(asked)
    with asked.console.index() as db:
        names = UnitNames.read(db)
        source = FindingRows(db, names, staff.units)
        listed = table(asked)
        return answer(asked.query, listed, source, "console/findings.html", {}, asked.now)


ROUTES = (Route("GET", "/findings", show, Permission.SEE, Reach.OWN),)
