"""`/reports`: monthly and yearly reports, each at its place of `fed`: to read, print and keep."""

from collections.abc import Callable, Mapping

from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.office.roles import Permission
from fenhe_hub.reporting.facts import ReportFacts, within
from fenhe_hub.reporting.kept import made_reports
from fenhe_hub.reporting.making import again, make
from fenhe_hub.reporting.page import write_page
from fenhe_hub.reporting.period import Period
from fenhe_hub.reporting.sheets import write_sheets
from fenhe_hub.reporting.tables import heading, tables
from fenhe_protocol.encoding import date_at, format_time
from fenhe_protocol.errors import InputError, RequestError

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMS: Mapping[str, tuple[str, Callable[[ReportFacts], bytes]]] = {
    "xlsx": (_SHEET, write_sheets),
    "html": ("text/html", write_page),
}
_MOST = 200


def show(asked: Asked) -> Answer:
    """All reports, the newest first."""
    with asked.console.casework() as casework:
        found = list(made_reports(casework.db))
    context = {
        "reports": [(each, format_time(each.at)[:16].replace("T", " ")) for each in found[:_MOST]],
        "makes": staff_of(asked).may(Permission.PREPARE) and staff_of(asked).units is None,
        "month": _month_before(asked.now),
    }
    return Page("console/reports.html", context)


def _month_before(now: int) -> str:
    """The month that has ended last."""
    year, month = map(int, date_at(now)[:7].split("-"))
    return f"{year - (month == 1):04}-{(month - 2) % 12 + 1:02}"


def prepare(asked: Asked) -> Answer:
    """Make one as of now; one that was made at this very place is shown."""
    console, text = asked.console, asked.form.text("period").strip()
    try:
        facts = make(console.hub, console.office, staff_of(asked), Period.parse(text))
    except InputError as error:
        return GoTo("/reports", str(error), bad=True)
    return GoTo(f"/reports/{facts.period}/{facts.epoch}-{facts.size}", "已编制")


def show_one(asked: Asked) -> Answer:
    """One report on the screen; it prints as it stands."""
    facts = _facts(asked)
    context = {"title": heading(facts), "facts": facts, "tables": tables(facts)}
    return Page("console/report.html", context)


def download(asked: Asked) -> Answer:
    """The same as a file: of the whole province always the same bytes."""
    form = asked.parts["form"]
    content_type, write = _FORMS[form]
    facts = _facts(asked)
    name = f"fenhe-report-{facts.period}-{facts.epoch}-{facts.size}.{form}"
    return Download(write(facts), name, content_type)


def _facts(asked: Asked) -> ReportFacts:
    """As far as the account may see it; RequestError 404 where there is none."""
    console = asked.console
    try:
        period = Period.parse(asked.parts["period"])
        facts = again(console.hub, console.office, period, asked.parts["place"])
    except InputError as error:
        raise RequestError("request.absent", status=404) from error
    return within(facts, staff_of(asked).units)


ROUTES = (
    Route("GET", "/reports", show, Permission.SEE, Reach.OWN),
    Route("POST", "/reports", prepare, Permission.PREPARE, Reach.PROVINCE),
    Route("GET", "/reports/{period}/{place}", show_one, Permission.SEE, Reach.OWN),
    Route("GET", "/reports/{period}/{place}/{form:xlsx|html}", download, Permission.SEE, Reach.OWN),
)
