"""All that judging needs beside a rule set, gathered once for a moment. Start at `open_court`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from fenhe_hub.below.outages import merged, outages_beneath
from fenhe_hub.hub import Hub
from fenhe_hub.index.facts import BodyReader, gather_moment, gather_units
from fenhe_hub.judging.office_facts import AddFacts, office_facts
from fenhe_hub.judging.outside_facts import outside_facts
from fenhe_hub.judging.working_days import load_calendar
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.rules.facts import Moment, Outage, UnitFacts
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.judge import judge_unit
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.workdays import Calendar


@dataclass(frozen=True)
class Court:
    """A moment, the calendar, the facts: asked for one unit or for many, by one set or several."""

    db: sqlite3.Connection
    moment: Moment
    calendar: Calendar
    read_body: BodyReader
    add_facts: AddFacts
    beneath: Mapping[int, tuple[Outage, ...]]

    def units(self, numbers: Collection[int] | None = None) -> Iterator[tuple[int, UnitFacts]]:
        """The facts of all units that are judged, or of some, with what the office added."""
        for unit_no, unit in gather_units(self.db, self.read_body, numbers):
            yield unit_no, self.add_facts(unit)

    def moment_of(self, unit_no: int) -> Moment:
        """The moment as a unit has it: with the outages of the one hub by which it comes."""
        added = self.beneath.get(unit_no, ())
        if not added:
            return self.moment
        return replace(self.moment, outages=merged([*self.moment.outages, *added]))

    def judge(self, unit_no: int, unit: UnitFacts, rules: RuleSet) -> Iterator[Finding]:
        """What a rule set says of a unit."""
        return judge_unit(unit, rules, self.moment_of(unit_no), self.calendar)


def open_court(hub: Hub, db: sqlite3.Connection, now: int) -> Court:
    """Gather what all units have in common; SetupError `workdays.*`."""
    origins = dict(db.execute("SELECT origin, unit_no FROM unit"))
    beneath = outages_beneath(hub, db, now)
    return Court(
        db,
        gather_moment(db, now),
        load_calendar(hub),
        body_reader(hub.home),
        _added(office_facts(hub.home), outside_facts(hub.home)),
        {origins[origin]: spans for origin, spans in beneath.items() if origin in origins},
    )


def _added(*ways: AddFacts) -> AddFacts:
    """All that is added to a unit's facts, one after the other."""

    def add(unit: UnitFacts) -> UnitFacts:
        for way in ways:
            unit = way(unit)
        return unit

    return add
