"""The console's web application: the routes of all pages behind the guard. Start at `make_app`."""

import asyncio

from aiohttp import web

from fenhe_client.console import sign_in
from fenhe_client.console.app import Route, answer_pages
from fenhe_client.console.forms import LARGEST_BODY
from fenhe_node.console import (
    attachments,
    empty_lists,
    feedback,
    fees,
    helping,
    import_runs,
    imports,
    keys,
    named_sources,
    notices,
    outcomes,
    publishing,
    record,
    records,
    requests,
    script_call,
    setup,
    tiers,
    today,
    usage,
    words,
)
from fenhe_node.console.asking import CONSOLE, Console

PAGES = (
    *(today, records, record, attachments, words, imports, import_runs, empty_lists),
    *(named_sources, tiers, fees, usage, outcomes, requests),
    *(notices, feedback, publishing, keys, helping, setup),
)
"""The modules that have pages, each with its `ROUTES`."""

PATHS = frozenset(path for each in PAGES for method, path, _ in each.ROUTES if method == "GET")
"""Where a page answers."""


def make_app(console: Console) -> web.Application:
    """All pages of one unit's console."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[CONSOLE] = console
    app.router.add_post(script_call.PATH, script_call.import_call)  # a token guards it
    pages = [Route[Console](*route) for module in PAGES for route in module.ROUTES]
    answer_pages(app, console, (*sign_in.routes(), *pages))
    app.on_cleanup.append(_end_errands)
    return app


async def _end_errands(app: web.Application) -> None:
    """What a handler left to go on by itself ends with the console; the jobs do it again."""
    errands = list(app[CONSOLE].errands)
    for errand in errands:
        errand.cancel()
    await asyncio.gather(*errands, return_exceptions=True)
