"""Findings withdrawn by the rule set that made them, with a public correction."""

from __future__ import annotations

from datetime import date

from fenhe_hub.casework.corrections import corrections
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.judging.kept_rules import kept_bytes, kept_rules
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError
from fenhe_protocol.fed import Act

_REASON = 500


def withdraw(
    office: Office,
    who: Staff,
    rules: str,
    reason: str,
    *,
    rule: str = "",
    document: str = "",
    body: str = "",
) -> Act:
    """Withdraw what a rule set found, or one rule of it; InputError `rules.lost`, `register.*`.

    It concerns units everywhere, so only whoever decides for the whole province may.
    """
    if who.units is not None:
        who.check(Permission.DECIDE, "")
    home = office.hub.home
    if kept_bytes(home, rules) is None:
        raise InputError("rules.lost", where=rules)
    known = {each.rule for each in kept_rules(home, rules).rules}
    if rule and rule not in known:
        expected = ", ".join(sorted(known))
        raise InputError("register.value", where="rule", expected=expected, found=rule)
    details = {
        "rules": rules,
        "rule": rule,
        "reason": entered.words(reason, "reason", most=_REASON),
        "document": entered.words(document, "document", optional=True),
        "body": entered.words(body, "body", optional=True),
    }
    with office.turn() as casework:
        for each in corrections(casework.db):
            if each.rules == rules and each.rule in ("", rule):
                raise InputError("register.known", where=each.number)
        year = date.fromisoformat(date_at(office.clock())).year
        number = next_number(casework.db, "correction", "K", year)
        return office.do(casework, who, Permission.DECIDE, "finding.withdrawn", number, details)
