"""`/authorities`: which authorities there are, whose the units are, and since when."""

from collections.abc import Callable, Mapping
from datetime import date

from fenhe_hub.casework.authorities import (
    COVERS_LABELS,
    FOR_EVER,
    KIND_LABELS,
    LEVEL_LABELS,
    Authority,
    Belonging,
    Kind,
    Level,
    authorities,
    belongings,
    mailbox_of,
)
from fenhe_hub.casework.obliged import obliged_units
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office import authorities as verbs
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

_KINDS = {str(each): KIND_LABELS[each][0] for each in Kind}
_LEVELS = {str(each): LEVEL_LABELS[each][0] for each in Level}
_COVERS = {name: label[0] for name, label in COVERS_LABELS.items()}


def _until(day: str) -> str:
    return "" if day == FOR_EVER else day


_COLUMNS: tuple[Column[Authority], ...] = (
    Column(
        "number",
        "编号",
        "number",
        lambda a: a.number,
        sorts=True,
        link=lambda a: f"/authorities/{a.number}",
    ),
    Column("name", "名称", "name", lambda a: a.name, sorts=True),
    Column("kind", "类别", "kind", lambda a: _KINDS.get(a.kind, a.kind), sorts=True),
    Column(
        "level", "层级", "level", lambda a: _LEVELS.get(a.level, a.level), sorts=True, form="wide"
    ),
    Column(
        "covers",
        "范围",
        "covers",
        lambda a: _COVERS.get(a.covers, a.covers),
        sorts=True,
        form="wide",
    ),
    Column("from", "自", "from", lambda a: a.valid_from, sorts=True, form="date"),
    Column("until", "至", "until", lambda a: _until(a.valid_until), sorts=True, form="date"),
)
TABLE = Table(
    "/authorities",
    "authorities",
    _COLUMNS,
    "number",
    (Filter("q", "编号或名称"), Filter("kind", "类别", _KINDS), Filter("level", "层级", _LEVELS)),
)
_MATCHES: Mapping[str, Callable[[Authority, str], bool]] = {
    "q": has_words(lambda a: f"{a.number}\n{a.name}"),
    "kind": lambda a, text: a.kind == text,
    "level": lambda a, text: a.level == text,
}


def show(asked: Asked) -> Answer:
    """All of them, and the forms by which they are made."""
    with asked.console.casework() as casework:
        found = authorities(casework.db)
    context = {
        "kinds": [*_KINDS.items()],
        "levels": [*_LEVELS.items()],
        "covers": [*_COVERS.items()],
        "sets_up": staff_of(asked).may(Permission.SET_UP),
        "today": date_at(asked.now),
    }
    source = Listed(_COLUMNS, found, _MATCHES)
    return answer(asked.query, TABLE, source, "console/authorities.html", context, asked.now)


def show_one(asked: Asked) -> Answer:
    """One of them, with its units over time."""
    number, today = asked.parts["number"], date.fromisoformat(date_at(asked.now))
    with asked.console.casework() as casework:
        found = next((a for a in authorities(casework.db) if a.number == number), None)
        units = belongings(casework.db, number=number)
        names = {unit.uscc: unit.name for unit in obliged_units(casework.db)}
        mailbox = mailbox_of(casework.db, number)
        others = [(a.number, a.name) for a in authorities(casework.db) if a.number != number]
    if found is None:
        raise RequestError("register.absent", status=404, where=number)
    context = {
        "authority": found,
        "kind": _KINDS.get(found.kind, found.kind),
        "level": _LEVELS.get(found.level, found.level),
        "covers": _COVERS.get(found.covers, found.covers),
        "is_valid": found.is_valid(today),
        "until": _until,
        "units": [(each, names.get(each.uscc, "")) for each in units],
        "others": others,
        "mailbox": mailbox,
        "sets_up": staff_of(asked).may(Permission.SET_UP),
        "today": today.isoformat(),
    }
    return Page("console/authority.html", context)


def make(asked: Asked) -> Answer:
    """Make one, or correct it."""
    names = ("number", "name", "kind", "level", "covers", "from", "until")
    told = Authority(*(asked.form.text(name) for name in names))
    done = verbs.put_authority(asked.console.office, staff_of(asked), told)
    return GoTo("/authorities", "已登记" if done else "没有变化")


def end(asked: Asked) -> Answer:
    """Let it end on a day."""
    number, until = asked.parts["number"], asked.form.text("until")
    verbs.end_authority(asked.console.office, staff_of(asked), number, until)
    return GoTo(f"/authorities/{number}", f"已定：有效至 {until}")


def write_to(asked: Asked) -> Answer:
    """Set the mailbox to which it is written that a complaint waits."""
    number, address = asked.parts["number"], asked.form.text("address")
    verbs.set_mailbox(asked.console.office, staff_of(asked), number, address)
    return GoTo(f"/authorities/{number}", "已记")


def assign(asked: Asked) -> Answer:
    """Let a unit be its own from a day on."""
    number, text = asked.parts["number"], asked.form.text
    told = [Belonging(text("uscc"), number, text("from"))]
    verbs.assign(asked.console.office, staff_of(asked), told)
    return GoTo(f"/authorities/{number}", "已归入")


def move(asked: Asked) -> Answer:
    """Let a unit go to another authority from a day on."""
    number, text = asked.parts["number"], asked.form.text
    office, staff = asked.console.office, staff_of(asked)
    verbs.move(office, staff, text("uscc"), number, text("to"), text("from"))
    return GoTo(f"/authorities/{number}", "已改归")


def let_go(asked: Asked) -> Answer:
    """Let a unit be its own until a day."""
    number, text = asked.parts["number"], asked.form.text
    office, staff = asked.console.office, staff_of(asked)
    verbs.end_belonging(office, staff, text("uscc"), number, text("until"))
    return GoTo(f"/authorities/{number}", "已定下")


def assign_as_listed(asked: Asked) -> Answer:
    """Put the obliged units under the authorities that their list names."""
    office, staff, since = asked.console.office, staff_of(asked), asked.form.text("from")
    done, unknown = verbs.assign_as_listed(office, staff, since)
    said = f"归入 {len(done)} 个单位"
    if unknown:
        said += f"；清单里有 {len(unknown)} 个部门没有登记：{'、'.join(unknown[:5])}"
    return GoTo("/authorities", said)


ROUTES = (
    Route("GET", "/authorities", show, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/authorities", make, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/authorities-as-listed", assign_as_listed, Permission.SET_UP, Reach.PROVINCE),
    Route("GET", "/authorities/{number}", show_one, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/authorities/{number}/end", end, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/authorities/{number}/mailbox", write_to, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/authorities/{number}/assign", assign, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/authorities/{number}/let-go", let_go, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/authorities/{number}/move", move, Permission.SET_UP, Reach.PROVINCE),
)
