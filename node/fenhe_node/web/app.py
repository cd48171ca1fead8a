"""The node's web application: which address is answered by what. Start at `make_app`."""

from urllib.parse import urlsplit

import jinja2
from aiohttp import web

from fenhe_node.web import files, looks, ordering, pages, proofs, record, record_forms, watch
from fenhe_node.web.feed import feed_file
from fenhe_node.web.problem import answer_errors
from fenhe_node.web.serving import SERVING, Serving

LARGEST_REQUEST = 64 * 1024  # bytes; a form, and nothing else that is sent here is as long


def make_app(serving: Serving) -> web.Application:
    """Route everything below the path of the public address; a proxy passes that path on."""
    app = web.Application(middlewares=[answer_errors], client_max_size=LARGEST_REQUEST)
    app[SERVING] = serving
    app.on_response_prepare.append(_finish)
    former = (urlsplit(address).path.rstrip("/") for address in serving.former)
    # The longest first: what lies below the whole host would take the others' paths.
    for base in sorted({serving.config.base, *former}, key=len, reverse=True):
        _add_routes(app, base)
    return app


def _add_routes(app: web.Application, base: str) -> None:
    for path, handler in _PAGES.items():
        app.router.add_get(base + path, handler)
    for path, handler in _FORMS.items():
        app.router.add_post(base + path, handler)
    if base:
        for path in ("/healthz", "/metrics"):
            app.router.add_get(path, _PAGES[path])
        app.router.add_get(base, pages.show_list)
    app.router.add_get(base + "/{path:.+}", feed_file)


def load_templates() -> jinja2.Environment:
    """The templates that ship with the package; undefined names are errors, all text is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("fenhe_node"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    if response.status == 404:
        # Also where a file went between the look and the answer: no cache may keep its absence.
        response.headers["Cache-Control"] = "no-store"
    response.headers["Server"] = "fenhe"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    request.app[SERVING].metrics.count_answer(response.status)


_PAGES = {
    "/": pages.show_list,
    "/record": record.show_record,
    "/record.json": pages.raw_record,
    "/record.tlog-proof": proofs.proof_file,
    "/record.pidinst.json": record_forms.pidinst_json,
    "/record.datacite.xml": record_forms.datacite_xml,
    "/free-busy.ics": record_forms.busy_calendar,
    "/apply": ordering.show_apply,
    "/order/{token}": ordering.show_order,
    "/files/{name}": files.show_file,
    "/export.xlsx": pages.export,
    "/fees": pages.show_fees,
    "/fees.xlsx": pages.export_fees,
    "/usage-summary": pages.show_usage,
    "/usage-summary.xlsx": pages.export_usage,
    "/unit": pages.show_unit,
    "/feedback": pages.show_feedback,
    "/style.css": looks.style,
    "/logo.png": looks.logo,
    "/logo.jpg": looks.logo,
    "/healthz": watch.healthz,
    "/metrics": watch.metrics,
}

_FORMS = {"/apply": ordering.take_apply, "/order/{token}": ordering.take_order}
"""All that may be sent here, each bounded by `strangers`."""
