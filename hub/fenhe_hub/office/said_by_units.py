"""What units' own records ask of the office, taken in by the hub itself. Start at `take_said`."""

from collections.abc import Callable
from contextlib import closing

from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.judging.overlays import lay_today
from fenhe_hub.office.acting import Office
from fenhe_hub.office.carrying import carry_over
from fenhe_hub.office.exempting import take_claims
from fenhe_hub.office.objecting import take_replies


def take_said(hub: Hub, clock: Callable[[], int]) -> int:
    """Enter new claims and objections, and tell new nodes what went out on paper; how many."""
    office = Office(hub, clock)
    with closing(open_index(hub.home.index)) as index:
        taken = len(take_claims(office, index)) + len(take_replies(office, index))
        carried = carry_over(office, index)
    if taken:
        lay_today(hub, clock())
    return taken + carried
