"""The public form: what it is about, what happened, what is wished, and, if wanted, a contact.

What is typed is answered in the same response or sealed; it stands in no address and no log.
"""

import asyncio
from collections.abc import Mapping, Sequence
from secrets import token_bytes
from typing import Any

from aiohttp import web

from fenhe_hub.feedback.complaint import Complaint, Fault, read_complaint
from fenhe_hub.feedback.sealing import SECRET_BYTES, Secret
from fenhe_hub.feedback.subjects import CATEGORY_LABELS, OF_A_UNIT
from fenhe_hub.index.read import record, unit_with_code, units
from fenhe_hub.office.complaining import receive
from fenhe_hub.portal.feedback_door import FeedbackDoor
from fenhe_hub.portal.pages import error_page, html_page
from fenhe_protocol.errors import FenheError, RequestError

_FIELDS = ("category", "unit", "record", "text", "wish", "contact")
_NO_RECORD = Fault("record", "该单位没有公布这个编号的仪器；不清楚编号可以不填")


class FeedbackForm:
    """`/feedback`."""

    def __init__(self, door: FeedbackDoor) -> None:
        self._door = door

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET: the form, filled in with what a link said it is about."""
        form = {name: request.query.get(name, "")[:64] for name in ("category", "unit", "record")}
        try:
            return await asyncio.to_thread(self._page, form, (), 200)
        except FenheError as error:
            return error_page(self._door.reading, error)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """POST: the number and the secret of a new case, or what is wrong."""
        try:
            form = await self._door.form(request)
        except RequestError as error:
            return error_page(self._door.reading, error)
        try:
            self._door.check(request, form)
            complaint, faults = await asyncio.to_thread(self._read, form)
            if complaint is None:
                return await asyncio.to_thread(self._page, form, faults, 422)
            self._door.use(request, form)
            return await asyncio.to_thread(self._received, complaint)
        except RequestError as error:
            told = [Fault("", error.text.zh)]
            return await asyncio.to_thread(self._page, form, told, error.status)
        except FenheError as error:
            return error_page(self._door.reading, error)

    def _read(self, form: Mapping[str, str]) -> tuple[Complaint | None, list[Fault]]:
        with self._door.reading.connect() as db:
            known = {unit.uscc for unit in units(db).values() if not unit.depth}
            complaint, faults = read_complaint(form, known)
            if complaint is None or not complaint.id:
                return complaint, faults
            unit = unit_with_code(db, complaint.unit)
            if unit and record(db, unit.unit_no, complaint.kind, complaint.id):
                return complaint, faults
        return None, [_NO_RECORD]

    def _received(self, complaint: Complaint) -> web.Response:
        secret = Secret.of_random(token_bytes(SECRET_BYTES))
        number = receive(self._door.office, complaint, secret)
        return self._made("feedback_received.html", {"number": number, "secret": secret.shown}, 200)

    def _page(self, form: Mapping[str, str], faults: Sequence[Fault], status: int) -> web.Response:
        with self._door.reading.connect() as db:
            listed = sorted(
                (unit.name, unit.uscc)
                for unit in units(db).values()
                if not unit.depth and unit.state != "retired"
            )
        context: dict[str, Any] = {
            "form": {name: form.get(name, "") for name in _FIELDS},
            "faults": {fault.field: fault.text for fault in reversed(faults)},
            "fault_list": faults,
            "categories": CATEGORY_LABELS,
            "of_a_unit": OF_A_UNIT,
            "units": listed,
            "is_open": self._door.is_open,
            "ticket": self._door.ticket(form.get("ticket", "")),
        }
        return self._made("feedback.html", context, status)

    def _made(self, template: str, context: Mapping[str, Any], status: int) -> web.Response:
        reading = self._door.reading
        return private(html_page(reading, reading.now(), template, context, status))


def private(response: web.Response) -> web.Response:
    """A page that no cache keeps and no search engine lists."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
