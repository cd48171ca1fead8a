"""`/reports`: monthly and yearly reports, each at its place of `fed`: to read, print and keep."""

from collections.abc import Callable, Mapping

from fenhe_hub.casework.summaries import summary_out
from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.roles import Permission
from fenhe_hub.reporting.facts import ReportFacts, within
from fenhe_hub.reporting.kept import MadeReport, made_reports
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
_WHOLE, _PARTIAL = "whole", "partial"
_REACHES = {_WHOLE: "整期", _PARTIAL: "期中"}


def _reach(made: MadeReport) -> str:
    return _PARTIAL if made.is_partial else _WHOLE


def _path(made: MadeReport, form: str = "") -> str:
    return f"/reports/{made.period}/{made.place}{form}"


COLUMNS: tuple[Column[MadeReport], ...] = (
    Column("period", "统计期", "period", lambda r: r.period, sorts=True, form="short", link=_path),
    Column("reach", "范围", "reach", lambda r: _REACHES[_reach(r)], sorts=True, form="short"),
    Column("at", "编制", "made at", lambda r: format_time(r.at), sorts=True, form="date",
           text=lambda r: format_time(r.at)[:16].replace("T", " ")),
    Column("by", "账号", "by", lambda r: r.by, sorts=True, form="short"),
    Column("place", "日志位置", "place", lambda r: r.place, sorts=True, form="short wide"),
    Column("xlsx", "工作簿", "workbook", lambda r: _path(r, "/xlsx"), form="short",
           text=lambda r: "Excel", link=lambda r: _path(r, "/xlsx")),
    Column("page", "打印页", "page", lambda r: _path(r, "/html"), form="short",
           text=lambda r: "网页", link=lambda r: _path(r, "/html")),
    Column("sha256", "散列值", "sha256", lambda r: r.sha256, form="exported"),
)  # fmt: skip
TABLE = Table(
    "/reports",
    "reports",
    COLUMNS,
    "-at",
    (Filter("q", "统计期或账号"), Filter("reach", "范围", _REACHES)),
)
_MATCHES: Mapping[str, Callable[[MadeReport, str], bool]] = {
    "q": has_words(lambda r: f"{r.period}\n{r.by}\n{r.place}"),
    "reach": lambda r, text: _reach(r) == text,
}


def show(asked: Asked) -> Answer:
    """All reports, the newest first."""
    with asked.console.casework() as casework:
        found = list(made_reports(casework.db))
    context = {
        "makes": staff_of(asked).may(Permission.PREPARE) and staff_of(asked).units is None,
        "month": _month_before(asked.now),
    }
    source = Listed(COLUMNS, found, _MATCHES)
    return answer(asked.query, TABLE, source, "console/reports.html", context, asked.now)


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
    staff = staff_of(asked)
    with asked.console.casework() as casework:
        out = summary_out(casework.db, facts.period)
    context = {
        "title": heading(facts),
        "facts": facts,
        "tables": tables(facts),
        "out": out,
        "publishes": staff.may(Permission.DECIDE) and staff.units is None,
        "url": asked.console.hub.config.public_url.rstrip("/"),
    }
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
