"""A report's summary for everyone: what may be said of it, let out and taken back by document.

Nothing of hours, money, complaints or findings by unit goes out: some of that rests on tiers that
not everybody reads. Of findings stands how many there are in the whole province, without those that
protect persons (D5). Start at `let_out`.
"""

from hashlib import sha256

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.api.labels import RESOURCE_KINDS
from fenhe_hub.casework.summaries import Summary, UnitLine, summary_file, summary_out
from fenhe_hub.hub import Hub
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.reporting.facts import ReportFacts, UnitFacts, province
from fenhe_hub.reporting.kept import kept
from fenhe_hub.reporting.period import Period
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act

_KEPT_BACK = ("D5",)


def summary_of(facts: ReportFacts) -> Summary:
    """What everyone may read of a report. Pure."""
    whole = province((*facts.units, facts.elsewhere))
    late = sum(any(rule not in _KEPT_BACK for rule in unit.late_rules) for unit in facts.units)
    totals = {
        "units": len(facts.units),
        "late_units": late,
        "resources": _resources(whole),
        "instruments": whole.kinds.get("instrument", 0),
        "complaints_received": whole.complaints.get("received", 0),
        "complaints_closed": whole.complaints.get("closed", 0),
    }
    findings = ((rule, state, n) for rule, state, n, _ in whole.findings if rule not in _KEPT_BACK)
    return Summary(
        facts.period,
        *(facts.hub, facts.epoch, facts.size, facts.root, facts.made_at),
        *(facts.rules_name, facts.rules_sha256, totals),
        *(whole.kinds, whole.bands, whole.classes, whole.cities),
        tuple(findings),
        tuple(map(_line, facts.units)),
    )


def _resources(unit: UnitFacts) -> int:
    return sum(unit.kinds.get(kind, 0) for kind in RESOURCE_KINDS)


def _line(unit: UnitFacts) -> UnitLine:
    instruments = unit.kinds.get("instrument", 0)
    return UnitLine(unit.uscc, unit.name, _resources(unit), instruments, dict(unit.declared))


def let_out(hub: Hub, office: Office, who: Staff, period: Period, place: str, document: str) -> Act:
    """Let everyone read the summary of a report that was made.

    RequestError 403; 409 `register.state` for a period that was not over; InputError `report.*`.
    """
    _check(who)
    said = entered.words(document, "document", most=100)
    with office.turn() as casework:
        facts = kept(hub.home, casework.db, period.text, place)
        if facts.is_partial:
            raise RequestError("register.state", status=409, where=period.text, found="partial")
        raw = summary_of(facts).encode()
        replace_files(Disk(), {summary_file(hub.home, period.text, place): raw})
        told = {"place": place, "sha256": sha256(raw).hexdigest(), "document": said}
        return office.do(casework, who, Permission.DECIDE, "report.published", period.text, told)


def take_back(office: Office, who: Staff, period: Period, reason: str) -> Act:
    """Let nobody outside read it any more; what was said stands in the log."""
    _check(who)
    said = entered.words(reason, "reason")
    with office.turn() as casework:
        if summary_out(casework.db, period.text) is None:
            raise InputError("report.absent", where=period.text)
        details = {"reason": said}
        return office.do(
            casework, who, Permission.DECIDE, "report.taken_back", period.text, details
        )


def _check(who: Staff) -> None:
    """It is about units everywhere: whoever decides for the whole province may."""
    who.check(Permission.DECIDE, None if who.units is None else "")
