"""`/requests`: service requests for those who handle them: the list, one request, the calendar.

What is done is done by `orders.desk`, like everything else that can be done with one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from fenhe_node.console.asking import Answer, Asked, Console, GoTo, Page, Routes
from fenhe_node.orders.calendar import Span
from fenhe_node.orders.desk import Desk
from fenhe_node.orders.estimate import Offer, estimate, offers_of, party_of
from fenhe_node.orders.finishing import fee_line_of
from fenhe_node.orders.record import local_text
from fenhe_node.orders.said_by_unit import read_done, read_time, read_words
from fenhe_node.orders.states import CLOSED, State, next_states
from fenhe_node.orders.wish import WAYS
from fenhe_node.pages.availability import busy_days
from fenhe_node.pages.ordering import costs_of
from fenhe_node.pages.site import clock
from fenhe_node.store import Store, mails, orders, records
from fenhe_node.store.orders import StoredOrder
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError

AGREEMENT: Mapping[Any, str] = {True: "yes", False: "no"}
OPEN = tuple(state for state in State if state not in CLOSED)


def show_list(asked: Asked) -> Answer:
    """The requests that are open, or those that are closed."""
    closed = asked.query.get("which", "") == "closed"
    with Store.open(asked.console.home.store) as store:
        found = orders.listed(store, sorted(CLOSED if closed else OPEN))
        names = _names(store, found)
        context = {
            "rows": [(order, State(order.state), names[order.instrument]) for order in found],
            "closed": closed,
            "counted": orders.counted(store),
            "trouble": mails.troubled(store),
        }
    return Page("console/requests.html", context | _how(asked.console))


def show_one(asked: Asked) -> Answer:
    """One request with what can be done now."""
    return _page(asked, _number(asked), {})


def act(asked: Asked) -> Answer:
    """Accept, ask back, decline, schedule or finish; what was wrong is said beside the form."""
    number = _number(asked)
    try:
        with _desk(asked) as desk:
            order = _done(asked, desk, number)
    except InputError as error:
        return _page(asked, number, dict(asked.form.fields), error)
    return GoTo(f"/requests/{number}", f"{order.reference}：{State(order.state).label}")


def show_calendar(asked: Asked) -> Answer:
    """When each instrument is taken in the coming weeks."""
    now, offset = asked.now, asked.console.offset
    with Store.open(asked.console.home.store) as store:
        found = orders.listed(store, [State.SCHEDULED])
        names = _names(store, found)
    rows = []
    for instrument in sorted(names):
        spans = [
            Span(order.begins_at, order.ends_at)
            for order in found
            if order.instrument == instrument
        ]
        rows.append((instrument, names[instrument], busy_days(spans, now, offset)))
    coming = sorted((order for order in found), key=lambda order: order.begins_at)
    shown = [(each, names[each.instrument], _when(each, offset)) for each in coming]
    return Page("console/requests_calendar.html", {"rows": rows, "coming": shown})


def forget_failed(asked: Asked) -> Answer:
    """Let the letters go that are tried no more: somebody has seen them."""
    with Store.open(asked.console.home.store) as store, store.transaction():
        count = mails.forget_failed(store)
    return GoTo("/requests", f"{count} 封不再提示")


ROUTES: Routes = (
    ("GET", "/requests", show_list),
    ("POST", "/requests", forget_failed),
    ("GET", "/requests/calendar", show_calendar),
    ("GET", "/requests/{number:[0-9]{1,9}}", show_one),
    ("POST", "/requests/{number:[0-9]{1,9}}", act),
)


def _number(asked: Asked) -> int:
    return int(asked.parts["number"])


@contextmanager
def _desk(asked: Asked) -> Iterator[Desk]:
    with Store.open(asked.console.home.store) as store:
        yield Desk.of(store, asked.console.node.config, asked.now)


def _done(asked: Asked, desk: Desk, number: int) -> StoredOrder:
    form = {name: asked.form.text(name) for name in asked.form.fields}
    by, offset, text = asked.by, asked.console.offset, read_words(form.get("text", ""))
    match form.get("do"):
        case "accept":
            return desk.accept(number, by, text)
        case "ask":
            return desk.ask_back(number, by, text)
        case "decline":
            return desk.decline(number, by, text)
        case "schedule":
            begin, end = read_time(form, "begin", offset), read_time(form, "end", offset)
            return desk.schedule(number, by, begin, end, text)
        case "finish":
            return desk.finish(number, by, read_done(form, offset), asked.console.node.config.uscc)
    raise RequestError("request.parameter", status=400, where="do")


def _page(
    asked: Asked, number: int, form: Mapping[str, str], error: InputError | None = None
) -> Page:
    console = asked.console
    with _desk(asked) as desk:
        try:
            order = desk.of_number(number)
        except InputError as absent:
            raise RequestError("request.absent", status=404) from absent
        offered = _offers(desk.store, order, date_at(asked.now, console.offset))
        context = {
            "order": order,
            "state": State(order.state),
            "name": _names(desk.store, [order])[order.instrument],
            "said": orders.history(desk.store, number),
            "letters": mails.of_order(desk.store, number),
            "can": next_states(State(order.state), "unit"),
            "when": _when(order, console.offset),
            "form": _filled(order, offered, console.offset) | dict(form),
            "error": error,
            "offers": offered,
        }
    return Page(
        "console/request.html",
        context | _how(console) | _words(console, order, offered),
        422 if error else 200,
    )


def _words(console: Console, order: StoredOrder, offered: list[Offer]) -> dict[str, Any]:
    """What codes mean, and the estimate in words."""
    schemas = {kind: console.schemas.kind(kind).schema for kind in console.schemas.kinds}
    service = schemas["service_record"]["properties"]
    labels = {
        name: {code: each["zh"] for code, each in service[name]["x-labels"].items()}
        for name in ("user_class", "direction", "way")
    }
    labels["state"] = {state.value: state.label for state in State}
    quantities = order.wish.get("quantities", {})
    costs = costs_of(quantities, offered, order.wish.get("user_class", ""), schemas)
    return {"labels": labels, "ways": [(way, labels["way"][way]) for way in WAYS], "costs": costs}


def _how(console: Console) -> dict[str, Any]:
    config = console.node.config
    return {"open": config.orders.open, "mails": config.mail.sends}


def _filled(order: StoredOrder, offered: list[Offer], offset: int) -> dict[str, str]:
    """What the forms begin with: what was done, else what was scheduled and asked for."""
    done, wish = order.outcome, order.wish
    quantities = wish.get("quantities", {})
    costs = estimate(offered, quantities, party_of(wish.get("user_class", "")))
    begin = done.get("begin", order.begins_at)
    end = done.get("end", order.ends_at)
    return {
        "text": "",
        "begin": local_text(begin, offset),
        "end": local_text(end, offset),
        "minutes": str(done.get("minutes", max(0, end - begin) // 60 or "")),
        "yuan": f"{Decimal(done.get('fen', costs.total_fen)) / 100:.2f}",
        "samples": str(done.get("samples", wish.get("samples", "")) or ""),
        "way": str(done.get("way", wish.get("way", "")) or ""),
        "fee_line": done.get("fee_line", fee_line_of(quantities, [o.ref for o in offered])),
        "agreement": AGREEMENT.get(done.get("agreement"), ""),
    }


def _offers(store: Store, order: StoredOrder, today: str) -> list[Offer]:
    """The price lines of the instrument as the unit has them, published or not."""
    instrument = records.find(store, "instrument", order.instrument)
    ids = instrument.record.get("fee_standards", ()) if instrument else ()
    found = (records.find(store, "fee_standard", each) for each in ids)
    return offers_of((each.record for each in found if each and not each.deleted), today)


def _names(store: Store, found: list[StoredOrder]) -> dict[str, str]:
    names = {}
    for instrument in {order.instrument for order in found}:
        record = records.find(store, "instrument", instrument)
        names[instrument] = str(record.record.get("name_zh", instrument)) if record else instrument
    return names


def _when(order: StoredOrder, offset: int) -> str:
    if not order.begins_at:
        return ""
    begin, end = clock(order.begins_at, offset), clock(order.ends_at, offset)
    return f"{begin} 至 {end[11:] if begin[:10] == end[:10] else end}"
