"""What can be done with an order, each in one transaction: state, history, letters, record.

`Desk` is made for one store; the public pages do what an applicant may, the console what the unit
may. What may follow what is in `states`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from fenhe_node.config import NodeConfig
from fenhe_node.orders.calendar import Span, overlapping
from fenhe_node.orders.finishing import Done, keep_record
from fenhe_node.orders.letters import Letter, Sender, to_applicant, to_unit
from fenhe_node.orders.states import State, check_move
from fenhe_node.orders.wish import Wish
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.store import Store, mails, orders, records
from fenhe_node.store.orders import Said, StoredOrder
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError, RequestError

DAY = 86_400
LONGEST_SCHEDULE = 92 * DAY
MOST_OF_ONE_MAIL = 5  # orders a day that name the same mail address
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Desk:
    """The verbs; `mails_out` says whether letters are queued at all."""

    store: Store
    sender: Sender
    settings: OrderSettings
    now: int
    offset_minutes: int = 480
    mails_out: bool = False

    @classmethod
    def of(cls, store: Store, config: NodeConfig, now: int) -> Self:
        """The desk of a unit as its settings have it."""
        sender = Sender(config.unit_name, config.address, config.mail.notify)
        offset, mails_out = config.utc_offset_minutes, config.mail.sends
        return cls(store, sender, config.orders, now, offset, mails_out=mails_out)

    def take_in(self, instrument: str, wish: Wish) -> StoredOrder:
        """Keep a new order; RequestError 429 `order.too-many` where the day's room is used up."""
        with self.store.transaction():
            self._check_room(wish.mail)
            order = StoredOrder(
                reference=self._reference(),
                token=secrets.token_urlsafe(24),
                instrument=instrument,
                state=State.RECEIVED,
                made_at=self.now,
                changed_at=self.now,
                wish=wish.facts(),
            )
            order = replace(order, number=orders.add(self.store, order))
            orders.note(self.store, order.number, Said(self.now, "", State.RECEIVED, ""))
            self._tell_both(order, "收到新申请")
        return order

    def answer(self, token: str, text: str) -> StoredOrder:
        """The applicant answers what was asked back."""
        return self._by_applicant(token, State.RECEIVED, text, "申请人已补充")

    def withdraw(self, token: str, text: str = "") -> StoredOrder:
        """The applicant takes the order back."""
        return self._by_applicant(token, State.WITHDRAWN, text, "申请人已撤回")

    def rate(self, token: str, rating: int, comment: str, unit: str) -> StoredOrder:
        """The applicant rates what was done, once; the service record says so from then on."""
        with self.store.transaction():
            order = self.of_token(token)
            if order.state != State.DONE or order.rating:
                raise InputError("order.rated", where=order.reference)
            if rating not in range(1, 6):
                raise InputError("order.rating", expected="1–5", found=str(rating))
            order = replace(order, rating=rating, comment=comment, changed_at=self.now)
            orders.change(self.store, order)
            said = f"评价 {rating} 分" + (f"：{comment}" if comment else "")
            orders.note(self.store, order.number, Said(self.now, "", order.state, said))
            keep_record(self.store, order, unit, self.offset_minutes, self.now, by="")
        return order

    def ask_back(self, number: int, by: str, text: str) -> StoredOrder:
        """Ask the applicant for something; without words there is nothing to answer."""
        if not text:
            raise InputError("order.words", where=str(number))
        return self._by_unit(number, by, State.ASKED, text)

    def accept(self, number: int, by: str, text: str = "") -> StoredOrder:
        """Say that it will be done."""
        return self._by_unit(number, by, State.ACCEPTED, text)

    def decline(self, number: int, by: str, text: str) -> StoredOrder:
        """Say that it will not be done, and why."""
        if not text:
            raise InputError("order.words", where=str(number))
        return self._by_unit(number, by, State.DECLINED, text)

    def schedule(
        self, number: int, by: str, begins_at: int, ends_at: int, text: str = ""
    ) -> StoredOrder:
        """Set a time; InputError where it is none or the instrument is taken then."""
        if not begins_at < ends_at <= begins_at + LONGEST_SCHEDULE:
            raise InputError("order.time", where=str(number))
        with self.store.transaction():
            order = self.of_number(number)
            spans = [Span(*each) for each in orders.taken(self.store, order.instrument, begins_at)]
            others = [span for span in spans if span.key != f"o{number}"]
            if clash := overlapping(others, begins_at, ends_at):
                found = self._when(clash[0].begin, clash[0].end)
                raise InputError("order.taken", where=order.instrument, found=found)
            return self._by_unit(
                number, by, State.SCHEDULED, text, begins_at=begins_at, ends_at=ends_at
            )

    def finish(self, number: int, by: str, done: Done, unit: str) -> StoredOrder:
        """Say what was done; the service record is drafted with it, or corrected."""
        with self.store.transaction():
            before = self.of_number(number)
            order = replace(
                before,
                outcome=done.facts(),
                begins_at=before.begins_at or done.begin,
                ends_at=before.ends_at or done.end,
            )
            order = self._move(order, State.DONE, "unit", by, "")
            record = keep_record(self.store, order, unit, self.offset_minutes, self.now, by=by)
            order = replace(order, record=record)
            orders.change(self.store, order)
            if before.state != State.DONE:
                self._post(to_applicant(self.sender, order, self._name(order)), order)
        return order

    def of_token(self, token: str) -> StoredOrder:
        """The order of a private link; RequestError 404."""
        order = orders.find(self.store, token=token) if token else None
        if order is None:
            raise RequestError("request.absent", status=404)
        return order

    def of_number(self, number: int) -> StoredOrder:
        """The order of that number; InputError."""
        order = orders.find(self.store, number=number)
        if order is None:
            raise InputError("order.absent", where=str(number))
        return order

    def _by_applicant(self, token: str, to: State, text: str, what: str) -> StoredOrder:
        with self.store.transaction():
            order = self._move(self.of_token(token), to, "applicant", "", text)
            self._tell_both(order, what)
        return order

    def _by_unit(self, number: int, by: str, to: State, text: str, **changes: Any) -> StoredOrder:
        with self.store.transaction():
            order = replace(self.of_number(number), **changes)
            order = self._move(order, to, "unit", by, text)
            when = self._when(order.begins_at, order.ends_at) if to == State.SCHEDULED else ""
            letter = to_applicant(self.sender, order, self._name(order), said=text, when=when)
            self._post(letter, order)
        return order

    def _move(self, order: StoredOrder, to: State, party: Any, by: str, text: str) -> StoredOrder:
        check_move(State(order.state), to, party)
        closed = 0 if to.is_open else (order.closed_at or self.now)
        order = replace(order, state=to, changed_at=self.now, closed_at=closed)
        orders.change(self.store, order)
        orders.note(self.store, order.number, Said(self.now, by, to, text))
        return order

    def _tell_both(self, order: StoredOrder, what: str) -> None:
        name = self._name(order)
        self._post(to_unit(self.sender, order, name, what), order)
        self._post(to_applicant(self.sender, order, name), order)

    def _post(self, letter: Letter | None, order: StoredOrder) -> None:
        if letter is not None and self.mails_out:
            mail = mails.QueuedMail(
                *(order.number, letter.to, letter.subject, letter.body, self.now, self.now)
            )
            mails.add(self.store, mail)

    def _name(self, order: StoredOrder) -> str:
        found = records.find(self.store, "instrument", order.instrument)
        fields: Mapping[str, Any] = found.record if found else {}
        return str(fields.get("name_zh", order.instrument))

    def _check_room(self, mail: str) -> None:
        since = self.now - DAY
        full = orders.made_since(self.store, since) >= self.settings.most_a_day
        if full or (mail and orders.made_since(self.store, since, mail) >= MOST_OF_ONE_MAIL):
            raise RequestError("order.too-many", status=429)

    def _reference(self) -> str:
        day = datetime.fromtimestamp(self.now, UTC) + timedelta(minutes=self.offset_minutes)
        return f"{day:%y%m%d}-" + "".join(secrets.choice(_LETTERS) for _ in range(6))

    def _when(self, begin: int, end: int) -> str:
        shown = [
            format_time(each, self.offset_minutes)[:16].replace("T", " ") for each in (begin, end)
        ]
        return " 至 ".join(shown)
