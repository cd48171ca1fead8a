"""`/rules/proposals`: other rule sets, from the proposal to the day on which one is in force."""

import difflib
from collections.abc import Callable
from typing import Any

from fenhe_hub.casework.rule_proposals import STAGE_LABELS, RuleProposal, Stage, proposal, proposals
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.rules import typed_set
from fenhe_hub.office import ruling
from fenhe_hub.office.document import Document
from fenhe_hub.office.roles import Permission
from fenhe_hub.rule_file import rule_bytes
from fenhe_protocol.errors import RequestError

_LONGEST_DIFF = 600  # lines on the page


def show(asked: Asked) -> Answer:
    """All of them, those that wait first."""
    with asked.console.casework() as casework:
        found = proposals(casework.db)
    found.sort(key=lambda each: each.state is not Stage.PROPOSED)
    told = [(each, STAGE_LABELS[each.state][0]) for each in found]
    context = {"proposals": told, "own": asked.console.hub.config.rules}
    return Page("console/rule_proposals.html", context)


def show_one(asked: Asked) -> Answer:
    """One set: what it changes of the text in force, and what can be done with it."""
    hub, staff, found = asked.console.hub, staff_of(asked), _find(asked)
    in_force = rule_bytes(hub.rules_file)
    waits = found.state is Stage.PROPOSED
    context: dict[str, Any] = {
        "proposal": found,
        "state": STAGE_LABELS[found.state][0],
        "in_force": in_force == found.raw,
        "differences": _differences(in_force.decode("utf-8", "replace"), found.text),
        "decides": waits and ruling.may_decide(staff) and not hub.config.rules,
        "withdraws": waits and staff.may(Permission.PROPOSE),
        "authority": staff.authority,
        "own": hub.config.rules,
        "waits": waits,
    }
    return Page("console/rule_proposal.html", context)


def _differences(now: str, then: str) -> list[str]:
    lines = difflib.unified_diff(
        now.splitlines(), then.splitlines(), "现行", "提出的", lineterm="", n=1
    )
    return [*lines][:_LONGEST_DIFF]


def _find(asked: Asked) -> RuleProposal:
    number = asked.parts["number"]
    with asked.console.casework() as casework:
        found = proposal(casework.db, number)
    if found is None:
        raise RequestError("register.absent", status=404, where=number)
    return found


def propose(asked: Asked) -> Answer:
    """Propose the set that was compared."""
    raw, reason = typed_set(asked), asked.form.text("reason")
    number = ruling.propose(asked.console.office, staff_of(asked), raw, reason)
    return GoTo(f"/rules/proposals/{number}", f"已提出 {number}，待决定")


def adopt(asked: Asked) -> Answer:
    """Put it in force by a document."""
    number, text = asked.parts["number"], asked.form.text
    document = Document(text("document_no"), text("decided_on"), text("decided_by"))
    digest = ruling.adopt(asked.console.office, staff_of(asked), number, document)
    said = f"已施行，摘要 {digest[:16]}…；随下一次发布写入日志，下一次检查起按它判"
    return GoTo(f"/rules/proposals/{number}", said)


def _ending(verb: Callable[..., None]) -> Callable[[Asked], Answer]:
    def handle(asked: Asked) -> Answer:
        number, reason = asked.parts["number"], asked.form.text("reason")
        verb(asked.console.office, staff_of(asked), number, reason)
        return GoTo(f"/rules/proposals/{number}", "已记")

    return handle


_ONE = "/rules/proposals/{number}"
ROUTES = (
    Route("GET", "/rules/proposals", show, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/rules/proposals", propose, Permission.PROPOSE, Reach.PROVINCE),
    Route("GET", _ONE, show_one, Permission.SEE, Reach.PROVINCE),
    # Who decides for the whole province may, and who sets the hub up: the verb asks.
    Route("POST", f"{_ONE}/adopt", adopt, Permission.SEE, Reach.PROVINCE),
    Route("POST", f"{_ONE}/reject", _ending(ruling.reject), Permission.SEE, Reach.PROVINCE),
    Route("POST", f"{_ONE}/withdraw", _ending(ruling.withdraw), Permission.PROPOSE, Reach.PROVINCE),
)
