"""What was seen of a unit's addresses from outside, as facts for D12. Start at `outside_facts`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from fenhe_hub.home import Home
from fenhe_hub.outside.book import Address, seen_outside
from fenhe_hub.rules.addresses import addresses_in
from fenhe_hub.rules.facts import Probe, UnitFacts
from fenhe_protocol.encoding import date_at


def outside_facts(home: Home) -> Callable[[UnitFacts], UnitFacts]:
    """A function that adds to a unit's facts what was seen; reads the book once."""
    seen = seen_outside(home)

    def add(unit: UnitFacts) -> UnitFacts:
        known = seen.get(unit.uscc)
        return replace(unit, probes=tuple(_probes(unit, known))) if known else unit

    return add


def outside_digests(home: Home) -> dict[str, str]:
    """For each unit with addresses a digest that changes with what a rule knows of them."""
    return {
        uscc: hashlib.sha256(repr([*map(_told, known.values())]).encode()).hexdigest()[:16]
        for uscc, known in seen_outside(home).items()
    }


def _probes(unit: UnitFacts, known: Mapping[str, Address]) -> Iterator[Probe]:
    """One for each address of which it is known whether it answers."""
    records = (*unit.resources, unit.unit_record) if unit.unit_record else unit.resources
    for record in records:
        for field, url in addresses_in(record.kind, record.public):
            seen = known.get(url)
            if seen is not None and (seen.answered_at or seen.failing_since):
                yield Probe(record.kind, record.id, field, url, *_told(seen)[1:])


def _told(
    seen: Address,
) -> tuple[str, date | None, date | None, date | None, date | None, str]:
    """What a rule knows of it: of one that answers nothing that changes with every look."""
    if seen.failing_since is None:
        known = "" if seen.answered_at is None else "answers"
        return (f"{seen.url} {known}", None, None, None, None, "")
    return (
        seen.url,
        _day(seen.failing_since),
        _day(seen.counted_from),
        _day(seen.looked_at),
        _day(seen.answered_at),
        seen.why,
    )


def _day(posix: int | None) -> date | None:
    return None if posix is None else date.fromisoformat(date_at(posix))
