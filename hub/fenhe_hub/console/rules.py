"""`/rules`: the rule set in force, what it was before, what another would change; working days."""

import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

from fenhe_hub.console import years
from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.rule_words import Told, shared_parameters, told
from fenhe_hub.console.table import Column, Listed, Table, View
from fenhe_hub.console.table_page import answer, export
from fenhe_hub.desk.announcing import announce_year
from fenhe_hub.fed.rules_in_force import rules_in_force
from fenhe_hub.judging.kept_rules import kept_bytes, kept_sets
from fenhe_hub.judging.what_if import CHANGE_LABELS, Change, ChangeKind, what_if
from fenhe_hub.judging.working_days import known_years
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.ruling import read_typed
from fenhe_hub.rule_file import load_rules, rule_bytes
from fenhe_hub.rules.finding import STATE_LABELS, State
from fenhe_hub.rules.ruleset import Rule
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError, StoreError

_LARGEST = 256 * 1024  # bytes of a rule file
_SHOWN = 200  # changes on the page; the file has all
_ONE_AT_A_TIME = threading.Lock()

COLUMNS: tuple[Column[Change], ...] = (
    Column("unit", "单位", "unit", lambda c: c.unit, link=lambda c: f"/unit/{c.uscc}"),
    Column("uscc", "代码", "code", lambda c: c.uscc),
    Column("rule", "规则", "rule", lambda c: c.rule),
    Column("kind", "类别", "kind", lambda c: c.kind),
    Column("id", "编号", "id", lambda c: c.id),
    Column("change", "变化", "change", lambda c: CHANGE_LABELS[c.change][0]),
    Column("now", "现在", "now", lambda c: _state(c.state_now)),
    Column("due_now", "现在期限", "due now", lambda c: str(c.due_now or "")),
    Column("then", "将来", "then", lambda c: _state(c.state_then)),
    Column("due_then", "将来期限", "due then", lambda c: str(c.due_then or "")),
    Column("leads", "可采取措施", "measures", lambda c: _leads(c)),
)
TABLE = Table("/rules/what-if", "what-if", COLUMNS, "unit")


def _state(state: str) -> str:
    return STATE_LABELS[State(state)][0] if state else "—"


def _leads(change: Change) -> str:
    if change.leads_now == change.leads_then:
        return "是" if change.leads_now else ""
    return "将来是" if change.leads_then else "将来不是"


def show(asked: Asked) -> Answer:
    """Each rule with its sentence and parameters."""
    hub, today = asked.console.hub, _today(asked)
    rules = load_rules(hub.rules_file)
    staff, shared = staff_of(asked), shared_parameters(rules.rules)
    context = {
        "set": rules,
        "file": hub.config.rules or ("按决定施行的" if hub.rules_file else "自带的"),
        "shared": told(shared),
        "rules": [(rule, _own(rule, shared), rule.holds_on(today)) for rule in rules.rules],
        "whole": staff.units is None,
        "example": "（示例）",
    }
    return Page("console/rules.html", context)


def _own(rule: Rule, shared: Mapping[str, Any]) -> list[Told]:
    own = {name: value for name, value in rule.parameters.items() if name not in shared}
    return told(own, rule.examples)


def _today(asked: Asked) -> date:
    return date.fromisoformat(date_at(asked.now))


def history(asked: Asked) -> Answer:
    """Which set was in force when, as the hub's own log says it."""
    found = rules_in_force(asked.console.hub)
    return Page("console/rule_history.html", {"sets": found[::-1]})


def download(asked: Asked) -> Answer:
    """The bytes of a set that was used."""
    digest = asked.parts["sha256"]
    if (raw := kept_bytes(asked.console.hub.home, digest)) is None:
        raise RequestError("request.absent", status=404, where=digest)
    return Download(raw, f"rules-{digest[:12]}.yaml", "application/yaml")


def ask(asked: Asked) -> Answer:
    """The form for another set; the one in force stands in it to be changed."""
    hub = asked.console.hub
    raw = rule_bytes(hub.rules_file)
    context = {"text": raw.decode("utf-8", "replace"), "found": None, "kept": kept_sets(hub.home)}
    return Page("console/what_if.html", context)


def compare(asked: Asked) -> Answer:
    """What another set would change; nothing is written."""
    hub, raw = asked.console.hub, typed_set(asked)
    in_force, other = load_rules(hub.rules_file), read_typed(raw, "what-if")
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise StoreError("home.busy", where="what-if")
    try:
        found = what_if(hub, in_force, other, asked.now)
    finally:
        _ONE_AT_A_TIME.release()
    if asked.form.text("form"):
        source = Listed(COLUMNS, found.changes)
        return export(TABLE, View({}, TABLE.order), source, asked.form.text("form"), asked.now)
    context = {
        "text": raw.decode("utf-8", "replace"),
        "found": found,
        "kinds": [(kind.value, CHANGE_LABELS[kind][0]) for kind in ChangeKind],
        "totals": found.totals(),
        "columns": COLUMNS,
        "shown": found.changes[:_SHOWN],
        "kept": kept_sets(hub.home),
        "proposes": staff_of(asked).may(Permission.PROPOSE) and not hub.config.rules,
    }
    return Page("console/what_if.html", context)


def typed_set(asked: Asked) -> bytes:
    """What was uploaded, else a set that was used, else what was pasted."""
    if digest := asked.form.text("digest"):
        if raw := kept_bytes(asked.console.hub.home, digest):
            return raw
    elif "file" in asked.form.uploads:
        upload = asked.form.upload("file")
        if upload.size <= _LARGEST:
            return upload.path.read_bytes()
    else:
        raw = asked.form.fields.get("text", "").replace("\r\n", "\n").encode()
        if 0 < len(raw) <= _LARGEST:
            return raw
    raise InputError("register.value", where="rules", expected=f"1–{_LARGEST >> 10} KiB")


def workdays(asked: Asked) -> Answer:
    """Every year of which the working days are known."""
    context = {
        "may": staff_of(asked).may(Permission.SET_UP),
        "own": asked.console.hub.config.workdays,
    }
    source = Listed(years.COLUMNS, known_years(asked.console.hub), years.MATCHES)
    return answer(asked.query, years.TABLE, source, "console/workdays.html", context, asked.now)


def announce(asked: Asked) -> Answer:
    """Enter a year."""
    form = asked.form
    year = form.text("year")
    announce_year(
        asked.console.office,
        staff_of(asked),
        year,
        notice=form.text("notice"),
        dated=form.text("dated"),
        holidays=form.text("holidays").split(),
        makeup=form.text("makeup").split(),
    )
    return GoTo("/rules/workdays", f"已记下 {year} 年；下一次规则检查起按它计算")


ROUTES = (
    Route("GET", "/rules", show, Permission.SEE, Reach.OWN),
    Route("GET", "/rules/history", history, Permission.SEE, Reach.OWN),
    Route("GET", "/rules/sets/{sha256}", download, Permission.SEE, Reach.OWN),
    Route("GET", "/rules/what-if", ask, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/rules/what-if", compare, Permission.SEE, Reach.PROVINCE),
    Route("GET", "/rules/workdays", workdays, Permission.SEE, Reach.OWN),
    Route("POST", "/rules/workdays", announce, Permission.SET_UP, Reach.PROVINCE),
)
