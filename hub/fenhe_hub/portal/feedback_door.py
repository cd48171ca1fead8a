"""What stands before the public forms: no account, no cookie, no script, nothing kept of visitors.

A form carries a ticket that was issued here some seconds ago and is good once; who asks for pages
of another site in a visitor's name has none. How often a network sends is counted in memory alone.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from fenhe_client.strangers import DAY, Rates, Tickets, address_of, check_trap, read_form
from fenhe_hub.feedback.handlers_key import public_key
from fenhe_hub.index.read import Reading
from fenhe_hub.office.acting import Office
from fenhe_protocol.errors import RequestError, SetupError

MOST_FORMS, FORMS_SECONDS = 60, 600  # forms of any kind, of one network
_TOO_MANY = "complaint.too-many"


class FeedbackDoor:
    """One for a running hub; `office` is None where complaints are not taken."""

    def __init__(self, reading: Reading, office: Office | None) -> None:
        self.reading, self._office = reading, office
        each = office.hub.config.complaints.most_a_day_each if office else 1
        self._tickets = Tickets()
        self._forms = Rates(MOST_FORMS, FORMS_SECONDS, _TOO_MANY)
        self._complaints = Rates(each, DAY, _TOO_MANY)

    @property
    def office(self) -> Office:
        """RequestError 503 `complaint.closed`."""
        if self._office is None:
            raise RequestError("complaint.closed", status=503)
        return self._office

    @property
    def is_open(self) -> bool:
        """Whether anybody could read what is sent now."""
        try:
            return self._office is not None and public_key(self._office.hub.home) is not None
        except SetupError:
            return False

    def ticket(self, former: str = "") -> str:
        """For a form; one that was not used up yet is good on."""
        now = self.reading.now()
        try:
            self._tickets.check(former, now)
        except RequestError:
            return self._tickets.issue(now)
        return former

    async def form(self, request: web.Request) -> dict[str, str]:
        """What was sent; RequestError 400, 403, 408, 413, 415, 429."""
        now, address = self.reading.now(), address_of(request)
        _check_site(request, self.reading.url)
        self._forms.check(address, now)
        self._forms.note(address, now)
        return await read_form(request)

    def check(self, request: web.Request, form: Mapping[str, str]) -> None:
        """Whether a complaint may be taken now; RequestError 400, 429, 503."""
        now, ticket = self.reading.now(), form.get("ticket", "")
        check_trap(dict(form))
        self._tickets.check(ticket, now)
        if self._tickets.age(ticket, now) < self.office.hub.config.complaints.least_seconds:
            raise RequestError("complaint.hasty", status=400)
        self._complaints.check(address_of(request), now)

    def use(self, request: web.Request, form: Mapping[str, str]) -> None:
        """Count it, before anything is waited for: what is sent many times is taken once."""
        now = self.reading.now()
        self._tickets.use(form["ticket"], now)
        self._complaints.note(address_of(request), now)


def _check_site(request: web.Request, url: str) -> None:
    """Whether the form may have come from a page of ours, as far as the browser tells."""
    parts = urlsplit(url)
    told = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    if told not in ("same-origin", "none") or origin not in (
        "null",
        f"{parts.scheme}://{parts.netloc}",
    ):
        raise RequestError("complaint.foreign", status=403)
