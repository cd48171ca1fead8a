"""The figures of the front page, and the age of the oldest source."""

from collections import Counter

from fenhe_hub.api.judgement_shapes import Stats
from fenhe_hub.api.operation import Asked
from fenhe_hub.index.figures import figures
from fenhe_hub.index.read import units
from fenhe_hub.index.source import Heard


def overview(asked: Asked) -> Stats:
    """Count what is public and name the enrolled unit not heard of for longest."""
    counted = figures(asked.db, asked.now)
    found = asked.all_heard()
    oldest = max(found, key=lambda each: _silence(each[1], asked.now), default=None)
    return Stats(
        units=counted.units,
        instruments=counted.records["instrument"],
        records=dict(counted.records),
        cities=dict(counted.cities.most_common()),
        classes=dict(sorted(counted.classes.items())),
        received_today=counted.received_today,
        states=dict(Counter(told.state for _, told in found)),
        oldest=asked.source(units(asked.db, oldest[:1])[oldest[0]]) if oldest else None,
    )


def _silence(told: Heard, now: int) -> tuple[bool, int]:
    # A unit that has published nothing yet has no age; it is counted under its state.
    return told.heard_at is not None, max(0, now - (told.heard_at or now))
