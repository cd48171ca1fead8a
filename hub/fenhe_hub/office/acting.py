"""The one way in which the office does anything: as an act. Start at `Office`.

It is checked, made durable with the words that go out with it, folded into the casework, and
said in `fed` at the next publish.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fenhe_hub.casework.book import Casework, open_casework
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import FenheError
from fenhe_protocol.fed import Act, Word


@dataclass(frozen=True, slots=True)
class Deed:
    """One of several things that are done at once; `unit` is the code of the unit it concerns."""

    name: str
    subject: str
    details: Mapping[str, Any]
    unit: str | None = None


@dataclass(frozen=True)
class Office:
    """The hub's office; `clock` gives POSIX seconds."""

    hub: Hub
    clock: Callable[[], int]

    @contextmanager
    def casework(self) -> Iterator[Casework]:
        """How things stand by all acts so far."""
        with open_casework(self.hub.home) as casework:
            yield casework

    @contextmanager
    def turn(self) -> Iterator[Casework]:
        """The same while nobody else acts: what is looked up here still holds in `do`."""
        with locked(self.hub.home.path / "office.lock"), self.casework() as casework:
            yield casework

    def do(
        self,
        casework: Casework,
        who: Staff,
        permission: Permission,
        name: str,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
        *,
        unit: str | None = None,
        words: Sequence[Word] = (),
    ) -> Act:
        """Do it within a `turn`; RequestError 403. `words` go out with it, `unit` is its code."""
        deed = Deed(name, subject, details or {}, unit)
        return self.do_all(casework, who, permission, [deed], words=words)[0]

    def do_all(
        self,
        casework: Casework,
        who: Staff,
        permission: Permission,
        deeds: Iterable[Deed],
        *,
        words: Sequence[Word] = (),
    ) -> list[Act]:
        """Do several things within a `turn`: all of them are durable, or none is.

        RequestError 403; 422 `office.long` for what no line of `fed` can hold.
        """
        now = self.clock()
        acts = [_act(now, who, permission, deed) for deed in deeds]
        if said := [*words, *acts]:
            self._say(casework, said)
        return acts

    @contextmanager
    def doing(
        self,
        casework: Casework,
        who: Staff,
        permission: Permission,
        deed: Deed,
    ) -> Iterator[Act]:
        """Within a `turn`: what is done inside reaches beyond the casework, and the act is its own.

        The act is durable as begun before, and said after. Whoever is killed between leaves it
        begun: `desk.unfinished` sees whether it was done. What is refused (FenheError) was not.
        """
        act = _act(self.clock(), who, permission, deed)
        with Waiting.open(self.hub.home) as waiting:
            waiting.begin(act)
        try:
            yield act
        except FenheError:
            with Waiting.open(self.hub.home) as waiting:
                waiting.give_up(act)
            raise
        self._say(casework, [act])

    def say_begun(self, casework: Casework, act: Act) -> None:
        """Within a `turn`: say what was begun, for it was done."""
        self._say(casework, [act])

    def _say(self, casework: Casework, words: Sequence[Word]) -> None:
        with casework.taking(words), Waiting.open(self.hub.home) as waiting:
            waiting.add(words)


def _act(now: int, who: Staff, permission: Permission, deed: Deed) -> Act:
    who.check(permission, deed.unit)
    about = {"unit": deed.unit} if deed.unit else {}
    told = {**deed.details, **about}
    return Act(_number(now), now, who.account, deed.name, deed.subject, told)


def _number(now: int) -> str:
    """A number that no other act has, also where the last ones were lost."""
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
