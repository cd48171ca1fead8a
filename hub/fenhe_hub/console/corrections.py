"""`/rules/corrections`: findings withdrawn by their rule set, and the form that withdraws them."""

from fenhe_hub.casework.corrections import corrections
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.laying import show_at_once
from fenhe_hub.judging.kept_rules import kept_sets
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.withdrawing import withdraw


def show(asked: Asked) -> Answer:
    """All that was withdrawn; for who decides for the whole province, the form."""
    staff = staff_of(asked)
    with asked.console.casework() as casework:
        found = [(each, each.laid_over().text_zh) for each in corrections(casework.db)]
    may = staff.may(Permission.DECIDE) and staff.units is None
    context = {
        "corrections": found,
        "may": may,
        "sets": kept_sets(asked.console.hub.home) if may else [],
    }
    return Page("console/corrections.html", context)


def take_back(asked: Asked) -> Answer:
    """Withdraw what a rule set found, in public, by a document."""
    form = asked.form
    act = withdraw(
        asked.console.office,
        staff_of(asked),
        form.text("rules"),
        form.text("reason"),
        rule=form.text("rule"),
        document=form.text("document"),
        body=form.text("body"),
    )
    show_at_once(asked)
    return GoTo("/rules/corrections", f"已撤回，更正 {act.subject} 已公开")


ROUTES = (
    Route("GET", "/rules/corrections", show, Permission.SEE, Reach.OWN),
    Route("POST", "/rules/corrections", take_back, Permission.DECIDE, Reach.PROVINCE),
)
