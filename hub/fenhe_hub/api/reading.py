"""What API, portal and console need of an opened hub to answer."""

from collections.abc import Callable
from datetime import date

from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Reading
from fenhe_hub.proving.finding import prove_finding
from fenhe_hub.rule_file import load_rules
from fenhe_protocol.encoding import date_at


def reading_of(hub: Hub, now: Callable[[], int]) -> Reading:
    """Its files, names, keys, and the rules in force today."""
    today = date.fromisoformat(date_at(now()))
    return Reading(
        home=hub.home,
        origin=hub.origin,
        url=hub.config.public_url.rstrip("/"),
        cosigners=lambda: hub.keys.document.cosigners,
        now=now,
        witnesses=[witness.verifier for witness in hub.config.witnesses],
        rules=load_rules(hub.config.rules).in_force(today),
        prove=lambda db, name: prove_finding(hub, db, name, now(), for_everyone=True),
    )
