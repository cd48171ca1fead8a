"""What the office has laid over findings, gathered from the casework and put over the table."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from fenhe_hub.casework.book import Casework, open_casework
from fenhe_hub.casework.corrections import corrections
from fenhe_hub.casework.exemptions import exemptions_in_force
from fenhe_hub.casework.objections import objections_on
from fenhe_hub.hub import Hub
from fenhe_hub.index.findings import lay_over
from fenhe_hub.index.tables import open_index
from fenhe_hub.rules.overlay import Overlays
from fenhe_protocol.encoding import date_at


def overlays_on(casework: Casework, today: date) -> Overlays:
    """All that is laid over findings today."""
    return Overlays(
        exemptions_in_force(casework.db, today),
        objections_on(casework.db),
        tuple(each.laid_over() for each in reversed(corrections(casework.db))),
    )


def overlays_of(hub: Hub, now: int) -> Overlays:
    """The same, from the casework as it is now."""
    with open_casework(hub.home) as casework:
        return overlays_on(casework, date.fromisoformat(date_at(now)))


def lay_today(hub: Hub, now: int) -> int:
    """Show every finding as the office's word of today leaves it; how many changed."""
    today = date.fromisoformat(date_at(now))
    overlays = overlays_of(hub, now)
    with closing(open_index(hub.home.index)) as db:
        return lay_over(db, overlays, today)
