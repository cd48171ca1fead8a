"""A report made once at a place of `fed`, and given again with the same bytes. Start at `make`."""

from contextlib import closing

from fenhe_hub.casework.reports import MADE, made_reports
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.hub import Hub
from fenhe_hub.index.said import fed_place
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.reporting.counting import count
from fenhe_hub.reporting.facts import ReportFacts
from fenhe_hub.reporting.kept import keep, kept, report_file
from fenhe_hub.reporting.period import Period
from fenhe_protocol.errors import InputError


def make(hub: Hub, office: Office, who: Staff, period: Period) -> ReportFacts:
    """The report of a period as of the newest place of `fed`; one that was made there is given.

    InputError `report.unsaid` while acts wait to be said, for they belong to no place yet;
    `report.early` for a period that has not begun; RequestError 403.
    """
    who.check(Permission.PREPARE)
    if (now := office.clock()) < period.start:
        raise InputError("report.early", where=period.text)
    with office.turn() as casework, closing(open_index(hub.home.index)) as index:
        place = fed_place(index)
        text = f"{place.epoch}-{place.size}"
        known = {each.place for each in made_reports(casework.db, period.text)}
        if text in known and report_file(hub.home, period.text, text).exists():
            return kept(hub.home, casework.db, period.text, text)
        with Waiting.open(hub.home) as waiting:
            if waiting.count():
                raise InputError("report.unsaid", advice="fenhe-hub sync --once")
        tell_services(hub.home, index)  # so that no hours lack
        facts = count(hub, index, casework.db, period, now)
        details = {
            "epoch": facts.epoch,
            "size": facts.size,
            "sha256": keep(hub.home, facts),
            "partial": facts.is_partial,
        }
        office.do(casework, who, Permission.PREPARE, MADE, period.text, details)
    return facts


def again(hub: Hub, office: Office, period: Period, place: str) -> ReportFacts:
    """A report that was made before; InputError `report.absent`, `report.place`."""
    with office.casework() as casework:
        return kept(hub.home, casework.db, period.text, place)
