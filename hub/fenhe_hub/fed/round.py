"""One turn at `fed`: take the lock, bring the index up to the log, say what is owed.

Start at `FedRound`. What is owed is decided in `advice`; here it is looked up and written.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from typing import Self

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.below.copies import open_mirrors
from fenhe_hub.below.first_dates import FirstDates
from fenhe_hub.below.judging import Below
from fenhe_hub.below.passing_on import (
    owed_first_receipts,
    owed_orders,
    registrations,
    standing,
)
from fenhe_hub.below.view import look
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.fed.advice import (
    Standing,
    owed_advice,
    owed_refusals,
    owed_registration,
    owed_rule,
)
from fenhe_hub.fed.index import add_pending, catch_up_fed
from fenhe_hub.fed.log import FedLog
from fenhe_hub.fed.taking_back import finish
from fenhe_hub.home import locked
from fenhe_hub.hub import FED, Hub
from fenhe_hub.index.said import last_beat, last_said, said_of, said_under
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.first_receipts import merged_order, owed_before_order, owed_to_all
from fenhe_hub.judging.kept_rules import keep_rules
from fenhe_hub.mirror.cosign import latest_note
from fenhe_hub.mirror.log import Mark, MirrorLog
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.rule_file import read_rules, rule_bytes
from fenhe_hub.targets import enrolled_roots
from fenhe_protocol.errors import SetupError, StoreError
from fenhe_protocol.fed import Advance, EraseOrder, Place, Refusal, Registration, RuleSet, Word
from fenhe_protocol.root_document import cosigner_name

_LOGGER = logging.getLogger("fenhe_hub.fed")

BEAT_SECONDS = 3600
MOST_REFUSALS = 1000  # of one log in one publish; the rest follows with the next ones


@dataclass(frozen=True, slots=True)
class Published:
    """What one publish said: the size of `fed`, and how many words of each kind; maybe nothing.

    `held_back` are the logs of which more is to be said, though not yet; `cleared` those in which
    an erasure waited for what was said now.
    """

    size: int
    words: dict[str, int]
    held_back: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()


def joined(first: Published, then: Published) -> Published:
    """What two publishes said together."""
    words = Counter(first.words) + Counter(then.words)
    return Published(then.size, dict(words), then.held_back, then.cleared)


class FedRound:
    """Holds the lock of `fed` from entering to leaving."""

    def __init__(self, hub: Hub, disk: Disk | None = None) -> None:
        self._hub, self._disk = hub, disk
        self._fed = FedLog(hub, hub.fed_files(disk), HeadStore(hub.home.heads))
        self._opened = ExitStack()
        self._held_back: set[str] = set()
        self._late: dict[str, Mark | None] = {}  # what was read of the logs that are told of

    def __enter__(self) -> Self:
        home = self._hub.home
        with ExitStack() as opened:
            opened.enter_context(locked(home.path / "fed.lock"))
            opened.enter_context(locked(home.path / "index.lock", shared=True))
            self._db = open_index(home.index)
            opened.callback(self._db.close)
            self._visits = Visits(home.visits)
            opened.callback(self._visits.close)
            self._waiting = opened.enter_context(Waiting.open(home))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def wait(self, now: int) -> int:
        """Seconds until a publish is allowed."""
        return self._fed.wait(now)

    def catch_up(self, now: int) -> None:
        """Finish what a kill left, then bring the index up to `fed` and to the registry."""
        self._fed.recover(now)
        catch_up_fed(self._db, self._fed)
        self._waiting.settle(self._db)  # before an erasure is ended, see `taking_back`
        finish(self._hub, self._db, self._fed)
        add_pending(self._db, self._hub)

    def publish(self, now: int, origins: Collection[str] | None = None) -> Published:
        """Say with one signature what is owed, of these logs or of all; it may be nothing."""
        self.catch_up(now)
        below = look(self._hub.home, self._hub.origin, self._db)
        registrations = list(self._registrations(below))
        beat = self._beat_is_due(now, early=bool(registrations))
        logs = [self._log(origin) for origin in self._origins(origins)]
        advice = [word for log in logs if (word := self._advice(log, now)) is not None]
        refusals = [word for log in logs for word in self._refusals(log.origin)]
        waiting = owed_to_all(self._db, self._hub.home)
        receipts = [word for each in waiting.values() for word in each]
        heard, ordered = self._heard_below(below, now)
        words: list[Word] = [
            *registrations,
            *receipts,
            *heard,
            *self._rules(),
            *advice,
            *refusals,
            *self._waiting.words(),
        ]
        if words or beat:
            self._fed.publish(words, beat=beat, now=now)
            catch_up_fed(self._db, self._fed)
            self._waiting.settle(self._db)
            self._settle(advice, now)
        counts = Counter(word.kind for word in words)
        counts.update(["h"] if beat else [])
        size, held_back = self._fed.head().size, frozenset(self._held_back)
        return Published(size, dict(counts), held_back, frozenset({*waiting, *ordered}))

    def order(self, orders: Sequence[EraseOrder], now: int) -> Published:
        """Say that these bodies are no longer served, and before it what must outlive them."""
        self.catch_up(now)
        words = self._ordered(orders)
        self._fed.publish(words, beat=False, now=now)
        catch_up_fed(self._db, self._fed)
        counts = Counter(word.kind for word in words)
        return Published(self._fed.head().size, dict(counts))

    def _ordered(self, orders: Iterable[EraseOrder]) -> list[Word]:
        whole = [merged_order(self._db, each) for each in orders]
        receipts = [word for each in whole for word in owed_before_order(self._db, each)]
        return [*receipts, *whole]

    def _heard_below(self, below: Below, now: int) -> tuple[list[Word], set[str]]:
        """What lower hubs order or attest and we say as well; the logs in which something goes."""
        mirrors = open_mirrors(self._hub.home, self._db, below)
        orders = list(owed_orders(self._db, below, mirrors))
        bounds = FirstDates(self._hub.home, self._db, now)
        receipts, refused = owed_first_receipts(self._db, below, mirrors, bounds)
        # One line for each hub, however much it says: `status` lists it.
        counts = Counter(each.hub for each in refused)
        for each in {each.hub: each for each in refused}.values():
            said = (counts[each.hub], each.hub, each.code, each.found, each.origin)
            _LOGGER.warning("%d words of %s: %s, as %s of %s", *said)
        words = [*receipts, *self._ordered(orders)]
        return words, {each.place.origin for each in orders}

    def _beat_is_due(self, now: int, *, early: bool) -> bool:
        last = last_beat(self._db)
        if last is None:
            return True
        # A clock that was set back waits: times in `fed` do not step back (feed §10).
        return now - last >= BEAT_SECONDS or (early and now >= last)

    def _registrations(self, below: Below) -> Iterator[Registration]:
        """The `reg` that are due: those of the registry first, in its order (`add_pending`)."""
        own = enrolled_roots(self._hub.home)
        present = (standing(unit, root.url, below) for unit, root in own)
        known = {unit.origin for unit in Registry(self._hub.home.registry_file)}
        for word in chain(present, registrations(self._hub.home, below, known)):
            said = said_of(self._db, "reg", word.origin)
            if owed_registration(word, said) is not None:
                if said and said["state"] != word.state == "enrolled":
                    self._announce_again(word.origin)
                yield word

    def _announce_again(self, unit: str) -> None:
        """Readers dropped all of it: the next `adv` of each log begins at its first leaf."""
        logs = self._db.execute(
            "SELECT l.origin FROM log l JOIN unit u USING(unit_no) WHERE u.origin = ? AND l.size",
            [unit],
        )
        for (origin,) in logs.fetchall():
            self._log(origin).add_late(0)

    def _rules(self) -> Iterator[RuleSet]:
        try:
            raw = rule_bytes(self._hub.rules_file)
            rules = read_rules(raw, self._hub.rules_file)
        except SetupError as error:  # `check` tells the operator; receipts do not wait for it
            _LOGGER.error("%s", error)
            return
        # Of the last one said, of whatever name: a set that comes back is said again.
        if word := owed_rule(rules.name, rules.sha256, last_said(self._db, "rule")):
            keep_rules(self._hub.home, raw)
            yield word

    def _origins(self, origins: Collection[str] | None) -> list[str]:
        known = [row[0] for row in self._db.execute("SELECT origin FROM log ORDER BY log_no")]
        return known if origins is None else [each for each in known if each in origins]

    def _log(self, origin: str) -> MirrorLog:
        return MirrorLog(self._hub.home, origin, self._disk)

    def _advice(self, log: MirrorLog, now: int) -> Advance | None:
        """The `adv` that is due; a log whose files are damaged holds up nobody else's."""
        if log.name.startswith(FED):
            return None  # what a lower hub says is said here in our own words
        try:
            return self._owed_advice(log, now)
        except StoreError as error:
            _LOGGER.error("%s: %s", log.origin, error)
            return None

    def _owed_advice(self, log: MirrorLog, now: int) -> Advance | None:
        head, note = log.head(), log.verified()
        if head is None or note is None:
            return None
        kept = latest_note(log.notes)
        if kept is not None and kept.size == head.size:
            note = kept.file.read_bytes()
        self._late[log.origin] = log.late_mark()
        standing = Standing(log.origin, head.size, note, log.late())
        said = said_of(self._db, "adv", log.origin)
        word = owed_advice(standing, said, cosigner_name(self._hub.origin))
        if word is not None and self._is_too_soon(log.origin, now):
            self._held_back.add(log.origin)
            return None
        return word

    def _is_too_soon(self, origin: str, now: int) -> bool:
        advised_at = self._visits.get(origin).advised_at
        return 0 <= now - advised_at < self._hub.config.advise_seconds

    def _refusals(self, origin: str) -> list[Refusal]:
        rows = self._db.execute(
            "SELECT s.idx, s.tier, s.code FROM skip s JOIN log l USING(log_no)"
            " WHERE l.origin = ? ORDER BY s.idx, s.tier",
            [origin],
        )
        present = [Refusal(Place(origin, index, tier), code) for index, tier, code in rows]
        words = said_under(self._db, "rej", f"{origin}#")
        said = {Place.parse(id_): str(body["code"]) for id_, body in words}
        erased = {place for place in said if self._is_erased(place)}
        owed = list(islice(owed_refusals(present, said, erased), MOST_REFUSALS + 1))
        if len(owed) > MOST_REFUSALS:
            self._held_back.add(origin)
        return owed[:MOST_REFUSALS]

    def _is_erased(self, place: Place) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM erased e JOIN log l USING(log_no)"
            " WHERE l.origin = ? AND e.tier = ? AND e.start <= ? AND ? < e.stop",
            [place.origin, place.tier, place.index, place.index],
        ).fetchone()
        return found is not None

    def _settle(self, advice: list[Advance], now: int) -> None:
        """What was said need not be said again, nor too soon."""
        for word in advice:
            self._log(word.origin).clear_late(self._late.get(word.origin))
            self._visits.advised(word.origin, now)
