"""What API, portal and console need of an opened hub to answer."""

from collections.abc import Callable
from datetime import date

from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Reading
from fenhe_hub.proving.finding import prove_finding
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.ruleset import Rule
from fenhe_protocol.encoding import date_at


def reading_of(hub: Hub, now: Callable[[], int]) -> Reading:
    """Its files, names, keys, and the rules in force whenever they are asked for."""
    return Reading(
        home=hub.home,
        origin=hub.origin,
        url=hub.config.public_url.rstrip("/"),
        cosigners=lambda: hub.keys.document.cosigners,
        now=now,
        witnesses=[witness.verifier for witness in hub.config.witnesses],
        rules_now=lambda: _rules(hub, now()),
        prove=lambda db, name: prove_finding(hub, db, name, now(), for_everyone=True),
    )


def _rules(hub: Hub, now: int) -> tuple[Rule, ...]:
    return load_rules(hub.rules_file).in_force(date.fromisoformat(date_at(now)))
