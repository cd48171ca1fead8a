"""A case for its complainant: where it stands, what was answered, and more to say.

Number and secret are sent in a form, never in an address, and a wrong one of either says the same.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from fenhe_hub.casework import complaints
from fenhe_hub.casework.complaint_acts import COMPLAINANT
from fenhe_hub.casework.complaints import Case, Words
from fenhe_hub.feedback.complaint import read_words
from fenhe_hub.feedback.sealing import Envelope, Secret
from fenhe_hub.feedback.subjects import (
    CATEGORY_LABELS,
    CLOSED_AS,
    ROUTE_LABELS,
    STATE_LABELS,
    Category,
    Route,
    State,
)
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.office.complaining import add
from fenhe_hub.office.complaint_replies import reply_to
from fenhe_hub.portal.feedback_door import FeedbackDoor
from fenhe_hub.portal.feedback_form import private
from fenhe_hub.portal.pages import error_page, html_page
from fenhe_protocol.encoding import format_time
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import FenheError, Refused, RequestError


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to the complainant; `at` is a time."""

    by: str
    at: str
    text: str


class FeedbackCase:
    """`/feedback/case`."""

    def __init__(self, door: FeedbackDoor) -> None:
        self._door = door

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """GET: the form for number and secret."""
        return await asyncio.to_thread(self._asking, "", 200)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """POST: the case; with `do=add` what is typed is added to it first."""
        try:
            form = await self._door.form(request)
        except RequestError as error:
            return error_page(self._door.reading, error)
        try:
            if form.get("do") == "add":
                self._door.check(request, form)
            return await asyncio.to_thread(self._work, request, form)
        except RequestError as error:
            return await asyncio.to_thread(self._asking, error.text.zh, error.status)
        except FenheError as error:
            return error_page(self._door.reading, error)

    def _work(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        case, secret = self._known(form)
        if form.get("do") != "add":
            return self._page(case, secret, "", 200)
        text, faults = read_words(form, "text")
        if faults:
            return self._page(case, secret, faults[0].text, 422, form)
        self._door.use(request, form)
        add(self._door.office, case, secret, text)
        case, _ = self._known(form)
        return self._page(case, secret, "", 200, said=True)

    def _known(self, form: Mapping[str, str]) -> tuple[Case, Secret]:
        secret = Secret.typed(form.get("secret", ""))
        number = form.get("number", "").strip().upper()[:32]
        if secret is not None:
            with self._door.office.casework() as casework:
                case = complaints.case(casework.db, number)
            if case is not None and hmac.compare_digest(case.mark, secret.mark):
                return case, secret
        raise RequestError("complaint.absent", status=404)

    def _page(
        self,
        case: Case,
        secret: Secret,
        fault: str,
        status: int,
        form: Mapping[str, str] | None = None,
        *,
        said: bool = False,
    ) -> web.Response:
        unit, answers = self._said(case, secret)
        context: dict[str, Any] = {
            "case": case,
            "state": STATE_LABELS[State(case.state)],
            "category": CATEGORY_LABELS[Category(case.category)],
            "route": ROUTE_LABELS[Route(case.route)] if case.route else None,
            "closed_as": CLOSED_AS.get(case.closed_as),
            "unit": unit,
            "answers": answers,
            "secret": secret.shown,
            "fault": fault,
            "said": said,
            "text": (form or {}).get("text", ""),
            "can_add": case.forgotten_at is None and self._door.is_open,
            "ticket": self._door.ticket((form or {}).get("ticket", "")),
            "received": format_time(case.received_at),
            "changed": format_time(case.changed_at),
        }
        return self._made("feedback_case.html", context, status)

    def _said(self, case: Case, secret: Secret) -> tuple[str, list[Answer]]:
        """The name of the unit, and all answers in their order."""
        office = self._door.office
        with office.casework() as casework:
            words = complaints.words_of(casework.db, case.number, COMPLAINANT)
        envelope, key = Envelope(office.hub.origin, case.mark), secret.key()
        found = [(each.at, _opened(each, envelope, key)) for each in words]
        with self._door.reading.connect() as db:
            unit = unit_with_code(db, case.unit) if case.unit else None
            reply = reply_to(db, case)
        if reply and reply.text and unit and reply.received_at is not None:
            at = reply.received_at
            found.append((at, Answer(unit.name, format_time(at), reply.text)))
        ordered = sorted(found, key=lambda pair: pair[0])
        return unit.name if unit else "", [answer for _, answer in ordered]

    def _asking(self, fault: str, status: int) -> web.Response:
        return self._made("feedback_ask.html", {"fault": fault}, status)

    def _made(self, template: str, context: Mapping[str, Any], status: int) -> web.Response:
        reading = self._door.reading
        return private(html_page(reading, reading.now(), template, context, status))


def _opened(words: Words, envelope: Envelope, key: Any) -> Answer:
    try:
        text = str(envelope.open_as_complainant(words.sealed, key).get("text", ""))
    except Refused:
        text = TEXTS["complaint.sealed"].zh
    return Answer("平台", format_time(words.at), text)
