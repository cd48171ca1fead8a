"""What is done with complaints unasked: handlers are told, replies heeded, old words erased."""

from fenhe_hub.fed.forgetting import forget
from fenhe_hub.hub import Hub
from fenhe_hub.ingest.scour import scour
from fenhe_hub.office.acting import Office
from fenhe_hub.office.complaint_letters import tell_handlers
from fenhe_hub.office.complaint_replies import heed
from fenhe_hub.visiting.workshop import Clock


def tend_complaints(hub: Hub, clock: Clock) -> int:
    """Do all of it; how many letters, replies taken in and cases forgotten."""
    office = Office(hub, clock)
    done = heed(office)
    if forgotten := forget(office):
        scour(hub)
    return done + forgotten + tell_handlers(office)
