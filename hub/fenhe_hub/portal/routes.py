"""`add_portal_routes` puts the pages into an application, below the path of the public address."""

from typing import Any

from aiohttp import web

from fenhe_hub.api.askable import FINDINGS, IN_PATH, PAGED, SEARCH, UNITS
from fenhe_hub.api.complaint_cases import COMPLAINTS
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.parameters import Parameter
from fenhe_hub.index.read import Reading
from fenhe_hub.office.acting import Office
from fenhe_hub.portal.atom import add_atom
from fenhe_hub.portal.developers_page import developers
from fenhe_hub.portal.environment import STATIC, asset_bytes
from fenhe_hub.portal.feedback_case import FeedbackCase
from fenhe_hub.portal.feedback_door import FeedbackDoor
from fenhe_hub.portal.feedback_form import FeedbackForm
from fenhe_hub.portal.feedback_register import case_list
from fenhe_hub.portal.home_page import home
from fenhe_hub.portal.list_pages import finding_list, search, unit_list
from fenhe_hub.portal.measure_pages import MEASURE_PAGES
from fenhe_hub.portal.pages import HEADERS, Handler, Page, error_page, handler_of
from fenhe_hub.portal.record_page import show_record
from fenhe_hub.portal.rules_page import RULES_PAGE, rule_set_file
from fenhe_hub.portal.summary_pages import SUMMARY_PAGES, summary_json
from fenhe_hub.portal.unit_page import show_unit
from fenhe_protocol.errors import RequestError

_VERIFY = Parameter("verify", "重新验证", "verify again", choices=("1",))


def _nothing(asked: Asked) -> dict[str, Any]:
    return {}


PAGES = (
    Page("/", "home.html", home),
    Page("/search", "search.html", search, (*SEARCH, *PAGED)),
    Page("/r/{uscc}/{kind}/{id}", "record.html", show_record, (*IN_PATH.values(), _VERIFY)),
    Page("/u/{uscc}", "unit.html", show_unit, (IN_PATH["uscc"],)),
    Page("/units", "units.html", unit_list, (*UNITS, *PAGED)),
    Page("/findings", "findings.html", finding_list, (*FINDINGS, *PAGED)),
    *MEASURE_PAGES,
    RULES_PAGE,
    *SUMMARY_PAGES,
    Page("/developers", "developers.html", developers),
    Page("/about", "about.html", _nothing),
    Page("/feedback/register", "feedback_register.html", case_list, (*COMPLAINTS, *PAGED)),
)


def add_portal_routes(app: web.Application, reading: Reading, office: Office | None = None) -> None:
    """Serve every page and what they load; unknown addresses get a page too, if one was wanted.

    Without an office complaints are not taken, and the page says so.
    """
    # Before the page, whose `{period}` would take the name of the file for one.
    app.router.add_get(f"{reading.base}/reports/{{period}}.json", summary_json(reading))
    for page in PAGES:
        app.router.add_get(f"{reading.base}{page.path}", handler_of(page, reading))
    _add_feedback(app, FeedbackDoor(reading, office))
    add_atom(app, reading)
    app.router.add_get(f"{reading.base}/rules/{{sha256}}.yaml", rule_set_file(reading))
    app.router.add_get(f"{reading.base}/static/{{name}}", _static)
    if reading.base:
        app.router.add_get(reading.base, _to_front)
    app.middlewares.append(_missing_page(reading))


def _add_feedback(app: web.Application, door: FeedbackDoor) -> None:
    base, form, case = door.reading.base, FeedbackForm(door), FeedbackCase(door)
    app.router.add_get(f"{base}/feedback", form.show)
    app.router.add_post(f"{base}/feedback", form.take)
    app.router.add_get(f"{base}/feedback/case", case.ask)
    app.router.add_post(f"{base}/feedback/case", case.show)


async def _to_front(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{request.path}/")


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if (body := asset_bytes(name)) is None:
        raise web.HTTPNotFound
    # The address carries the file's digest; without it the file may be older than the page.
    lasting = "v" in request.query
    caching = "public, max-age=31536000, immutable" if lasting else "no-cache"
    headers = {**HEADERS, "Cache-Control": caching}
    return web.Response(body=body, content_type=STATIC[name], headers=headers)


def _missing_page(reading: Reading) -> Any:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if "text/html" not in request.headers.get("Accept", ""):
                raise
            return error_page(reading, RequestError("api.no-page", status=404, where=request.path))

    return answer
