"""Service requests over HTTP: the form of an instrument, and the applicant's own page.

The private link holds 192 random bits and is the only key to an order: no cookie, no account. What
a stranger sends is bounded in `strangers` and judged in `orders.wish`.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from fenhe_client.strangers import address_of, check_trap, read_form
from fenhe_node.orders.desk import Desk
from fenhe_node.orders.letters import private_link
from fenhe_node.orders.states import State
from fenhe_node.orders.wish import Fault, Wish, read_text, read_wish
from fenhe_node.pages.ordering import apply_page, costs_of, offers, takes_orders
from fenhe_node.pages.site import clock
from fenhe_node.published import Catalogue, Published
from fenhe_node.store import Store, orders
from fenhe_node.store.orders import StoredOrder
from fenhe_node.web.pages import render, site_of, today
from fenhe_node.web.problem import not_found
from fenhe_node.web.serving import SERVING, Serving
from fenhe_protocol.errors import FenheError, InputError, RequestError

LONGEST_ANSWER = 1000


async def show_apply(request: web.Request) -> web.Response:
    """`GET /apply?id=…`: the empty form."""
    serving, catalogue, record = await _asked(request)
    form = {"user_class": "enterprise", "way": "3"}
    return await _form(serving, catalogue, record, form)


async def take_apply(request: web.Request) -> web.Response:
    """`POST /apply?id=…`: an estimate, or the order itself."""
    serving, catalogue, record = await _asked(request)
    form, address, now = await read_form(request), address_of(request), serving.now()
    serving.strangers.forms.check(address, now)
    serving.strangers.forms.note(address, now)
    if form.get("do") == "estimate":
        return await _form(serving, catalogue, record, form)
    try:
        check_trap(form)
        serving.strangers.tickets.check(form.get("ticket", ""), now)
        serving.strangers.orders.check(address, now)
    except RequestError as error:
        faults = [Fault("", error.text.zh)]
        return await _form(serving, catalogue, record, form, faults, error.status)
    offered = offers(record, catalogue, today(serving))
    wish, found = read_wish(form, [offer.ref for offer in offered])
    if wish is None:
        return await _form(serving, catalogue, record, form, found, 422)
    return await _taken_in(serving, catalogue, record, form, wish, address)


async def _taken_in(
    serving: Serving,
    catalogue: Catalogue,
    record: Published,
    form: Mapping[str, str],
    wish: Wish,
    address: str,
) -> web.Response:
    # Before anything is waited for: what is sent many times at once is taken in once.
    serving.strangers.tickets.use(form["ticket"], serving.now())
    serving.strangers.orders.note(address, serving.now())
    try:
        order = await asyncio.to_thread(_keep, serving, record.id, wish)
    except RequestError as error:
        faults = [Fault("", error.text.zh)]
        return await _form(serving, catalogue, record, form, faults, error.status)
    return _see_other(f"{serving.config.base}/order/{order.token}")


async def show_order(request: web.Request) -> web.Response:
    """`GET /order/<token>`: where an order stands, for its applicant."""
    return await _order_page(request.app[SERVING], request.match_info["token"])


async def take_order(request: web.Request) -> web.Response:
    """`POST /order/<token>`: an answer, a withdrawal, a rating."""
    serving, token = request.app[SERVING], request.match_info["token"]
    form, address, now = await read_form(request), address_of(request), serving.now()
    serving.strangers.forms.check(address, now)
    serving.strangers.forms.note(address, now)
    try:
        await asyncio.to_thread(_act, serving, token, form)
    except InputError as error:
        return await _order_page(serving, token, error)
    return _see_other(f"{serving.config.base}/order/{token}")


@contextmanager
def desk_of(serving: Serving) -> Iterator[Desk]:
    """The desk at which an applicant's wishes are done."""
    with Store.open(serving.home.store) as store:
        yield Desk.of(store, serving.config, serving.now())


def _keep(serving: Serving, instrument: str, wish: Wish) -> StoredOrder:
    with desk_of(serving) as desk:
        return desk.take_in(instrument, wish)


def _act(serving: Serving, token: str, form: Mapping[str, str]) -> None:
    text, faults = read_text(form, "text", LONGEST_ANSWER)
    if faults:
        raise InputError("order.words", found=faults[0].text)
    with desk_of(serving) as desk:
        match form.get("do"):
            case "answer":
                if not text:
                    raise InputError("order.words")
                desk.answer(token, text)
            case "withdraw":
                desk.withdraw(token, text)
            case "rate":
                rating = form.get("rating", "")
                number = int(rating) if rating in ("1", "2", "3", "4", "5") else 0
                desk.rate(token, number, text, serving.config.uscc)
            case _:
                raise RequestError("form.broken", status=400)


async def _asked(request: web.Request) -> tuple[Serving, Catalogue, Published]:
    """The instrument of which the service is asked for; RequestError 404."""
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    record = catalogue.records.get(("instrument", request.query.get("id", "")))
    if record is None:
        raise not_found()
    if not serving.config.orders.open or not takes_orders(record, serving.config.address):
        raise RequestError("order.not-here", status=404)
    return serving, catalogue, record


async def _form(
    serving: Serving,
    catalogue: Catalogue,
    record: Published,
    form: Mapping[str, str],
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> web.Response:
    offered = offers(record, catalogue, today(serving))
    context = apply_page(record, offered, serving.schemas, form, faults) | {
        "ticket": serving.strangers.tickets.issue(serving.now()),
        "consent": serving.config.orders.consent,
        "mails": serving.config.mail.sends,
    }
    response = await asyncio.to_thread(
        render, serving, site_of(serving, catalogue), "apply.html", context, status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _order_page(
    serving: Serving, token: str, error: FenheError | None = None
) -> web.Response:
    catalogue = await serving.shelf.catalogue()
    context = await asyncio.to_thread(_order_context, serving, catalogue, token)
    context["error"] = error
    status = 422 if error else 200
    response = await asyncio.to_thread(
        render, serving, site_of(serving, catalogue), "order.html", context, status
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _order_context(serving: Serving, catalogue: Catalogue, token: str) -> dict[str, Any]:
    with desk_of(serving) as desk:
        order = desk.of_token(token)
        said = orders.history(desk.store, order.number)
        link = private_link(desk.sender, order)
    offset = serving.config.utc_offset_minutes
    record = catalogue.records.get(("instrument", order.instrument))
    return {
        "section": "",
        "order": order,
        "state": State(order.state),
        "name": record.name if record else order.instrument,
        "said": [(clock(s.at, offset), not s.by, State(s.state).label, s.text) for s in said],
        "begins": clock(order.begins_at, offset) if order.begins_at else "",
        "ends": clock(order.ends_at, offset) if order.ends_at else "",
        "costs": _costs(serving, catalogue, record, order),
        "link": link,
        "mails": serving.config.mail.sends and bool(order.wish.get("mail")),
    }


def _costs(
    serving: Serving, catalogue: Catalogue, record: Published | None, order: StoredOrder
) -> Any:
    if record is None:
        return None
    offered = offers(record, catalogue, today(serving))
    quantities, user_class = order.wish.get("quantities", {}), order.wish.get("user_class", "")
    return costs_of(quantities, offered, user_class, serving.schemas)


def _see_other(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
