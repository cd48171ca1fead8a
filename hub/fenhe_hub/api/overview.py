"""The figures of the front page, and the age of the oldest source."""

from collections import Counter

from fenhe_hub.api.judgement_shapes import Stats
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.shapes import Source
from fenhe_hub.index.figures import figures
from fenhe_hub.index.read import units


def overview(asked: Asked) -> Stats:
    """Count what is public and name the enrolled unit not heard of for longest."""
    counted = figures(asked.db, asked.now)
    known = (unit for unit in units(asked.db).values() if not unit.depth)
    sources = [asked.source(unit) for unit in known if unit.state == "enrolled"]
    return Stats(
        units=counted.units,
        instruments=counted.records["instrument"],
        records=dict(counted.records),
        cities=dict(counted.cities.most_common()),
        classes=dict(sorted(counted.classes.items())),
        received_today=counted.received_today,
        states=dict(Counter(source.state for source in sources)),
        oldest=max(sources, key=_silence, default=None),
    )


def _silence(source: Source) -> tuple[bool, int]:
    # A unit that has published nothing yet has no age; it is counted under its state.
    return source.age_seconds is not None, source.age_seconds or 0
